//! Activity: one row for each entry that stands of what was done in sessions, and one for each
//! request. No document: an entry says all of itself, and a correction closes the rows of what it
//! takes the place of.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    Past, Projection, Value,
    documents::{Changes, Poison, STANDS, as_column},
};
use crate::domain::{
    correction,
    event::{Event, Recorded, SessionKey},
    session::{Accompaniment, FeedbackOffer, Holding, SessionEvent},
    terms::{Sealed, Slug, time::day_number},
};

pub(super) struct Activity;

/// The columns that begin every row, in this order.
const HEAD: [&str; 5] = ["experiment", "day", "entry", "known_from", "known_to"];

const TABLES: [(&str, &[&str]); 6] = [
    (
        "session",
        &[
            "permanence",
            "session",
            "recorded_at",
            "state",
            "minutes",
            "advisers",
            "cause",
        ],
    ),
    (
        "appointment",
        &[
            "permanence",
            "session",
            "recorded_at",
            "appointment",
            "state",
        ],
    ),
    (
        "accompaniment",
        &[
            "permanence",
            "session",
            "recorded_at",
            "minutes",
            "first_visit",
            "residence",
            "age_band",
            "requests",
        ],
    ),
    (
        "request",
        &[
            "ordinal",
            "permanence",
            "session",
            "operator",
            "theme",
            "level",
            "outcome",
            "pseudonym",
        ],
    ),
    (
        "turning_away",
        &["permanence", "session", "recorded_at", "users", "cause"],
    ),
    (
        "feedback",
        &[
            "permanence",
            "session",
            "recorded_at",
            "feedback",
            "state",
            "satisfaction",
            "resolved",
            "otherwise",
        ],
    ),
];

const SESSION: usize = 0;
const APPOINTMENT: usize = 1;
const ACCOMPANIMENT: usize = 2;
const REQUEST: usize = 3;
const TURNING_AWAY: usize = 4;
const FEEDBACK: usize = 5;

impl Projection for Activity {
    fn name(&self) -> &'static str {
        "activity"
    }

    fn version(&self) -> i64 {
        1
    }

    fn tables(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        let columns = |own: &[&'static str]| HEAD.iter().chain(own).copied().collect();
        TABLES
            .iter()
            .map(|(name, own)| (*name, columns(own)))
            .collect()
    }

    fn closed_by(&self) -> &'static [&'static str] {
        &["experiment", "day", "entry"]
    }

    fn indexes_for_reading(&self) -> &'static [&'static str] {
        &["session_of_permanence"]
    }

    fn fold(&mut self, events: &[Recorded], past: &Past) -> Result<Changes, Poison> {
        let mut changes = Changes::default();
        for event in events {
            if event.fact.saying.corrects.is_some()
                && let Some(journal) = past.up_to(event.fact.event.stream(), event.position)
                && let Some(replaced) = correction::replaced(journal)
                && let Event::Session(key, _) = &replaced.fact.event
            {
                let row = vec![
                    id(key.experiment.0),
                    day(key.date),
                    Value::Int(as_column(event.place)),
                ];
                let position = as_column(event.position);
                if !close_inserted(&mut changes, &row, position) {
                    changes.closed.push((row, event.position));
                }
            }
            if let Event::Session(key, what) = &event.fact.event {
                insert(&mut changes, event, *key, what);
            }
        }
        Ok(changes)
    }
}

/// Closes the rows of an entry that were inserted by the same batch; answers whether there are any.
fn close_inserted(changes: &mut Changes, entry: &[Value], position: i64) -> bool {
    let mut found = false;
    for (_, row) in &mut changes.inserted {
        if row.starts_with(entry) && row[4] == Value::Int(STANDS) {
            row[4] = Value::Int(position);
            found = true;
        }
    }
    found
}

fn insert(changes: &mut Changes, event: &Recorded, key: SessionKey, what: &SessionEvent) {
    let mut row = |table: usize, own: Vec<Value>| {
        let mut columns = vec![
            id(key.experiment.0),
            day(key.date),
            Value::Int(as_column(event.place)),
            Value::Int(as_column(event.position)),
            Value::Int(STANDS),
        ];
        columns.extend(own);
        changes.inserted.push((table, columns));
    };
    let of = |own: Vec<Value>| {
        let mut columns = vec![
            id(key.permanence.0),
            id(key.session.0),
            Value::Int(event.recorded_at.timestamp_micros()),
        ];
        columns.extend(own);
        columns
    };
    match what {
        SessionEvent::Held(held) => row(SESSION, of(holding(held))),
        SessionEvent::Cancelled(cancelled) => {
            let cause = code(cancelled.cause.code());
            let own = vec![code("cancelled"), Value::Null, Value::Null, cause];
            row(SESSION, of(own));
        }
        SessionEvent::AppointmentBooked(booking) => {
            row(
                APPOINTMENT,
                of(vec![id(booking.appointment.0), code("booked")]),
            );
        }
        SessionEvent::AppointmentEnded(end) => {
            row(
                APPOINTMENT,
                of(vec![id(end.appointment.0), code(end.outcome.code())]),
            );
        }
        SessionEvent::Accompanied(done) => {
            row(ACCOMPANIMENT, of(accompaniment(done)));
            for request in requests(key, done) {
                row(REQUEST, request);
            }
        }
        SessionEvent::TurnedAway(turned) => {
            let users = Value::Int(turned.users.into());
            row(TURNING_AWAY, of(vec![users, code(turned.cause.code())]));
        }
        SessionEvent::FeedbackOffered(FeedbackOffer { feedback, .. }) => {
            row(FEEDBACK, of(unanswered(feedback.0, "offered")));
        }
        SessionEvent::FeedbackReceived(answer) => {
            let satisfaction = answer.satisfaction.map(i64::from);
            let own = vec![
                id(answer.feedback.0),
                code("received"),
                satisfaction.map_or(Value::Null, Value::Int),
                code(answer.resolved.code()),
                code(answer.otherwise.code()),
            ];
            row(FEEDBACK, of(own));
        }
        SessionEvent::FeedbackDeclined(decline) => {
            row(FEEDBACK, of(unanswered(decline.feedback.0, "declined")));
        }
    }
}

fn holding(held: &Holding) -> Vec<Value> {
    vec![
        code("held"),
        Value::Int(held.minutes()),
        Value::Int(held.adviser_count.into()),
        Value::Null,
    ]
}

fn accompaniment(done: &Accompaniment) -> Vec<Value> {
    let residence = done.residence.as_ref();
    vec![
        done.minutes
            .map_or(Value::Null, |minutes| Value::Int(minutes.into())),
        code(done.first_visit.code()),
        residence.map_or(Value::Null, |residence| residence.as_str().into()),
        done.age_band.map_or(Value::Null, |band| code(band.code())),
        Value::Int(i64::try_from(done.requests.len()).unwrap_or(i64::MAX)),
    ]
}

/// A row for each request, in the order they are told.
fn requests(key: SessionKey, done: &Accompaniment) -> impl Iterator<Item = Vec<Value>> + '_ {
    let pseudonym = done.pseudonym.as_ref();
    (1..).zip(&done.requests).map(move |(ordinal, request)| {
        let text = |code: Option<&str>| code.map_or(Value::Null, Value::from);
        vec![
            Value::Int(ordinal),
            id(key.permanence.0),
            id(key.session.0),
            text(request.operator.as_ref().map(Slug::as_str)),
            text(request.theme.as_ref().map(Slug::as_str)),
            code(request.level.code()),
            code(request.outcome.code()),
            text(pseudonym.map(Sealed::as_base64)),
        ]
    })
}

fn unanswered(feedback: Uuid, state: &'static str) -> Vec<Value> {
    vec![
        id(feedback),
        code(state),
        Value::Null,
        Value::Null,
        Value::Null,
    ]
}

const fn code(code: &'static str) -> Value {
    Value::Code(code)
}

const fn id(id: Uuid) -> Value {
    Value::Id(id)
}

/// A date as a column holds it: days since 1970-01-01.
fn day(date: NaiveDate) -> Value {
    Value::Int(day_number(date))
}
