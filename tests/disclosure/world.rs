//! Small worlds: what was done in a few sessions of a few permanences, and how it grew until the next
//! report.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use carnet::{
    domain::{
        cost::{Allocation, Cost, CostCategory, CostNature, CostOrigin, CostTerms},
        event::{Source, Stated},
        experiment::{DeliveryModel, Experiment, Hub, Launch},
        permanence::Permanence,
        session::{
            RequestOutcome,
            tally::{Answers, Appointments, Asked, Entries, FeedbackTally, Followed, Held, Tally},
        },
        terms::{
            Cents, Certainty, CostId, ExperimentId, FeedbackId, InseeCode, Label, PermanenceId,
            Position, SessionId, Slug, Title, Validity,
        },
    },
    evaluation::facts::{Known, Observation},
};
use chrono::{DateTime, Days, NaiveDate};
use proptest::prelude::*;
use uuid::Uuid;

/// The operators that requests go to; the last lies out of the bundle of services.
pub(crate) const OPERATORS: [&str; 3] = ["caf", "cnam", "out-of-bundle"];
/// Which of them that is.
pub(crate) const OUT_OF_BUNDLE: usize = 2;

/// The day on which every experiment was launched, a Monday.
pub(crate) const LAUNCHED: &str = "2021-01-04";

/// The days on which sessions may be: three weeks, two months.
pub(crate) const DAYS: [&str; 3] = ["2021-01-12", "2021-01-26", "2021-02-09"];

/// A visit: whether its minutes are known, whether it was a first one, its requests.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) timed: bool,
    /// 0 first, 1 later, 2 not known.
    pub(crate) first: usize,
    /// The operator's index, what came of it (0 resolved, 1 not, 2 not known), and the user.
    pub(crate) requests: Vec<(usize, usize, Option<u8>)>,
}

/// What was done in one session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    pub(crate) held: bool,
    pub(crate) visits: Vec<Visit>,
    pub(crate) turned_away: u32,
    pub(crate) seen: u32,
    pub(crate) no_show: u32,
    pub(crate) unknown: u32,
    pub(crate) silent: u32,
    /// Satisfied or not, additional or not, where it is said.
    pub(crate) feedback: Vec<(Option<bool>, Option<bool>)>,
}

/// Where and when a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) experiment: usize,
    pub(crate) permanence: usize,
    pub(crate) day: usize,
}

/// All sessions.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(pub(crate) BTreeMap<Place, Session>);

pub(crate) fn experiment(index: usize) -> ExperimentId {
    ExperimentId(Uuid::from_u128(0xe000 + index as u128))
}

pub(crate) fn permanence(experiment: usize, index: usize) -> PermanenceId {
    PermanenceId(Uuid::from_u128(
        0xa000 + 16 * experiment as u128 + index as u128,
    ))
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The days of [`DAYS`], and weeks after the launch beyond them.
pub(crate) fn day(index: usize) -> NaiveDate {
    match DAYS.get(index) {
        Some(day) => date(day),
        None => date(LAUNCHED) + Days::new(7 * index as u64 + 2),
    }
}

fn stated<T>(what: T) -> Stated<T> {
    Stated {
        what,
        valid: Validity {
            from: date(LAUNCHED),
            until: Some(date("2021-03-31")),
            certainty: Certainty::Exact,
        },
        source: Source {
            label: Label::try_new("un essai").unwrap(),
            dated: None,
            url: None,
        },
        synthetic: true,
        position: Position::START,
        place: Position::START,
        recorded_at: DateTime::UNIX_EPOCH,
    }
}

fn launched(index: usize) -> Experiment {
    let title = |text: &str| Title::try_new(text).unwrap();
    let model = [DeliveryModel::WeeklyPermanences, DeliveryModel::RovingDesk][index.min(1)];
    let launch = Launch {
        title: title("Vigny en mobilité"),
        model,
        model_detail: None,
        carrier: title("La Poste"),
        hub: Hub {
            name: title("Bureau de poste de Vigny"),
            commune: InseeCode::try_new("95658").unwrap(),
            address: None,
        },
        zone: BTreeSet::new(),
        operators: Vec::new(),
        planned_end: date("2021-12-31"),
    };
    Experiment {
        launch: Some(stated(launch)),
        ..Experiment::default()
    }
}

fn cost() -> Cost {
    Cost {
        recorded: Some(stated(CostTerms {
            category: CostCategory::Staff,
            nature: CostNature::Actual,
            origin: CostOrigin::Marginal,
            amount: Cents::try_new(1_234_567).unwrap(),
            allocation: Allocation::Direct,
            words: None,
            agreement: None,
            estimate: None,
        })),
        ..Cost::default()
    }
}

impl World {
    /// The same as figures are computed from.
    pub(crate) fn known(&self) -> Vec<Known> {
        let mut found: BTreeMap<usize, Known> = BTreeMap::new();
        for (place, session) in &self.0 {
            let known = found.entry(place.experiment).or_insert_with(|| {
                let state = Arc::new(launched(place.experiment));
                let mut known = Known::new(experiment(place.experiment), state);
                let id = CostId(Uuid::from_u128(place.experiment as u128));
                known.costs = Arc::new(BTreeMap::from([(id, cost())]));
                known
            });
            let permanence = permanence(place.experiment, place.permanence);
            Arc::make_mut(&mut known.permanences).insert(permanence, Permanence::default());
            known.sessions.push(Observation {
                session: SessionId::of(permanence, day(place.day)),
                permanence,
                day: day(place.day),
                tally: session.tally(),
            });
        }
        for known in found.values_mut() {
            known.sessions.sort_by_key(|it| it.day);
        }
        found.into_values().collect()
    }

    /// The same, with what came in later.
    pub(crate) fn and(&self, later: &Self) -> Self {
        let mut grown = self.clone();
        for (place, more) in &later.0 {
            let new = !grown.0.contains_key(place);
            let session = grown.0.entry(*place).or_default();
            // What was said of a session stays: nothing that was counted is taken back.
            session.held |= new && more.held;
            session.visits.extend(more.visits.iter().cloned());
            session.turned_away += more.turned_away;
            session.seen += more.seen;
            session.no_show += more.no_show;
            session.unknown += more.unknown;
            session.silent += more.silent;
            session.feedback.extend(more.feedback.iter().copied());
        }
        grown
    }
}

impl Session {
    fn tally(&self) -> Tally {
        let mut tally = Tally {
            held: self.held.then_some(Held {
                starts: 540,
                minutes: 180,
                advisers: 2,
            }),
            accompaniments: u32::try_from(self.visits.len()).unwrap(),
            turned_away: self.turned_away,
            appointments: Appointments {
                seen: self.seen,
                no_show: self.no_show,
                unknown: self.unknown,
                ..Appointments::default()
            },
            ..Tally::default()
        };
        let mut requests: BTreeMap<(Option<Slug>, RequestOutcome), u32> = BTreeMap::new();
        for visit in &self.visits {
            tally.timed += u32::from(visit.timed);
            tally.minutes += 20 * u32::from(visit.timed);
            let Answers { yes, no, unknown } = &mut tally.first_visits;
            *[yes, no, unknown][visit.first] += 1;
            for (operator, outcome, user) in &visit.requests {
                let code = Some(OPERATORS[*operator]).filter(|code| *code != "out-of-bundle");
                let code = code.map(|code| Slug::try_new(code).unwrap());
                let outcome = [
                    RequestOutcome::Resolved,
                    RequestOutcome::MustComeBack,
                    RequestOutcome::Unknown,
                ][*outcome];
                *requests.entry((code.clone(), outcome)).or_default() += 1;
                tally.followed.extend(user.map(|user| Followed {
                    user: user.to_string(),
                    operator: code,
                    resolved: outcome == RequestOutcome::Resolved,
                }));
            }
        }
        let asked = requests
            .into_iter()
            .map(|((operator, outcome), count)| Asked {
                operator,
                outcome,
                count,
            });
        tally.requests = asked.collect();
        tally.feedback = self.feedback();
        tally.entries = self.entries();
        tally
    }

    fn feedback(&self) -> FeedbackTally {
        let silent = 0..u128::from(self.silent);
        let mut tally = FeedbackTally {
            unanswered: silent.map(|it| FeedbackId(Uuid::from_u128(it))).collect(),
            ..FeedbackTally::default()
        };
        for (satisfied, additional) in &self.feedback {
            tally.received += 1;
            tally.rated += u32::from(satisfied.is_some());
            tally.satisfied += u32::from(*satisfied == Some(true));
            match additional {
                Some(true) => tally.additional.yes += 1,
                Some(false) => tally.additional.no += 1,
                None => tally.additional.unknown += 1,
            }
        }
        tally
    }

    fn entries(&self) -> Entries {
        let count = |is: bool| u32::from(is);
        let appointments = self.seen + self.no_show + self.unknown;
        let mut entries = Entries {
            count: count(self.held) + count(self.turned_away > 0) + 2 * appointments + self.silent,
            values: appointments,
            missing: self.unknown,
            ..Entries::default()
        };
        for visit in &self.visits {
            entries.count += 1;
            entries.values += 2;
            entries.missing += count(!visit.timed) + count(visit.first == 2);
            for (_, outcome, _) in &visit.requests {
                entries.values += 1;
                entries.missing += count(*outcome == 2);
            }
        }
        for (satisfied, additional) in &self.feedback {
            entries.count += 2;
            entries.values += 2;
            entries.missing += count(satisfied.is_none()) + count(additional.is_none());
        }
        entries.delays = BTreeMap::from([(0, entries.count)]);
        entries
    }
}

fn few() -> impl Strategy<Value = u32> {
    prop_oneof![3 => Just(0), 4 => 1..3_u32, 3 => 4..9_u32]
}

fn visit() -> impl Strategy<Value = Visit> {
    let user = prop::option::of(0..6_u8);
    let request = (
        0..OPERATORS.len(),
        prop_oneof![5 => Just(0), 3 => Just(1), 1 => Just(2)],
        user,
    );
    let requests = prop::collection::vec(request, 1..3);
    let first = prop_oneof![4 => Just(0), 4 => Just(1), 1 => Just(2)];
    (prop::bool::weighted(0.8), first, requests).prop_map(|(timed, first, requests)| Visit {
        timed,
        first,
        requests,
    })
}

prop_compose! {
    fn session()(
        held in prop::bool::weighted(0.9),
        visits in prop_oneof![
            2 => prop::collection::vec(visit(), 0..3),
            2 => prop::collection::vec(visit(), 3..12),
            1 => prop::collection::vec(visit(), 12..30),
        ],
        (turned_away, seen, no_show, unknown, silent) in (few(), few(), few(), few(), few()),
        feedback in prop::collection::vec(
            (prop::option::weighted(0.8, prop::bool::weighted(0.7)), prop::option::weighted(0.8, any::<bool>())),
            0..12,
        ),
    ) -> Session {
        Session { held, visits, turned_away, seen, no_show, unknown, silent, feedback }
    }
}

/// Sessions of two or three experiments, the first with two permanences.
pub(crate) fn world() -> impl Strategy<Value = World> {
    (2..4_usize, 1..=DAYS.len()).prop_flat_map(|(experiments, days)| {
        let places = places(experiments, days);
        let sessions = prop::collection::vec(session(), places.len());
        sessions.prop_map(move |sessions| World(places.iter().copied().zip(sessions).collect()))
    })
}

/// What may come in later: in few of the places.
pub(crate) fn later() -> impl Strategy<Value = World> {
    let place = prop::sample::select(places(3, DAYS.len()));
    prop::collection::btree_map(place, session(), 0..3).prop_map(World)
}

fn places(experiments: usize, days: usize) -> Vec<Place> {
    let permanences = |experiment: usize| 0..if experiment == 0 { 2 } else { 1 };
    let mut places = Vec::new();
    for experiment in 0..experiments {
        for permanence in permanences(experiment) {
            places.extend((0..days).map(|day| Place {
                experiment,
                permanence,
                day,
            }));
        }
    }
    places
}

/// The experiments of a whole programme.
pub(crate) const EXPERIMENTS: usize = 6;

/// A programme of six experiments with four permanences each, held for 95 weeks.
pub(crate) fn programme() -> World {
    let mut world = World::default();
    let mut state = 1_u64;
    // Knuth's generator: which numbers come is of no importance, only that they are the same.
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % below).unwrap()
    };
    for experiment in 0..EXPERIMENTS {
        for permanence in 0..4 {
            for day in 5..100 {
                let visits = (0..draw(10)).map(|_| {
                    let requests = (0..=draw(2)).map(|_| {
                        let user = u8::try_from(draw(200)).ok().filter(|it| it % 3 > 0);
                        (draw(3) as usize, [0, 0, 0, 1, 1, 2][draw(6) as usize], user)
                    });
                    Visit {
                        requests: requests.collect(),
                        timed: draw(9) > 0,
                        first: [0, 0, 0, 1, 1, 1, 2][draw(7) as usize],
                    }
                });
                let visits = visits.collect();
                let said = |it: u32| [Some(true), Some(true), Some(false), None][it as usize];
                let session = Session {
                    held: draw(20) > 0,
                    visits,
                    turned_away: [0, 0, 0, 1, 2][draw(5) as usize],
                    seen: draw(4),
                    no_show: draw(2),
                    unknown: [0, 0, 1][draw(3) as usize],
                    silent: draw(3),
                    feedback: (0..draw(4))
                        .map(|_| (said(draw(4)), said(draw(4))))
                        .collect(),
                };
                let place = Place {
                    experiment,
                    permanence,
                    day,
                };
                world.0.insert(place, session);
            }
        }
    }
    world
}
