//! What each field of the API asks for, type by type.
//!
//! A field that no row names is refused to all but an administrator, and a test refuses the row that
//! is missing. What is open to strangers is named field by field ([`each`]), and so are the roots:
//! nothing new is ever open because what stands beside it is. Of other types a row tells what all
//! fields ask for ([`all`]), and those of them that ask for something else.

use super::policy::Capability::{
    self, Administer, Decide, Evidence, Fund, Journal, Money, Open, Publish, Read, Record, Retract,
};

/// What the fields of a type ask for.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The type, or, after a star, what the names of several end in.
    pub of: &'static str,
    /// What a field asks for that is not named.
    pub all: Option<Capability>,
    /// What the named ones ask for, by name; several in one text, parted by blanks.
    pub but: &'static [(Capability, &'static str)],
}

/// Every field of a type, named.
const fn each(of: &'static str, but: &'static [(Capability, &'static str)]) -> Row {
    Row { of, all: None, but }
}

/// The fields of a type, but some.
const fn all(all: Capability, of: &'static str, but: &'static [(Capability, &'static str)]) -> Row {
    let all = Some(all);
    Row { of, all, but }
}

/// What is sealed: it is opened for those who have [`Capability::Personal`] over one of the
/// experiments of that person, and is null for all others, as it is of who was erased.
pub const SEALED: &[(&str, &str)] = &[("Adviser", "name")];

/// What asks the schema about itself: for whoever has any grant at all.
pub const INTROSPECTION: (Capability, &str) = (Read, "__schema __type");

/// The table.
#[rustfmt::skip]
pub const FIELDS: &[Row] = &[
    each("Query", &[
        (Open, "asOf position validAt node nodes viewer rateLimit"),
        (Open, "logHead inclusionProof consistencyProof"),
        (Open, "indicatorDefinitions labelledSite labelledSites operator operators report reports"),
        (Read, "experiment experiments activity indicators compareIndicators recordedAt explainCost"),
        (Money, "cost fundingAgreement fundingAgreements"),
        (Journal, "adviser session importBatch importBatches events diff"),
        (Administer, "tokens grants"),
    ]),
    each("Subscription", &[
        (Journal, "events"),
        (Read, "experimentChanged permanencesToday indicators programmeSummary"),
    ]),
    each("Mutation", &[
        (Record, "launchExperiment suspendExperiment resumeExperiment closeHubForWorks reopenHub designateHub"),
        (Record, "agreeVenue withdrawVenue"),
        (Record, "schedulePermanence reschedulePermanence suspendPermanence resumePermanence closePermanence"),
        (Record, "registerAdviser renameAdviser assignAdviser endAdviserAssignment recordAdviserAbsence"),
        (Record, "holdSession cancelSession bookAppointment recordAppointmentOutcome recordAccompaniment"),
        (Record, "recordTurnedAway offerFeedback recordFeedback declineFeedback recordCost"),
        (Evidence, "fixSuccessCriteria assertExperimentEnd recordStatement assertCount"),
        (Evidence, "designateComparisonZone measureBaseline"),
        (Decide, "extendExperiment refuseExtension makeExperimentPermanent closeExperiment"),
        (Fund, "signFundingAgreement recordPayment"),
        (Retract, "retractEntry"),
        (Publish, "publishReport"),
        (Administer, "erasePerson"),
        (Administer, "issueToken revokeToken grantRole revokeRole"),
        (Administer, "recordOperatorJoined renameOperator recordOperatorLeft"),
        (Administer, "labelSite declareSiteHours declareSiteStaff suspendLabel resumeLabel withdrawLabel"),
    ]),
    // What a mutation answers: whoever may carry it out may read it, but for what lies below.
    all(Open, "*Payload", &[]),
    each("UserError", &[(Open, "code field message")]),

    // Open data.
    each("Node", &[(Open, "id")]),
    each("Report", &[
        (Open, "id version title period audience knownAt validAt model departement definitions"),
        (Open, "hash bytes content publishedAt provenance replaces replacedBy figureChanges downloads"),
        (Read, "experiment publishedBy"),
        (Journal, "changes history"),
    ]),
    each("ReportConnection", &[(Open, "edges nodes pageInfo position")]),
    each("ReportEdge", &[(Open, "cursor node")]),
    each("ReportDefinition", &[(Open, "code version")]),
    each("ReportDownload", &[(Open, "name path")]),
    each("ReportFigureChange", &[(Open, "code group before after nBefore nAfter")]),
    each("LabelledSite", &[
        (Open, "id version name commune format address code labelStatus labels suspensions withdrawals"),
        (Open, "hours declaredHours staff declaredStaff openings labelFloor"),
        (Journal, "history"),
    ]),
    each("LabelledSiteConnection", &[(Open, "edges nodes pageInfo position")]),
    each("LabelledSiteEdge", &[(Open, "cursor node")]),
    each("LabelFloor", &[(Open, "on verdict daysAWeek minutesAWeek people hours staff")]),
    each("SiteHours", &[(Open, "verbatim hours provenance")]),
    each("SiteLabel", &[(Open, "from until name commune format address code provenance")]),
    each("SiteOpening", &[(Open, "startsAt endsAt")]),
    each("SiteStaff", &[(Open, "people provenance")]),
    each("Operator", &[
        (Open, "id version code name names memberships departures isMember"),
        (Journal, "history"),
    ]),
    each("OperatorName", &[(Open, "name from provenance")]),
    each("OperatorMembership", &[(Open, "from until provenance")]),
    each("OperatorDeparture", &[(Open, "from reason provenance")]),
    each("IndicatorDefinition", &[(Open, "number code version name nameEn text textEn source")]),
    each("LogHead", &[(Open, "format logId position hash root")]),
    each("InclusionProof", &[(Open, "format logId event leafIndex treeSize recordHash root path")]),
    each("ConsistencyProof", &[(Open, "format logId from fromRoot to toRoot path")]),

    // Who may do what. Everybody may know who one is.
    each("RateLimit", &[(Open, "limit remaining resetsAt")]),
    all(Read, "OperationCost", &[]),
    all(Read, "FieldCost", &[]),
    each("Viewer", &[(Open, "actor grants expires")]),
    each("Grant", &[(Open, "role organisation experimentId")]),
    all(Administer, "ServiceToken", &[]),
    all(Administer, "ServiceTokenConnection", &[]),
    all(Administer, "ServiceTokenEdge", &[]),
    all(Administer, "IssuedToken", &[]),
    all(Administer, "GrantHolder", &[]),
    all(Administer, "GrantHolderConnection", &[]),
    all(Administer, "GrantHolderEdge", &[]),
    all(Administer, "HeldGrant", &[]),

    // What other types are made of.
    each("PageInfo", &[(Open, "hasPreviousPage hasNextPage startCursor endCursor")]),
    each("Provenance", &[(Open, "position recordedAt source synthetic valid")]),
    each("Source", &[(Open, "label dated url")]),
    each("ValidPeriod", &[(Open, "from until certainty")]),
    each("Period", &[(Open, "from until")]),
    each("Commune", &[(Open, "code name departement population")]),
    each("Departement", &[(Open, "code name")]),
    each("Interruption", &[(Open, "from until reason provenance")]),
    each("Closure", &[(Open, "lastDay reason provenance"), (Read, "evidence")]),

    // Experiments, where and when they are held, their figures and decisions.
    all(Read, "Experiment", &[
        (Money, "costs costSummary"),
        (Journal, "advisers sessions history diff"),
    ]),
    all(Read, "ExperimentConnection", &[]),
    all(Read, "ExperimentEdge", &[]),
    all(Read, "ExperimentChange", &[(Journal, "cause")]),
    all(Read, "PermanencesOfDay", &[(Journal, "cause")]),
    all(Read, "IndicatorsChange", &[(Journal, "cause")]),
    all(Read, "ProgrammeSummary", &[(Journal, "cause")]),
    all(Read, "Hub", &[]),
    all(Read, "HubSite", &[]),
    all(Read, "LaunchOperator", &[]),
    all(Read, "HostVenue", &[]),
    all(Read, "Permanence", &[(Journal, "session sessions")]),
    all(Read, "PermanenceTerms", &[]),
    all(Read, "HeldBy", &[]),
    all(Read, "Calendar", &[]),
    all(Read, "Occurrence", &[]),
    all(Read, "TakenOutOccurrence", &[]),
    all(Read, "AssertedEnd", &[]),
    all(Read, "AssertedCount", &[]),
    all(Read, "Statement", &[]),
    all(Read, "SuccessCriteria", &[]),
    all(Read, "Criterion", &[]),
    all(Read, "Baseline", &[]),
    all(Read, "WeekCount", &[]),
    all(Read, "ComparisonZone", &[]),
    all(Read, "Extension", &[]),
    all(Read, "ExtensionRefusal", &[]),
    all(Read, "MadePermanent", &[]),
    all(Read, "Evidence", &[]),
    all(Read, "Figure", &[]),
    all(Read, "Decision", &[]),
    all(Read, "DecisionBasis", &[]),
    all(Read, "DecisionCriterion", &[]),
    all(Read, "CriterionAssessment", &[]),
    all(Read, "FigureThenAndNow", &[]),
    all(Read, "Activity", &[]),
    all(Read, "OperatorRequests", &[]),
    all(Read, "OutcomeAppointments", &[]),
    all(Read, "IndicatorReport", &[]),
    all(Read, "IndicatorGroup", &[]),
    all(Read, "IndicatorFigure", &[(Journal, "evidence")]),
    all(Read, "IndicatorInterval", &[]),
    all(Read, "IndicatorComparison", &[]),
    all(Read, "ComparedFigure", &[]),

    // Money.
    all(Money, "FundingAgreement", &[(Journal, "history")]),
    all(Money, "FundingAgreementConnection", &[]),
    all(Money, "FundingAgreementEdge", &[]),
    all(Money, "Payment", &[]),
    all(Money, "Cost", &[(Journal, "history")]),
    all(Money, "CostConnection", &[]),
    all(Money, "CostEdge", &[]),
    all(Money, "CostSummary", &[]),
    all(Money, "CostAccount", &[]),
    all(Money, "CategoryCosts", &[]),
    all(Money, "CostSum", &[]),
    all(Money, "CostShare", &[]),

    // What was recorded, entry by entry.
    all(Journal, "Event", &[]),
    all(Journal, "EventConnection", &[]),
    all(Journal, "EventEdge", &[]),
    all(Journal, "Diff", &[]),
    all(Journal, "Change", &[]),
    all(Journal, "ChangeConnection", &[]),
    all(Journal, "ChangeEdge", &[]),
    all(Journal, "FieldChange", &[]),
    all(Journal, "Adviser", &[]),
    all(Journal, "AdviserAssignment", &[]),
    all(Journal, "AdviserAbsence", &[]),
    all(Journal, "Erasure", &[]),
    all(Journal, "Session", &[]),
    all(Journal, "SessionConnection", &[]),
    all(Journal, "SessionEdge", &[]),
    all(Journal, "SessionHolding", &[]),
    all(Journal, "SessionCancellation", &[]),
    all(Journal, "Appointment", &[]),
    all(Journal, "Accompaniment", &[]),
    all(Journal, "ServiceRequest", &[]),
    all(Journal, "TurningAway", &[]),
    all(Journal, "Feedback", &[]),
    all(Journal, "FeedbackReceived", &[]),
    all(Journal, "ImportBatch", &[]),
    all(Journal, "ImportBatchConnection", &[]),
    all(Journal, "ImportBatchEdge", &[]),
    all(Journal, "ImportReject", &[]),
];

impl Row {
    /// Whether it tells of a type.
    #[must_use]
    pub fn tells_of(&self, name: &str) -> bool {
        match self.of.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => name == self.of,
        }
    }

    /// The fields it names, each with what it asks for.
    pub fn named(&self) -> impl Iterator<Item = (Capability, &'static str)> {
        let but = self.but.iter();
        but.flat_map(|(capability, names)| names.split(' ').map(|name| (*capability, name)))
    }
}

/// What a field asks for; nothing where no row says.
#[must_use]
pub fn asked_for(of: &str, field: &str) -> Option<Capability> {
    let row = FIELDS.iter().find(|row| row.tells_of(of))?;
    let mut named = row.named();
    let named = named.find(|(_, name)| *name == field);
    named.map(|(capability, _)| capability).or(row.all)
}
