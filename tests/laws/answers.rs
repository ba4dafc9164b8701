//! Laws of answers: what was known can be asked again, and is the fold of what was recorded.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use proptest::{collection::vec, prelude::*, sample::Index};

use carnet::{
    domain::{
        adviser::Adviser,
        correction::{lineages, standing},
        entry::Entry,
        event::{Recorded, StreamId},
        experiment::{Experiment, Status},
        permanence::Permanence,
        session::Session,
        terms::{AdviserId, ExperimentId, PermanenceId, Position, SessionId, VenueId},
        venue::Venue,
        world::World,
    },
    log::stored,
    read::{
        At, Found, ReadModels, Sight,
        experiment::{Filter, Order, OrderBy},
        history::Of,
        page::Window,
    },
};

use super::{
    histories::{
        DEPARTEMENTS, MODELS, TITLES, advisers, days, experiments, histories, permanences,
        sessions, venues,
    },
    notebook::{Notebook, Verdict, for_all},
};

/// Would catch: an answer as known at N that shows what was recorded later, or misses what a later
/// event replaced.
#[test]
fn what_was_known_at_n_is_what_a_rebuild_to_n_shows() {
    for_all(
        (histories(90), vec(any::<Index>(), 2), days(0..1461)),
        async |(entries, moments, on): (Vec<Entry>, Vec<Index>, NaiveDate)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let whole = notebook.projected(Arc::clone(&notebook.log), 11).await;
            for position in positions(&moments, notebook.head()) {
                let at = At {
                    position,
                    on,
                    sight: Sight::ALL,
                };
                let part = notebook.projected(notebook.up_to(position), 1000).await;
                prop_assert_eq!(part.reads.position(), position);
                let known = Answers::of(&whole.reads, at).await;
                prop_assert_eq!(&known, &Answers::of(&part.reads, at).await);
                // What is asked of a moment to come is what is known now.
                let position = Position(position.0 + 1000);
                let later = At {
                    position,
                    on,
                    sight: Sight::ALL,
                };
                prop_assert_eq!(&known, &Answers::of(&part.reads, later).await);
            }
            Ok(())
        },
    );
}

/// Would catch: a filter, an order or a count in SQL that does not mean what the domain means by
/// it, and a document that is not the state a decision saw.
#[test]
fn answers_are_the_fold_of_the_events() {
    for_all(
        (histories(90), vec(any::<Index>(), 2), days(0..1461)),
        async |(entries, moments, on): (Vec<Entry>, Vec<Index>, NaiveDate)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(Arc::clone(&notebook.log), 11).await;
            let records = notebook.log.read(Position::START, 1000).await.unwrap();
            let events: Vec<Recorded> = records
                .iter()
                .map(|record| stored::decode(record).unwrap())
                .collect();
            for position in positions(&moments, notebook.head()) {
                let at = At {
                    position,
                    on,
                    sight: Sight::ALL,
                };
                let known = usize::try_from(position.0).unwrap();
                let told = Answers::told(&events[..known], at);
                let answers = Answers::of(&database.reads, at).await;
                prop_assert_eq!(answers, told, "at {:?}", at);
            }
            Ok(())
        },
    );
}

/// The head, and some positions before it.
fn positions(moments: &[Index], head: Position) -> impl Iterator<Item = Position> {
    moments
        .iter()
        .map(move |moment| Position(moment.index(usize::try_from(head.0).unwrap() + 1) as u64))
        .chain([head])
}

/// Every answer there is, at a moment.
#[derive(Debug, PartialEq)]
struct Answers {
    experiments: BTreeMap<ExperimentId, Option<Experiment>>,
    venues: BTreeMap<VenueId, Option<Venue>>,
    permanences: BTreeMap<PermanenceId, Option<Permanence>>,
    advisers: BTreeMap<AdviserId, Option<Adviser>>,
    sessions: BTreeMap<SessionId, Option<Session>>,
    history_of_advisers: BTreeMap<AdviserId, Vec<Recorded>>,
    venues_of: BTreeMap<ExperimentId, Vec<VenueId>>,
    permanences_of: BTreeMap<ExperimentId, Vec<PermanenceId>>,
    history: Vec<Recorded>,
    history_of: BTreeMap<ExperimentId, Vec<Recorded>>,
    lists: Vec<(Filter, Order, Vec<ExperimentId>)>,
    counts: Vec<u64>,
}

impl Answers {
    /// As the read models answer.
    async fn of(reads: &ReadModels, at: At) -> Self {
        let mut answers = Self::none();
        for id in experiments() {
            let found = reads.experiment(at, id).await.unwrap();
            answers.experiments.insert(id, state(id, found));
            let venues = reads.venues_of(at, id).await.unwrap();
            answers.venues_of.insert(id, ids(&venues));
            let permanences = reads.permanences_of(at, id).await.unwrap();
            answers.permanences_of.insert(id, ids(&permanences));
            let start = Position::START;
            let history = reads
                .history(at, Of::Experiment(id), start, 1000)
                .await
                .unwrap();
            answers.history_of.insert(id, history);
        }
        for id in venues() {
            let found = reads.venue(at, id).await.unwrap();
            answers.venues.insert(id, state(id, found));
        }
        for id in permanences() {
            let found = reads.permanence(at, id).await.unwrap();
            answers.permanences.insert(id, state(id, found));
        }
        for id in advisers() {
            let found = reads.adviser(at, id).await.unwrap();
            answers.advisers.insert(id, state(id, found));
            let of = Of::Subject(StreamId::Adviser(id));
            let history = reads.history(at, of, Position::START, 1000).await.unwrap();
            answers.history_of_advisers.insert(id, history);
        }
        for id in sessions() {
            let found = reads.session(at, id).await.unwrap();
            answers.sessions.insert(id, state(id, found));
        }
        answers.history = reads
            .history(at, Of::All, Position::START, 1000)
            .await
            .unwrap();
        let everything = Window {
            after: None,
            before: None,
            limit: 1000,
            from_end: false,
        };
        for filter in filters(at.on) {
            let count = reads.count_experiments(at, &filter).await.unwrap();
            answers.counts.push(count);
            for order in orders() {
                let page = reads.experiments(at, &filter, order, &everything).await;
                let list = page
                    .unwrap()
                    .items
                    .iter()
                    .map(|(_, found)| found.id)
                    .collect();
                answers.lists.push((filter.clone(), order, list));
            }
        }
        answers
    }

    /// As the recorded events tell it, by the rules of the domain.
    fn told(events: &[Recorded], at: At) -> Self {
        let mut world = World::default();
        let (mut venues_of, mut permanences_of) = (Vec::new(), Vec::new());
        for event in events {
            world.apply(event.clone());
        }
        // What is wholly retracted is not known; what stands, in the order it was first recorded.
        let known = |subject: StreamId| !standing(world.journal(subject)).is_empty();
        for id in venues().filter(|id| known((*id).into())) {
            let experiment = world.venue(id).and_then(|venue| venue.experiment);
            venues_of.push((experiment.unwrap(), id));
        }
        for id in permanences().filter(|id| known((*id).into())) {
            let experiment = world.permanence(id).and_then(|held| held.experiment);
            permanences_of.push((experiment.unwrap(), id));
        }
        venues_of.sort_by_key(|(_, id)| {
            let agreed = world.venue(*id).and_then(|venue| venue.agreed.as_ref());
            agreed.map(|agreed| agreed.place)
        });
        permanences_of.sort_by_key(|(_, id)| {
            let first = world.permanence(*id).and_then(|held| held.first.as_ref());
            first.map(|first| first.place)
        });
        let events = &placed(events, &world);
        let mut answers = Self::none();
        for id in experiments() {
            answers.experiments.insert(
                id,
                world.experiment(id).filter(|_| known(id.into())).cloned(),
            );
            answers.venues_of.insert(id, of(&venues_of, id));
            answers.permanences_of.insert(id, of(&permanences_of, id));
            let history = events
                .iter()
                .filter(|event| event.fact.event.experiment() == Some(id));
            answers.history_of.insert(id, history.cloned().collect());
        }
        answers.venues = venues()
            .map(|id| (id, world.venue(id).filter(|_| known(id.into())).cloned()))
            .collect();
        answers.permanences = permanences()
            .map(|id| {
                (
                    id,
                    world.permanence(id).filter(|_| known(id.into())).cloned(),
                )
            })
            .collect();
        for id in advisers() {
            let adviser = world.adviser(id).filter(|_| known(id.into()));
            answers.advisers.insert(id, adviser.cloned());
            let own = |event: &&Recorded| event.fact.event.stream() == StreamId::Adviser(id);
            let history = events.iter().filter(own).cloned().collect();
            answers.history_of_advisers.insert(id, history);
        }
        for id in sessions() {
            let session = world.session(id).filter(|_| known(id.into()));
            answers.sessions.insert(id, session.cloned());
        }
        answers.history.clone_from(events);
        for filter in filters(at.on) {
            let passing: Vec<_> = experiments()
                .filter_map(|id| Some((id, world.experiment(id).filter(|_| known(id.into()))?)))
                .filter(|(_, experiment)| passes(experiment, &filter, at.on))
                .collect();
            answers.counts.push(passing.len() as u64);
            for order in orders() {
                let mut list: Vec<_> = passing
                    .iter()
                    .map(|(id, experiment)| (sort_key(experiment, order.by), *id))
                    .collect();
                list.sort_unstable();
                if order.descending {
                    list.reverse();
                }
                let list = list.into_iter().map(|(_, id)| id).collect();
                answers.lists.push((filter.clone(), order, list));
            }
        }
        answers
    }

    const fn none() -> Self {
        Self {
            experiments: BTreeMap::new(),
            venues: BTreeMap::new(),
            permanences: BTreeMap::new(),
            advisers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            history_of_advisers: BTreeMap::new(),
            venues_of: BTreeMap::new(),
            permanences_of: BTreeMap::new(),
            history: Vec::new(),
            history_of: BTreeMap::new(),
            lists: Vec::new(),
            counts: Vec::new(),
        }
    }
}

/// The events, each with the place where its lineage began.
fn placed(events: &[Recorded], world: &World) -> Vec<Recorded> {
    let mut events = events.to_vec();
    for event in &mut events {
        let lineages = lineages(world.journal(event.fact.event.stream()));
        let own = |known: &&Recorded| known.position == event.position;
        let lineage = lineages
            .iter()
            .find(|lineage| lineage.events().iter().any(own));
        event.place = lineage.unwrap().place();
    }
    events
}

fn state<I: Copy + PartialEq + std::fmt::Debug, D>(
    asked: I,
    found: Option<Found<I, D>>,
) -> Option<D>
where
    D: Clone,
{
    found.map(|found| {
        assert_eq!(found.id, asked);
        D::clone(&found.state)
    })
}

fn ids<I: Copy, D>(found: &[Found<I, D>]) -> Vec<I> {
    found.iter().map(|found| found.id).collect()
}

fn of<T: Copy>(known: &[(ExperimentId, T)], experiment: ExperimentId) -> Vec<T> {
    known
        .iter()
        .filter(|(of, _)| *of == experiment)
        .map(|(_, what)| *what)
        .collect()
}

/// Each filter alone, none, and two together.
fn filters(on: NaiveDate) -> Vec<Filter> {
    let none = Filter::default;
    let mut filters = vec![
        none(),
        Filter {
            models: Some(Vec::new()),
            ..none()
        },
        Filter {
            models: Some(vec![MODELS[0], MODELS[2]]),
            statuses: Some(vec![Status::Running, Status::TermReached, Status::Closed]),
            ..none()
        },
        Filter {
            running_on: Some(on - chrono::Days::new(100)),
            ..none()
        },
        Filter {
            running_on: Some(on),
            departement: Some(DEPARTEMENTS[1].to_owned()),
            ..none()
        },
    ];
    filters.extend(MODELS.map(|model| Filter {
        models: Some(vec![model]),
        ..none()
    }));
    filters.extend(DEPARTEMENTS.map(|code| Filter {
        departement: Some(code.to_owned()),
        ..none()
    }));
    let statuses = [
        Status::Planned,
        Status::Running,
        Status::Suspended,
        Status::TermReached,
        Status::MadePermanent,
        Status::Closed,
    ];
    filters.extend(statuses.map(|status| Filter {
        statuses: Some(vec![status]),
        ..none()
    }));
    filters
}

pub(crate) fn orders() -> impl Iterator<Item = Order> {
    [OrderBy::Title, OrderBy::Start]
        .into_iter()
        .flat_map(|by| [false, true].map(|descending| Order { by, descending }))
}

fn passes(experiment: &Experiment, filter: &Filter, on: NaiveDate) -> bool {
    let launch = experiment.launch.as_ref().map(|launch| &launch.what);
    let model = filter
        .models
        .as_ref()
        .is_none_or(|models| launch.is_some_and(|launch| models.contains(&launch.model)));
    let status = filter
        .statuses
        .as_ref()
        .is_none_or(|statuses| statuses.contains(&experiment.status_on(on)));
    let running = filter
        .running_on
        .is_none_or(|day| experiment.status_on(day) == Status::Running);
    let departement = filter.departement.as_ref().is_none_or(|code| {
        launch.is_some_and(|launch| launch.zone.iter().any(|c| c.departement() == code))
    });
    model && status && running && departement
}

fn sort_key(experiment: &Experiment, by: OrderBy) -> String {
    match by {
        OrderBy::Title => {
            let title = experiment.title().unwrap().as_str();
            let known = TITLES.iter().find(|(known, _)| *known == title);
            known.unwrap().1.to_owned()
        }
        OrderBy::Start => experiment
            .launch
            .as_ref()
            .map_or_else(String::new, |launch| launch.valid.from.to_string()),
    }
}
