//! Subjects: what has a history of its own, a stream. One line of the table for each kind.

use super::{
    correction::standing,
    event::Recorded,
    terms::{ExperimentId, Position},
};

/// Hands the table of subjects to a macro. Each line: the name, its identity, its key, its events,
/// how a command addresses it, its commands (where they are but the event to record, that one), its
/// state, the name its states go by in a [`World`](super::world::World), and the prefix of its
/// streams.
macro_rules! subjects {
    ($then:ident) => {
        $then! {
            /// An experiment.
            Experiment(ExperimentId, ExperimentKey, ExperimentEvent)
                <- (ExperimentId, ExperimentCommand) = Experiment in experiments, "experiment";
            /// A host venue.
            Venue(VenueId, VenueKey, VenueEvent)
                <- (VenueId, VenueCommand) = Venue in venues, "venue";
            /// A permanence.
            Permanence(PermanenceId, PermanenceKey, PermanenceEvent)
                <- (PermanenceId, PermanenceCommand) = Permanence in permanences, "permanence";
            /// An adviser.
            Adviser(AdviserId, AdviserKey, AdviserEvent)
                <- (AdviserId, AdviserCommand) = Adviser in advisers, "adviser";
            /// A session.
            Session(SessionId, SessionKey, SessionEvent)
                <- (SessionRef, SessionEvent) = Session in sessions, "session";
            /// An operator.
            Operator(OperatorId, OperatorKey, OperatorEvent)
                <- (OperatorId, OperatorEvent) = Operator in operators, "operator";
            /// A funding agreement.
            Agreement(AgreementId, AgreementKey, AgreementEvent)
                <- (AgreementId, AgreementEvent) = Agreement in agreements, "agreement";
            /// A cost.
            Cost(CostId, CostKey, CostEvent)
                <- (CostKey, CostEvent) = Cost in costs, "cost";
            /// An import of a file.
            Import(ImportId, ImportKey, ImportEvent)
                <- (ImportId, ImportEvent) = Import in imports, "import";
            /// A labelled site.
            Site(SiteId, SiteKey, SiteEvent)
                <- (SiteId, SiteEvent) = Site in sites, "site";
            /// A published report.
            Report(ReportId, ReportKey, ReportEvent)
                <- (ReportId, ReportEvent) = Report in reports, "report";
            /// A service token.
            Token(TokenId, TokenKey, TokenEvent)
                <- (TokenId, TokenEvent) = Token in tokens, "token";
            /// A holder of grants.
            Holder(HolderId, HolderKey, HolderEvent)
                <- (HolderId, HolderEvent) = Holder in holders, "holder";
        }
    };
}

pub(super) use subjects;

/// What names a subject in its events, beside what it belongs to.
pub trait Key: Copy {
    /// Its identity.
    type Id;
    /// The subject itself.
    fn id(self) -> Self::Id;
    /// The experiment it belongs to, if it belongs to one.
    fn experiment(self) -> Option<ExperimentId>;
}

/// A state: what the standing entries of one subject add up to.
pub trait Subject: Default {
    /// Folds an event of its stream.
    fn apply(&mut self, recorded: &Recorded);

    /// Notes the version of its stream and the position of its last event, where those are not
    /// the ones of the last event folded: an entry that takes the place of an earlier one is folded
    /// in that place.
    fn stamp(&mut self, version: u64, position: Position);

    /// Notes what must not be forgotten although it no longer stands. `journal` holds all events of
    /// the stream.
    fn recall(&mut self, journal: &[Recorded]);

    /// The state that the events of a stream add up to, corrections and all.
    #[must_use]
    fn of(journal: &[Recorded]) -> Self {
        let mut state = Self::default();
        for recorded in standing(journal) {
            state.apply(&recorded);
        }
        state.recall(journal);
        if let Some(last) = journal.last() {
            state.stamp(last.version, last.position);
        }
        state
    }
}

/// What a state keeps of entries that no longer stand: nothing, unless it says otherwise.
pub trait Recall {
    /// See [`Subject::recall`].
    fn recall(&mut self, _journal: &[Recorded]) {}
}

impl Recall for super::venue::Venue {}
impl Recall for super::permanence::Permanence {}
impl Recall for super::session::Session {}
impl Recall for super::operator::Operator {}
impl Recall for super::agreement::Agreement {}
impl Recall for super::cost::Cost {}
impl Recall for super::import::Import {}
impl Recall for super::site::Site {}
impl Recall for super::report::Report {}
