//! Laws of the two times: what was done is counted as it was known, and what changed adds up.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use proptest::{collection::vec, prelude::*, sample::Index};

use carnet::{
    domain::{
        diff::Change,
        entry::Entry,
        event::{Recorded, StreamId},
        session::{FeedbackAnswer, Session},
        terms::{ExperimentId, Period, Position, SessionId},
        world::World,
    },
    log::stored,
    read::{
        At, ReadModels, Sight,
        activity::{Activity, Scope, SessionsAsked},
        history::Of,
    },
};

use super::{
    histories::{days, experiments, histories, permanences, sessions},
    notebook::{Notebook, Verdict, for_all},
};

/// Would catch: a row that stands although its entry was corrected or retracted, one that does not
/// stand although its entry does, and a count that merges units or takes in what was known later.
#[test]
fn activity_is_counted_from_what_stands() {
    for_all(
        (histories(120), vec(any::<Index>(), 2), days(0..1461), 0..400_u64),
        async |(entries, moments, from, length): (Vec<Entry>, Vec<Index>, NaiveDate, u64)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(Arc::clone(&notebook.log), 11).await;
            let until = from + chrono::Days::new(length);
            let period = Period::try_new(from, until).unwrap();
            for position in positions(&moments, notebook.head()) {
                let at = At { position, on: from, sight: Sight::ALL };
                let told = known(&notebook, position).await;
                for scope in scopes(&told) {
                    for period in [None, Some(period)] {
                        let counted = database.reads.activity(at, scope, period).await.unwrap();
                        let expected = count(&told, scope, period);
                        prop_assert_eq!(counted, expected, "{:?} {:?} at {:?}", scope, period, at);
                    }
                    let all = SessionsAsked {
                        period: None,
                        after: None,
                        before: None,
                        limit: 1000,
                        from_end: false,
                    };
                    let listed = database.reads.sessions(at, scope, all).await;
                    let mut expected = within(&told, scope, None);
                    expected.sort_unstable_by_key(|(id, session)| (session.key.unwrap().date, *id));
                    let expected: Vec<SessionId> = expected.iter().map(|(id, _)| *id).collect();
                    let listed: Vec<SessionId> =
                        listed.unwrap().into_iter().map(|(_, id)| id).collect();
                    prop_assert_eq!(listed, expected);
                }
            }
            Ok(())
        },
    );
}

/// Would catch: a change told twice or not at all when a period is told in two parts, and one that
/// is told although it was undone.
#[test]
fn what_changed_adds_up() {
    for_all(
        (histories(120), vec(any::<Index>(), 3)),
        async |(entries, moments): (Vec<Entry>, Vec<Index>)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(Arc::clone(&notebook.log), 11).await;
            let mut places = positions(&moments, notebook.head());
            places.sort_unstable();
            let [a, b, c] = places[..] else { return Ok(()) };
            let scopes = experiments().map(Of::Experiment);
            for of in scopes.chain([Of::All]) {
                let between = async |from, to| changes(&database.reads, from, to, of).await;
                let mut composed = between(a, b).await;
                for later in between(b, c).await.into_values() {
                    let change = match composed.remove(&later.place) {
                        Some(earlier) => earlier.then(later),
                        None => Some(later),
                    };
                    composed.extend(change.map(|change| (change.place, change)));
                }
                prop_assert_eq!(between(a, c).await, composed, "{:?} {} {} {}", of, a, b, c);
                prop_assert!(between(b, b).await.is_empty());
            }
            Ok(())
        },
    );
}

/// Would catch: a diff that does not lead from what stood to what stands.
#[test]
fn what_changed_leads_from_what_stood_to_what_stands() {
    for_all(
        (histories(120), vec(any::<Index>(), 2)),
        async |(entries, moments): (Vec<Entry>, Vec<Index>)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(Arc::clone(&notebook.log), 11).await;
            let mut places = positions(&moments, notebook.head());
            places.sort_unstable();
            let [from, to] = places[..] else {
                return Ok(());
            };
            let mut stood = standing(&notebook, from).await;
            for change in changes(&database.reads, from, to, Of::All)
                .await
                .into_values()
            {
                let before = stood.remove(&change.place);
                prop_assert_eq!(before, change.before.map(|event| event.position));
                stood.extend(change.after.map(|event| (change.place, event.position)));
            }
            prop_assert_eq!(stood, standing(&notebook, to).await);
            Ok(())
        },
    );
}

/// Would catch: an instant that is taken for another position than the last recorded by then.
#[test]
fn an_instant_is_the_last_position_recorded_by_then() {
    for_all(
        (histories(60), any::<Index>(), -1..2_i64),
        async |(entries, moment, seconds): (Vec<Entry>, Index, i64)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(Arc::clone(&notebook.log), 1000).await;
            let records = notebook.log.read(Position::START, 1000).await.unwrap();
            if records.is_empty() {
                return Ok(());
            }
            let at = At {
                position: notebook.head(),
                on: NaiveDate::MIN,
                sight: Sight::ALL,
            };
            let chosen = records[moment.index(records.len())].recorded_at;
            let instant = chosen + chrono::TimeDelta::seconds(seconds);
            let expected = records.iter().rfind(|record| record.recorded_at <= instant);
            let expected = expected.map_or(Position::START, |record| record.position);
            prop_assert_eq!(
                database.reads.position_at(at, instant).await.unwrap(),
                expected
            );
            Ok(())
        },
    );
}

async fn changes(
    reads: &ReadModels,
    from: Position,
    to: Position,
    of: Of,
) -> BTreeMap<Position, Change> {
    let to = At {
        position: to,
        on: NaiveDate::MIN,
        sight: Sight::ALL,
    };
    let mut changes = BTreeMap::new();
    let mut after = Position::START;
    // In small pages, so that turning them is tried as well.
    loop {
        let page = reads.changes(from, to, of, after, 3).await.unwrap();
        let Some(last) = page.last() else {
            return changes;
        };
        after = last.place;
        changes.extend(page.into_iter().map(|change| (change.place, change)));
    }
}

/// Where each entry that stands began, and where it was last said, by the rules of the domain.
async fn standing(notebook: &Notebook, at: Position) -> BTreeMap<Position, Position> {
    let events = recorded(notebook, at).await;
    let mut journals: BTreeMap<StreamId, Vec<Recorded>> = BTreeMap::new();
    for event in events {
        journals
            .entry(event.fact.event.stream())
            .or_default()
            .push(event);
    }
    let standing = journals.values().flat_map(|journal| {
        let standing = carnet::domain::correction::standing(journal);
        standing
            .into_iter()
            .map(|event| (event.place, event.position))
    });
    standing.collect()
}

async fn recorded(notebook: &Notebook, at: Position) -> Vec<Recorded> {
    let records = notebook.log.read(Position::START, 1000).await.unwrap();
    let known = records.iter().take_while(|record| record.position <= at);
    known
        .map(|record| stored::decode(record).unwrap())
        .collect()
}

/// The sessions of which anything stands at a position.
async fn known(notebook: &Notebook, at: Position) -> BTreeMap<SessionId, Session> {
    let mut world = World::default();
    for event in recorded(notebook, at).await {
        world.apply(event);
    }
    let stands = |id: &SessionId| {
        let journal = world.journal((*id).into());
        !carnet::domain::correction::standing(journal).is_empty()
    };
    sessions()
        .filter(stands)
        .filter_map(|id| Some((id, world.session(id)?.clone())))
        .collect()
}

fn scopes(told: &BTreeMap<SessionId, Session>) -> Vec<Scope> {
    let permanence = permanences().next().unwrap();
    let experiment = told
        .values()
        .filter_map(|session| session.key)
        .find(|key| key.permanence == permanence)
        .map_or(ExperimentId(permanence.0), |key| key.experiment);
    let mut scopes = vec![Scope::Programme, Scope::Permanence(experiment, permanence)];
    scopes.extend(experiments().map(Scope::Experiment));
    scopes
}

fn within(
    told: &BTreeMap<SessionId, Session>,
    scope: Scope,
    period: Option<Period>,
) -> Vec<(SessionId, &Session)> {
    let inside = |session: &Session| {
        let key = session.key.unwrap();
        let scoped = match scope {
            Scope::Programme => true,
            Scope::Experiment(id) => key.experiment == id,
            Scope::Permanence(experiment, id) => {
                key.experiment == experiment && key.permanence == id
            }
        };
        scoped && period.is_none_or(|period| (period.from..=period.until).contains(&key.date))
    };
    told.iter()
        .filter(|(_, session)| inside(session))
        .map(|(id, session)| (*id, session))
        .collect()
}

/// What was done, counted from the state of each session.
fn count(told: &BTreeMap<SessionId, Session>, scope: Scope, period: Option<Period>) -> Activity {
    let mut activity = Activity::default();
    for (_, session) in within(told, scope, period) {
        if let Some(held) = &session.held {
            activity.sessions_held += 1;
            let minutes = held.what.minutes().unsigned_abs();
            activity.held_minutes += minutes;
            activity.adviser_minutes += minutes * u64::from(held.what.adviser_count);
        }
        activity.sessions_cancelled += u64::from(session.cancelled.is_some());
        for done in &session.accompaniments {
            activity.accompaniments += 1;
            for request in &done.what.requests {
                activity.requests += 1;
                let operator = request.operator.as_ref().map(ToString::to_string);
                let outcome = request.outcome.code().to_owned();
                *activity.requests_by.entry((operator, outcome)).or_default() += 1;
            }
        }
        for course in &session.appointments {
            activity.appointments_booked += u64::from(course.booked.is_some());
            if let Some(ended) = &course.ended {
                let outcome = ended.what.outcome.code().to_owned();
                *activity.appointments_by.entry(outcome).or_default() += 1;
            }
        }
        for turned in &session.turned_away {
            activity.turned_away += u64::from(turned.what.users);
        }
        for course in &session.feedback {
            activity.feedback_offered += u64::from(course.offered.is_some());
            match &course.answer {
                Some(FeedbackAnswer::Received(_)) => activity.feedback_received += 1,
                Some(FeedbackAnswer::Declined(_)) => activity.feedback_declined += 1,
                None => {}
            }
        }
    }
    activity
}

fn positions(moments: &[Index], head: Position) -> Vec<Position> {
    let chosen = moments.iter().map(|moment| {
        let at = moment.index(usize::try_from(head.0).unwrap() + 1);
        Position(at as u64)
    });
    chosen.collect()
}
