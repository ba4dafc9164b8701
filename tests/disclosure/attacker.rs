//! An attacker who reads every published number, knows what each means, on which days sessions were,
//! and that between two reports nothing is taken back; and who tries every table that agrees.

use std::collections::{BTreeMap, BTreeSet};

use carnet::{
    domain::{session::REQUESTS_MAX, terms::Slug},
    evaluation::{Answer, facts::Selection, measure::Measure},
};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    tables::Tables,
    world::{
        LAUNCHED, OPERATORS, OUT_OF_BUNDLE, Place, Visit, World, date, day, experiment, permanence,
    },
};

/// What is promised: nobody can narrow a count of 1 to 4 down to a range narrower than this.
const PROMISED: i64 = 5;

/// What a session consists of, the requests to operators apart.
const ATOMS: [&str; 17] = [
    "timed",
    "untimed",
    "elsewhere",
    "first",
    "later",
    "untold",
    "turned-away",
    "no-show",
    "seen",
    "due-untold",
    "satisfied",
    "dissatisfied",
    "unrated",
    "silent",
    "additional",
    "not-additional",
    "otherwise-unknown",
];
/// What the requests to one operator consist of.
const OF_REQUESTS: [&str; 5] = ["returned", "settled", "unfollowed", "unresolved", "open"];
/// Of these, some turn into others as users come back.
const TURNS: [&str; 2] = ["returned", "settled"];

const VISITS: &[&str] = &["first", "later", "untold"];
const HELD: &[&str] = &["timed", "untimed"];
const RECEIVED: &[&str] = &["satisfied", "dissatisfied", "unrated"];

type Atom = (usize, Place, Option<usize>, &'static str);
/// What a user said: whether satisfied, whether additional.
type Said = (Option<bool>, Option<bool>);
type Terms = Vec<(usize, i64)>;

/// One release: the state of the world that it was computed from, and all that it shows.
pub(crate) struct Seen<'a> {
    pub(crate) world: &'a World,
    pub(crate) tables: &'a [Vec<Answer>],
}

pub(crate) struct Attacker<'a> {
    seen: &'a [Seen<'a>],
    tables: Tables,
    unknowns: BTreeMap<Atom, usize>,
}

fn atoms() -> impl Iterator<Item = (Option<usize>, &'static str)> {
    let requests = (0..OPERATORS.len()).flat_map(|it| OF_REQUESTS.map(|atom| (Some(it), atom)));
    ATOMS.into_iter().map(|atom| (None, atom)).chain(requests)
}

/// What is so of a session.
fn truth(world: &World, place: Place, operator: Option<usize>, atom: &str) -> i64 {
    let Some(session) = world.0.get(&place) else {
        return 0;
    };
    let visits = |is: &dyn Fn(&Visit) -> bool| session.visits.iter().filter(|it| is(it)).count();
    let feedback = |is: &dyn Fn(&Said) -> bool| session.feedback.iter().filter(|it| is(it)).count();
    let requests = |is: &dyn Fn(usize, Option<u8>) -> bool| {
        let all = session.visits.iter().flat_map(|it| &it.requests);
        let all = all.filter(|(it, _, _)| Some(*it) == operator);
        // Out of the bundle of services there is no operator to come back to.
        let who = |it: usize, user: Option<u8>| user.filter(|_| it != OUT_OF_BUNDLE);
        all.filter(|(it, outcome, user)| is(*outcome, who(*it, *user)))
            .count()
    };
    let returns = |user: Option<u8>| {
        user.is_some()
            && world.0.iter().any(|(other, session)| {
                let days = (day(other.day) - day(place.day)).num_days();
                let mut requests = session.visits.iter().flat_map(|it| &it.requests);
                other.experiment == place.experiment
                    && (1..=30).contains(&days)
                    && requests.any(|(it, _, who)| Some(*it) == operator && *who == user)
            })
    };
    let count = match atom {
        "timed" => visits(&|it| session.held && it.timed),
        "untimed" => visits(&|it| session.held && !it.timed),
        "elsewhere" => visits(&|_| !session.held),
        "first" => visits(&|it| it.first == 0),
        "later" => visits(&|it| it.first == 1),
        "untold" => visits(&|it| it.first == 2),
        "turned-away" => session.turned_away as usize,
        "no-show" => session.no_show as usize,
        "seen" => session.seen as usize,
        "due-untold" => session.unknown as usize,
        "silent" => session.silent as usize,
        "satisfied" => feedback(&|it| it.0 == Some(true)),
        "dissatisfied" => feedback(&|it| it.0 == Some(false)),
        "unrated" => feedback(&|it| it.0.is_none()),
        "additional" => feedback(&|it| it.1 == Some(true)),
        "not-additional" => feedback(&|it| it.1 == Some(false)),
        "otherwise-unknown" => feedback(&|it| it.1.is_none()),
        "returned" => requests(&|outcome, user| outcome == 0 && returns(user)),
        "settled" => requests(&|outcome, user| outcome == 0 && user.is_some() && !returns(user)),
        "unfollowed" => requests(&|outcome, user| outcome == 0 && user.is_none()),
        "unresolved" => requests(&|outcome, _| outcome == 1),
        "open" => requests(&|outcome, _| outcome == 2),
        other => panic!("{other}"),
    };
    i64::try_from(count).unwrap()
}

fn number(value: Option<rust_decimal::Decimal>) -> i64 {
    value.unwrap().to_i64().unwrap()
}

fn of(count: u64) -> i64 {
    i64::try_from(count).unwrap()
}

impl<'a> Attacker<'a> {
    pub(crate) fn new(seen: &'a [Seen<'a>]) -> Self {
        let mut attacker = Self {
            seen,
            tables: Tables::default(),
            unknowns: BTreeMap::new(),
        };
        for (release, it) in seen.iter().enumerate() {
            for place in attacker.places() {
                for (operator, atom) in atoms() {
                    let truth = truth(it.world, place, operator, atom);
                    let unknown = attacker.tables.unknown(truth + 60, truth);
                    attacker
                        .unknowns
                        .insert((release, place, operator, atom), unknown);
                }
                attacker.knows_of_sessions(release, place);
            }
        }
        for (release, it) in seen.iter().enumerate() {
            for answer in it.tables.iter().flatten() {
                attacker.reads(release, answer);
            }
        }
        attacker
    }

    fn places(&self) -> Vec<Place> {
        let last = self.seen.last().unwrap();
        last.world.0.keys().copied().collect()
    }

    fn atom(
        &self,
        release: usize,
        place: Place,
        operator: Option<usize>,
        atom: &'static str,
    ) -> usize {
        self.unknowns[&(release, place, operator, atom)]
    }

    /// What holds of any session, and that nothing was taken back since the report before.
    fn knows_of_sessions(&mut self, release: usize, place: Place) {
        let some = |it: &Self, atoms: &[&'static str], times: i64| -> Terms {
            let all = atoms.iter();
            all.map(|atom| (it.atom(release, place, None, atom), times))
                .collect()
        };
        let requests = |it: &Self, times: i64| -> Terms {
            let all = atoms().filter(|(operator, _)| operator.is_some());
            all.map(|(operator, atom)| (it.atom(release, place, operator, atom), times))
                .collect()
        };
        let visits = [
            some(self, VISITS, 1),
            some(self, HELD, -1),
            some(self, &["elsewhere"], -1),
        ];
        self.tables.is(&visits.concat(), 0);
        let otherwise = ["additional", "not-additional", "otherwise-unknown"];
        let received = [some(self, RECEIVED, 1), some(self, &otherwise, -1)];
        self.tables.is(&received.concat(), 0);
        let at_least = [requests(self, 1), some(self, VISITS, -1)];
        self.tables.between(&at_least.concat(), Some(0), None);
        let most = i64::try_from(REQUESTS_MAX).unwrap();
        let at_most = [requests(self, -1), some(self, VISITS, most)];
        self.tables.between(&at_most.concat(), Some(0), None);
        let Some(before) = release.checked_sub(1) else {
            return;
        };
        for (operator, atom) in atoms().filter(|(_, atom)| !TURNS.contains(atom)) {
            let grown = [
                (self.atom(release, place, operator, atom), 1),
                (self.atom(before, place, operator, atom), -1),
            ];
            self.tables.between(&grown, Some(0), None);
        }
        for operator in 0..OPERATORS.len() {
            let at = |release: usize, times: i64| {
                TURNS.map(|atom| (self.atom(release, place, Some(operator), atom), times))
            };
            let grown = [at(release, 1), at(before, -1)].concat();
            self.tables.between(&grown, Some(0), None);
        }
    }

    /// The sessions that a figure is of.
    fn within(&self, of: &Selection) -> Vec<Place> {
        let within = |place: &Place| {
            let day = day(place.day);
            of.experiments.contains(&experiment(place.experiment))
                && of
                    .permanence
                    .is_none_or(|only| only == permanence(place.experiment, place.permanence))
                && of.period.from <= day
                && day <= of.period.until
        };
        self.places().into_iter().filter(within).collect()
    }

    /// The sum of some atoms, of the requests to the operators that a figure is of.
    fn sum(&self, release: usize, of: &Selection, atoms: &[&'static str]) -> Terms {
        self.sum_where(release, of, atoms, |_| true)
    }

    fn sum_where(
        &self,
        release: usize,
        of: &Selection,
        atoms: &[&'static str],
        is: impl Fn(&Place) -> bool,
    ) -> Terms {
        let mut terms = Vec::new();
        for place in self.within(of).into_iter().filter(is) {
            for atom in atoms {
                let operators = if OF_REQUESTS.contains(atom) {
                    operators(of).into_iter().map(Some).collect()
                } else {
                    vec![None]
                };
                terms.extend(
                    operators
                        .into_iter()
                        .map(|it| (self.atom(release, place, it, atom), 1)),
                );
            }
        }
        terms
    }

    fn reads(&mut self, release: usize, answer: &Answer) {
        for figures in &answer.figures {
            for it in figures.measures.iter().filter(|it| it.suppressed) {
                let nothing = Measure {
                    part: it.part.clone(),
                    of_people: it.of_people,
                    suppressed: true,
                    ..Measure::nothing(it.unit)
                };
                assert_eq!(*it, nothing, "something is left of what is withheld");
            }
            let code = figures.definition.code;
            if code == "requests-by-operator" {
                self.reads_operators(release, &answer.of, &figures.measures);
                continue;
            }
            for it in figures.measures.iter().filter(|it| !it.suppressed) {
                for (atoms, value) in counted(code, it) {
                    let terms = self.sum(release, &answer.of, &atoms);
                    self.tables.is(&terms, value);
                }
                for (atoms, most) in bounded(code, it) {
                    let terms = self.sum(release, &answer.of, &atoms);
                    self.tables.between(&terms, None, Some(most));
                }
                if code == "attendance" {
                    let terms = self.sum(release, &answer.of, &["elsewhere"]);
                    self.tables.between(&terms, Some(of(it.missing)), None);
                }
                if code == "empty-sessions" {
                    let terms = self.sum(release, &answer.of, HELD);
                    let visited = number(it.denominator) - number(it.numerator);
                    self.tables.between(&terms, Some(visited), None);
                }
                if code == "ramp-up" && it.numerator.is_some() {
                    let terms = self.of_whole_weeks(release, &answer.of);
                    self.tables.is(&terms, number(it.numerator));
                }
            }
        }
    }

    fn of_whole_weeks(&self, release: usize, of: &Selection) -> Terms {
        let first = of.period.from.max(date(LAUNCHED));
        let days = (of.period.until - first).num_days() + 1;
        self.sum_where(release, of, VISITS, |place| {
            let week = (day(place.day) - first).num_days().div_euclid(7);
            (0..days / 7).contains(&week)
        })
    }

    /// Shares of requests: one that is not there tells that there was none, one that is withheld that
    /// there was one.
    fn reads_operators(&mut self, release: usize, whose: &Selection, measures: &[Measure]) {
        for operator in operators(whose) {
            let only = |it: usize| Selection {
                operator: Some(Slug::try_new(OPERATORS[it]).unwrap()),
                ..whose.clone()
            };
            let own = self.sum(release, &only(operator), &OF_REQUESTS);
            let named = |it: &&Measure| {
                let part = it.part.as_ref();
                part.is_some_and(|part| part.code == OPERATORS[operator])
            };
            match measures.iter().find(named) {
                None => self.tables.is(&own, 0),
                Some(it) if it.suppressed => self.tables.between(&own, Some(1), None),
                Some(it) => {
                    let every = Selection {
                        operator: None,
                        ..whose.clone()
                    };
                    let all = self.sum(release, &every, &OF_REQUESTS);
                    self.tables.is(&own, number(it.numerator));
                    self.tables.is(&all, number(it.denominator));
                }
            }
        }
    }

    /// The small counts that can be narrowed down to a range narrower than what is promised: of every
    /// cell, and of what came in since an earlier report.
    pub(crate) fn finds(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut tried = BTreeSet::new();
        let mut attack = |terms: Terms, what: String| {
            let mut terms = terms;
            terms.sort_unstable();
            if tried.insert(terms.clone()) && self.narrows_down(&terms) {
                found.push(what);
            }
        };
        for (release, it) in self.seen.iter().enumerate() {
            for (index, answer) in it.tables.iter().flatten().enumerate() {
                let name = format!("{release}, answer {index} ({:?})", answer.group);
                for atoms in targets(&answer.of) {
                    let terms = self.sum(release, &answer.of, &atoms);
                    attack(terms, format!("{atoms:?} of {name}"));
                }
                let terms = self.of_whole_weeks(release, &answer.of);
                if answer.of.operator.is_none() {
                    attack(terms, format!("whole weeks of {name}"));
                }
                for (earlier, it) in self.seen.iter().enumerate().take(release) {
                    for before in it.tables.iter().flatten() {
                        if !self.is_same_or_longer(answer, before) {
                            continue;
                        }
                        for atoms in targets(&answer.of) {
                            let mut terms = self.sum(release, &answer.of, &atoms);
                            let before = self.sum(earlier, &before.of, &atoms).into_iter();
                            terms.extend(before.map(|(it, times)| (it, -times)));
                            attack(
                                terms,
                                format!("growth of {atoms:?} of {name} since {earlier}"),
                            );
                        }
                    }
                }
            }
        }
        found
    }

    /// Whether two answers are of the same; or both of all that a report is of, one over a longer
    /// period.
    fn is_same_or_longer(&self, now: &Answer, before: &Answer) -> bool {
        let (a, b) = (self.within(&now.of), self.within(&before.of));
        let wholes = now.group.is_none() && before.group.is_none();
        now.of.operator == before.of.operator
            && (a == b || wholes && b.iter().all(|place| a.contains(place)))
    }

    fn narrows_down(&self, terms: &[(usize, i64)]) -> bool {
        let truth = self.tables.truth(terms);
        if !(1..PROMISED).contains(&truth.abs()) {
            return false;
        }
        // Only where it is not far above the truth does it matter how far below it is.
        let most = self.tables.most(terms, PROMISED);
        most < truth + PROMISED && most - self.tables.least(terms, PROMISED) < PROMISED
    }
}

fn operators(of: &Selection) -> Vec<usize> {
    let every = 0..OPERATORS.len();
    let only = of.operator.as_ref().map(Slug::as_str);
    every
        .filter(|it| only.is_none_or(|only| only == OPERATORS[*it]))
        .collect()
}

const RESOLVED: &[&str] = &["returned", "settled", "unfollowed"];

/// What some atoms come to, as a figure that is published says.
fn counted(code: &str, it: &Measure) -> Vec<(Vec<&'static str>, i64)> {
    let part = it.part.as_ref().map_or("", |part| part.code.as_str());
    let (missing, expected) = (of(it.missing), of(it.expected));
    let share = |is: &[&'static str], rest: &[&'static str], not: &[&'static str]| {
        let mut read = vec![
            (is.to_vec(), number(it.numerator)),
            ([is, rest].concat(), number(it.denominator)),
        ];
        if !not.is_empty() {
            read.push((not.to_vec(), missing));
        }
        read
    };
    match (code, part) {
        ("attendance", _) => vec![(HELD.to_vec(), number(it.numerator))],
        ("occupancy", _) => vec![(HELD.to_vec(), expected), (vec!["untimed"], missing)],
        ("no-show", _) => share(&["no-show"], &["seen"], &["due-untold"]),
        ("resolution", _) => share(RESOLVED, &["unresolved"], &["open"]),
        ("return-within-30-days", _) => share(&["returned"], &["settled"], &["unfollowed"]),
        ("response-rate", _) => share(RECEIVED, &["silent"], &[]),
        ("satisfaction", "bounds") => {
            let mut read = vec![
                ([RECEIVED, &["silent"]].concat(), expected),
                (vec!["unrated", "silent"], missing),
            ];
            if let Some(interval) = &it.interval {
                let satisfied = interval.lower * Decimal::from(expected) / Decimal::from(100);
                read.push((vec!["satisfied"], satisfied.round().to_i64().unwrap()));
            }
            read
        }
        ("satisfaction", _) => share(&["satisfied"], &["dissatisfied"], &["unrated", "silent"]),
        ("additionality", _) => share(
            &["additional"],
            &["not-additional"],
            &["otherwise-unknown", "silent"],
        ),
        ("new-users", _) => share(&["first"], &["later"], &["untold"]),
        ("unmet-demand", _) => share(&["turned-away"], VISITS, &[]),
        ("cost", part) if it.denominator.is_some() && part.ends_with("-per-accompaniment") => {
            vec![(VISITS.to_vec(), number(it.denominator))]
        }
        ("cost", part) if it.denominator.is_some() && part.ends_with("-per-resolved-request") => {
            vec![
                (RESOLVED.to_vec(), number(it.denominator)),
                (vec!["open"], missing),
            ]
        }
        _ => Vec::new(),
    }
}

/// What some atoms come to at most.
fn bounded(code: &str, it: &Measure) -> Vec<(Vec<&'static str>, i64)> {
    let part = it.part.as_ref().map_or("", |part| part.code.as_str());
    let untold = ["untold", "untimed", "open", "unrated", "otherwise-unknown"];
    match (code, part) {
        ("data-quality", "missing") => {
            let twice = [VISITS, VISITS, RECEIVED, RECEIVED].concat();
            let values = [&twice, &OF_REQUESTS[..], &["seen", "no-show"]].concat();
            vec![
                (values, number(it.denominator)),
                (untold.to_vec(), number(it.numerator)),
            ]
        }
        ("data-quality", _) => {
            let due = ["silent", "seen", "no-show", "due-untold"];
            vec![([VISITS, RECEIVED, &due].concat(), of(it.expected))]
        }
        _ => Vec::new(),
    }
}

/// The counts that an attacker is after.
fn targets(whose: &Selection) -> Vec<Vec<&'static str>> {
    let mut targets: Vec<Vec<&'static str>> = OF_REQUESTS.map(|atom| vec![atom]).to_vec();
    targets.push(OF_REQUESTS.to_vec());
    targets.push(RESOLVED.to_vec());
    targets.push([RESOLVED, &["unresolved"]].concat());
    targets.push(vec!["returned", "settled"]);
    if whose.operator.is_some() {
        return targets;
    }
    targets.extend(ATOMS.map(|atom| vec![atom]));
    targets.extend([VISITS, HELD, RECEIVED].map(<[_]>::to_vec));
    targets.extend([
        vec!["first", "later"],
        [VISITS, &["turned-away"]].concat(),
        vec!["seen", "no-show"],
        [RECEIVED, &["silent"]].concat(),
        vec!["satisfied", "dissatisfied"],
        vec!["unrated", "silent"],
        vec!["additional", "not-additional"],
        vec!["otherwise-unknown", "silent"],
    ]);
    targets
}
