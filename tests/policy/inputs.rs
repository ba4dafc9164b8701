//! One input for each mutation, in the words and with the ids of an organisation.

use carnet::{
    access::policy::Capability::{
        self, Administer, Decide, Evidence, Fund, Publish, Record, Retract,
    },
    domain::{access::holder::Who, event::StreamId, terms::HolderId},
};
use serde_json::{Value, json};

use crate::world::{ALPHA, Org};

/// A mutation: what it takes, whether the world lived through it, and its input.
pub(crate) struct Step {
    pub(crate) intent: &'static str,
    pub(crate) by: Capability,
    pub(crate) lived: bool,
    pub(crate) input: fn(Org) -> Value,
}

const fn lived(intent: &'static str, by: Capability, input: fn(Org) -> Value) -> Step {
    let lived = true;
    Step {
        intent,
        by,
        lived,
        input,
    }
}

const fn apart(intent: &'static str, by: Capability, input: fn(Org) -> Value) -> Step {
    let lived = false;
    Step {
        intent,
        by,
        lived,
        input,
    }
}

const SITE: &str = "site-dddddddd-0000-7000-8000-000000000001";

/// What the programme itself has: a labelled site, an operator.
pub(crate) fn of_programme() -> Vec<(&'static str, Value)> {
    vec![
        (
            "labelSite",
            json!({ "siteId": SITE, "from": "2020-01-01", "name": "Espace du canton",
            "commune": "95658", "format": "FIXED" }),
        ),
        (
            "recordOperatorJoined",
            json!({ "code": "la-poste", "from": "2020-01-01",
            "name": "La Poste" }),
        ),
    ]
}

fn words(org: Org) -> String {
    format!("{} en quelques mots", org.word)
}

fn source(org: Org) -> Value {
    json!({ "label": format!("{} registre", org.word) })
}

/// ALPHA begins a day earlier, so that a period of all tells of it.
fn starts(org: Org) -> &'static str {
    if org == ALPHA {
        "2021-04-26"
    } else {
        "2021-04-27"
    }
}

fn evidence(org: Org) -> Value {
    json!({ "position": "3", "reasons": words(org),
        "figures": [{ "indicator": "rendez-vous", "value": "79", "unit": "rendez-vous" }] })
}

const ISSUER: &str = "https://connexion.exemple.fr";

fn account(org: Org) -> Value {
    json!({ "issuer": ISSUER, "subject": words(org) })
}

/// The id of whom something was granted to.
pub(crate) fn holder(org: Org) -> String {
    let hash = carnet::identity::account(ISSUER, &words(org));
    let id = HolderId::of(&Who::Account(hash));
    StreamId::Holder(id).to_string()
}

/// One of each mutation, in an order in which they can be lived through.
#[rustfmt::skip]
pub(crate) const LIFE: &[Step] = &[
    lived("launchExperiment", Record, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "title": format!("{} essai", org.word),
        "startsOn": starts(org), "plannedEnd": "2021-07-27", "model": "WEEKLY_PERMANENCES",
        "modelDetail": words(org), "carrier": org.name(),
        "hub": { "name": format!("{} bureau", org.word), "commune": "95658" },
        "zone": ["95177", "95287", "95658"],
        "operators": [{ "code": "la-poste", "name": "La Poste" }] })),
    lived("designateHub", Record, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "siteId": SITE, "from": "2021-04-27" })),
    lived("agreeVenue", Record, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "venueId": org.id("venue"), "from": "2021-04-27",
        "name": format!("{} mairie", org.word), "kind": "TOWN_HALL", "commune": "95287" })),
    lived("schedulePermanence", Record, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "permanenceId": org.id("permanence"),
        "venueId": org.id("venue"), "from": "2021-04-27", "hours": "Tu 09:00-12:00",
        "appointment": "UNKNOWN", "heldBy": { "role": "DESK_OFFICER", "count": 2 } })),
    lived("registerAdviser", Record, |org| json!({ "source": source(org),
        "adviserId": org.id("adviser"), "from": "2021-04-27",
        "name": format!("Camille {}", org.word), "role": "DESK_OFFICER" })),
    lived("assignAdviser", Record, |org| json!({ "source": source(org),
        "adviserId": org.id("adviser"), "experimentId": org.id("experiment"),
        "permanenceId": org.id("permanence"), "from": "2021-04-27" })),
    lived("recordAdviserAbsence", Record, |org| json!({ "source": source(org),
        "adviserId": org.id("adviser"), "from": "2021-05-17", "until": "2021-05-18" })),
    lived("holdSession", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-04", "starts": "09:00",
        "ends": "12:00", "adviserCount": 1, "adviserIds": [org.id("adviser")] })),
    lived("bookAppointment", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-04",
        "appointmentId": org.uuid(), "at": "09:30" })),
    lived("recordAppointmentOutcome", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-04",
        "appointmentId": org.uuid(), "outcome": "SEEN" })),
    lived("recordAccompaniment", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-04",
        "accompanimentId": org.uuid(), "firstVisit": "YES", "pseudonym": "u1",
        "requests": [{ "level": "ACCOMPANIMENT", "outcome": "RESOLVED", "operator": "la-poste" }] })),
    lived("recordTurnedAway", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-04", "users": 2, "cause": "FULL" })),
    lived("offerFeedback", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-04", "feedbackId": org.uuid() })),
    lived("recordFeedback", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-04", "feedbackId": org.uuid(),
        "satisfaction": 4, "resolved": "YES", "otherwise": "GIVEN_UP" })),
    lived("cancelSession", Record, |org| json!({ "source": source(org),
        "permanenceId": org.id("permanence"), "date": "2021-05-11", "cause": "OTHER",
        "words": words(org) })),
    lived("recordStatement", Evidence, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "statedOn": "2021-05-06", "topic": "OTHER",
        "words": words(org) })),
    lived("assertExperimentEnd", Evidence, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "assertedOn": "2021-05-06", "end": "2021-12-31",
        "words": words(org) })),
    lived("assertCount", Evidence, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "from": "2021-04-27", "until": "2021-05-06",
        "unit": "APPOINTMENT", "count": 79, "qualifier": "EXACTLY", "words": words(org) })),
    lived("designateComparisonZone", Evidence, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "designatedOn": "2021-05-06", "zone": ["95678"],
        "reasons": words(org) })),
    lived("measureBaseline", Evidence, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "measuredOn": "2021-05-06", "place": "HUB",
        "unit": words(org), "counts": [{ "monday": "2021-04-05", "count": 12 }] })),
    lived("fixSuccessCriteria", Evidence, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "fixedOn": "2021-05-06",
        "title": format!("{} essai", org.word), "hypothesis": words(org),
        "criteria": [{ "indicator": "attendance", "comparison": "AT_LEAST", "threshold": "1",
            "minimumN": 1 }] })),
    lived("signFundingAgreement", Fund, |org| json!({ "source": source(org),
        "agreementId": org.id("agreement"), "title": format!("{} convention", org.word),
        "funder": format!("{} payeur", org.word), "beneficiary": org.name(),
        "amount": org.cents.to_string(), "signedOn": "2021-04-01",
        "experimentIds": [org.id("experiment")] })),
    lived("recordPayment", Fund, |org| json!({ "source": source(org),
        "agreementId": org.id("agreement"), "amount": org.cents.to_string(),
        "paidOn": "2021-05-01", "paymentId": org.uuid() })),
    lived("recordCost", Record, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "costId": org.id("cost"), "from": "2021-05-01", "until": "2021-05-31",
        "amount": org.cents.to_string(), "category": "STAFF", "nature": "ACTUAL",
        "origin": "MARGINAL", "agreementId": org.id("agreement"), "words": words(org) })),
    lived("extendExperiment", Decide, |org| json!({ "source": source(org),
        "experimentId": org.id("experiment"), "decidedOn": "2021-06-01", "newEnd": "2021-12-31",
        "grounds": ["EARLY_FEEDBACK"], "evidence": evidence(org) })),
    lived("publishReport", Publish, |org| json!({ "source": source(org),
        "reportId": org.id("report"), "experimentId": org.id("experiment"),
        "title": format!("{} rapport", org.word), "audience": "EVALUATOR", "knownAt": "3",
        "validAt": "2021-07-01" })),
    lived("issueToken", Administer, |org| json!({ "source": source(org), "commandId": org.uuid(),
        "on": "2021-05-06", "name": format!("{} jeton", org.word),
        "grants": [{ "role": "CARRIER", "organisation": org.name() }] })),
    lived("grantRole", Administer, |org| json!({ "source": source(org), "on": "2021-05-06",
        "holder": { "account": account(org) },
        "grant": { "role": "EVALUATOR", "experimentId": org.id("experiment") } })),
    apart("revokeToken", Administer, |org| json!({ "tokenId": org.id("token"), "on": "2021-06-30",
        "reason": words(org) })),
    apart("revokeRole", Administer, |org| json!({ "on": "2021-06-30",
        "holder": { "account": account(org) },
        "grant": { "role": "EVALUATOR", "experimentId": org.id("experiment") } })),
    apart("renameAdviser", Record, |org| json!({ "adviserId": org.id("adviser"),
        "from": "2021-06-01", "name": "Dominique" })),
    apart("endAdviserAssignment", Record, |org| json!({ "adviserId": org.id("adviser"),
        "experimentId": org.id("experiment"), "permanenceId": org.id("permanence"),
        "from": "2021-06-20" })),
    apart("declineFeedback", Record, |org| json!({ "permanenceId": org.id("permanence"),
        "date": "2021-05-04", "feedbackId": org.uuid() })),
    apart("reschedulePermanence", Record, |org| json!({ "permanenceId": org.id("permanence"),
        "from": "2021-06-01", "hours": "Tu 10:00-12:00" })),
    apart("suspendPermanence", Record, |org| json!({ "permanenceId": org.id("permanence"),
        "from": "2021-06-01", "reason": words(org) })),
    apart("resumePermanence", Record, |org| json!({ "permanenceId": org.id("permanence"),
        "from": "2021-06-08" })),
    apart("closePermanence", Record, |org| json!({ "permanenceId": org.id("permanence"),
        "from": "2021-12-01", "reason": words(org) })),
    apart("suspendExperiment", Record, |org| json!({ "experimentId": org.id("experiment"),
        "from": "2021-06-01", "reason": words(org) })),
    apart("resumeExperiment", Record, |org| json!({ "experimentId": org.id("experiment"),
        "from": "2021-06-08" })),
    apart("closeHubForWorks", Record, |org| json!({ "experimentId": org.id("experiment"),
        "from": "2021-06-01", "reason": words(org) })),
    apart("reopenHub", Record, |org| json!({ "experimentId": org.id("experiment"),
        "from": "2021-06-08" })),
    apart("withdrawVenue", Record, |org| json!({ "venueId": org.id("venue"),
        "from": "2022-06-01", "reason": words(org) })),
    apart("refuseExtension", Decide, |org| json!({ "experimentId": org.id("experiment"),
        "decidedOn": "2021-06-02", "grounds": ["EARLY_FEEDBACK"], "evidence": evidence(org) })),
    apart("makeExperimentPermanent", Decide, |org| json!({ "experimentId": org.id("experiment"),
        "from": "2021-12-01", "evidence": evidence(org) })),
    apart("closeExperiment", Decide, |org| json!({ "experimentId": org.id("experiment"),
        "from": "2021-12-31", "reason": words(org) })),
    apart("erasePerson", Administer, |org| json!({ "personId": org.id("adviser"),
        "on": "2021-06-30", "reason": "Demande" })),
    apart("labelSite", Administer, |org| json!({ "siteId": org.id("site"), "from": "2021-01-01",
        "name": "Espace", "commune": "95658", "format": "FIXED" })),
    apart("declareSiteHours", Administer, |_| json!({ "siteId": SITE, "from": "2021-01-01",
        "verbatim": "le matin" })),
    apart("declareSiteStaff", Administer, |_| json!({ "siteId": SITE, "from": "2021-01-01",
        "people": 2 })),
    apart("suspendLabel", Administer, |_| json!({ "siteId": SITE, "from": "2021-06-01",
        "reason": "Travaux" })),
    apart("resumeLabel", Administer, |_| json!({ "siteId": SITE, "from": "2021-06-08" })),
    apart("withdrawLabel", Administer, |_| json!({ "siteId": SITE, "from": "2021-06-20",
        "reason": "Fermeture" })),
    apart("recordOperatorJoined", Administer, |_| json!({ "code": "caf", "from": "2021-01-01",
        "name": "CAF" })),
    apart("renameOperator", Administer, |_| json!({ "code": "la-poste", "from": "2021-06-01",
        "name": "La Poste Groupe" })),
    apart("recordOperatorLeft", Administer, |_| json!({ "code": "la-poste", "from": "2021-06-20" })),
    apart("retractEntry", Retract, |_| json!({ "entry": "999999", "on": "2021-06-30",
        "reason": "Erreur" })),
];
