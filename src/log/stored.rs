//! Facts as they are stored: the tag of each kind of event, and its JSON.
//!
//! A tag is apart from the Rust name it stands for, and versioned: `permanence-scheduled/1`. A
//! tag once released stays readable for ever: when a payload's shape changes, the new shape takes
//! the next version, and the old one is turned into it here, on reading.

use serde::{Deserialize, Serialize};

use super::{LogError, NewRecord, record::Record};
use crate::domain::{
    access::{holder::HolderEvent, token::TokenEvent},
    adviser::AdviserEvent,
    agreement::AgreementEvent,
    cost::CostEvent,
    event::{Correction, Event, Fact, Recorded, Saying, Source},
    experiment::ExperimentEvent,
    import::ImportEvent,
    operator::OperatorEvent,
    permanence::PermanenceEvent,
    report::ReportEvent,
    session::SessionEvent,
    site::SiteEvent,
    terms::{EventId, Label, Validity, Words},
    venue::VenueEvent,
};

/// The circumstances of a fact, as stored.
#[derive(Debug, Serialize, Deserialize)]
struct Meta {
    valid: Validity,
    actor: Label,
    source: Source,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    synthetic: bool,
    /// Why it corrects what the record says that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<Words>,
}

/// A payload: the subject's key, and what happened to it.
#[derive(Serialize, Deserialize)]
struct Payload<K, C> {
    #[serde(flatten)]
    key: K,
    what: C,
}

/// The tag of a retraction, whatever subject it is of.
const RETRACTED: &str = "entry-retracted/1";

macro_rules! stored_events {
    ($($group:ident($enum:ident) { $($variant:ident => $tag:literal,)+ })+) => {
        /// Every tag that is written today.
        pub const TAGS: &[&str] = &[$($($tag,)+)+ RETRACTED];

        /// The tag an event is stored under.
        #[must_use]
        pub const fn tag(event: &Event) -> &'static str {
            match event {
                $($(Event::$group(_, $enum::$variant(_)) => $tag,)+)+
                Event::Retracted(_) => RETRACTED,
            }
        }

        fn encode_event(event: &Event) -> serde_json::Result<Vec<u8>> {
            match event {
                $($(Event::$group(key, $enum::$variant(what)) => {
                    serde_json::to_vec(&Payload { key: *key, what })
                })+)+
                Event::Retracted(retraction) => serde_json::to_vec(retraction),
            }
        }

        fn decode_event(tag: &str, payload: &[u8]) -> Result<Option<Event>, serde_json::Error> {
            match tag {
                $($($tag => {
                    let Payload { key, what } = serde_json::from_slice(payload)?;
                    Ok(Some(Event::$group(key, $enum::$variant(what))))
                })+)+
                RETRACTED => serde_json::from_slice(payload).map(Event::Retracted).map(Some),
                _ => Ok(None),
            }
        }
    };
}

stored_events! {
    Experiment(ExperimentEvent) {
        CriteriaFixed => "criteria-fixed/1",
        Launched => "experiment-launched/1",
        EndAsserted => "end-asserted/1",
        StatementRecorded => "statement-recorded/1",
        Extended => "experiment-extended/1",
        ExtensionRefused => "extension-refused/1",
        Suspended => "experiment-suspended/1",
        Resumed => "experiment-resumed/1",
        MadePermanent => "experiment-made-permanent/1",
        Closed => "experiment-closed/1",
        HubClosed => "hub-closed-for-works/1",
        HubReopened => "hub-reopened/1",
        ComparisonZoneDesignated => "comparison-zone-designated/1",
        BaselineMeasured => "baseline-measured/1",
        HubDesignated => "hub-designated/1",
        CountAsserted => "count-asserted/1",
    }
    Venue(VenueEvent) {
        Agreed => "venue-agreed/1",
        Withdrawn => "venue-withdrawn/1",
    }
    Permanence(PermanenceEvent) {
        Scheduled => "permanence-scheduled/1",
        Rescheduled => "permanence-rescheduled/1",
        Suspended => "permanence-suspended/1",
        Resumed => "permanence-resumed/1",
        Closed => "permanence-closed/1",
    }
    Adviser(AdviserEvent) {
        Registered => "adviser-registered/1",
        Renamed => "adviser-renamed/1",
        Assigned => "adviser-assigned/1",
        Unassigned => "adviser-unassigned/1",
        Absent => "adviser-absent/1",
        Erased => "person-erased/1",
    }
    Session(SessionEvent) {
        Held => "session-held/1",
        Cancelled => "session-cancelled/1",
        AppointmentBooked => "appointment-booked/1",
        AppointmentEnded => "appointment-ended/1",
        Accompanied => "accompaniment-recorded/1",
        TurnedAway => "user-turned-away/1",
        FeedbackOffered => "feedback-offered/1",
        FeedbackReceived => "feedback-received/1",
        FeedbackDeclined => "feedback-declined/1",
    }
    Operator(OperatorEvent) {
        Joined => "operator-joined/1",
        Renamed => "operator-renamed/1",
        Left => "operator-left/1",
    }
    Agreement(AgreementEvent) {
        Signed => "agreement-signed/1",
        PaymentMade => "payment-made/1",
    }
    Cost(CostEvent) {
        Recorded => "cost-recorded/1",
    }
    Import(ImportEvent) {
        Recorded => "import-recorded/1",
    }
    Site(SiteEvent) {
        Labelled => "site-labelled/1",
        HoursDeclared => "site-hours-declared/1",
        StaffDeclared => "site-staff-declared/1",
        Suspended => "label-suspended/1",
        Resumed => "label-resumed/1",
        Withdrawn => "label-withdrawn/1",
    }
    Report(ReportEvent) {
        PartStored => "report-part-stored/1",
        Published => "report-published/1",
    }
    Token(TokenEvent) {
        Issued => "service-token-issued/1",
        Revoked => "service-token-revoked/1",
    }
    Holder(HolderEvent) {
        Granted => "role-granted/1",
        Revoked => "role-revoked/1",
    }
}

/// A fact as it is handed to the log.
///
/// # Errors
/// [`LogError::Unreadable`] if it cannot be written as JSON, which no fact of ours can cause.
pub fn encode(fact: &Fact, actor: &Label) -> Result<NewRecord, LogError> {
    let meta = Meta {
        valid: fact.saying.valid,
        actor: actor.clone(),
        source: fact.saying.source.clone(),
        synthetic: fact.saying.synthetic,
        why: fact
            .saying
            .corrects
            .as_ref()
            .and_then(|known| known.reason.clone()),
    };
    let unwritable = |error: serde_json::Error| LogError::Unreadable {
        position: None,
        why: error.to_string(),
    };
    Ok(NewRecord {
        stream: fact.event.stream().to_string(),
        tag: tag(&fact.event),
        corrects: fact.saying.corrects.as_ref().map(|known| known.entry),
        meta: serde_json::to_vec(&meta).map_err(unwritable)?,
        payload: encode_event(&fact.event).map_err(unwritable)?,
    })
}

/// A recorded fact, read back.
///
/// # Errors
/// [`LogError::Unreadable`] for a tag that this release does not know, or a payload that is not
/// what its tag says.
pub fn decode(record: &Record) -> Result<Recorded, LogError> {
    let unreadable = |why: String| LogError::Unreadable {
        position: Some(record.position),
        why,
    };
    let meta: Meta =
        serde_json::from_slice(&record.meta).map_err(|error| unreadable(error.to_string()))?;
    let event = decode_event(&record.tag, &record.payload)
        .map_err(|error| unreadable(error.to_string()))?
        .ok_or_else(|| unreadable(format!("unknown tag {}", record.tag)))?;
    if event.stream().to_string() != record.stream {
        return Err(unreadable(format!(
            "the payload belongs to the stream {}, the record to {}",
            event.stream(),
            record.stream
        )));
    }
    Ok(Recorded {
        position: record.position,
        place: record.position,
        version: record.stream_version,
        event_id: EventId(record.event_id),
        recorded_at: record.recorded_at,
        actor: meta.actor,
        fact: Fact {
            saying: Saying {
                valid: meta.valid,
                source: meta.source,
                synthetic: meta.synthetic,
                corrects: record.corrects.map(|entry| Correction {
                    entry,
                    reason: meta.why,
                }),
            },
            event,
        },
    })
}
