//! Laws: what holds whatever was done, and whatever is published of it.

use carnet::{
    domain::terms::Period,
    evaluation::{
        Answer, Question, answers,
        disclosure::publish,
        group::{By, Scope},
    },
};
use proptest::prelude::*;

use crate::{
    attacker::{Attacker, Seen},
    world::{World, date, experiment, later, world},
};

const CASES: u32 = 24;
/// Of a law that computes every table twice and asks no attacker.
const CASES_OF_ORDER: u32 = 4;
/// Of two reports, each held against the other.
const CASES_OF_TWO: u32 = 12;

/// What a report may have beside its whole.
#[derive(Debug, Clone, Copy)]
enum Part {
    By(By),
    /// The permanences of the first experiment.
    PermanencesOfOne,
    /// The months of the first experiment.
    MonthsOfOne,
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        4 => prop::sample::select(vec![
            By::Experiment, By::Model, By::Departement, By::Operator, By::Week, By::Month, By::Permanence,
        ]).prop_map(Part::By),
        1 => Just(Part::PermanencesOfOne),
        1 => Just(Part::MonthsOfOne),
    ]
}

/// A report: its period, and what it has beside its whole.
#[derive(Debug, Clone)]
struct Report {
    until: &'static str,
    parts: Vec<Part>,
}

fn report() -> impl Strategy<Value = Report> {
    let until = prop::sample::select(vec!["2021-01-31", "2021-02-28"]);
    (until, prop::collection::vec(part(), 0..4)).prop_map(|(until, parts)| Report { until, parts })
}

impl Report {
    fn of(&self, world: &World) -> Vec<Vec<Answer>> {
        let known = world.known();
        let on = date("2021-12-31");
        let ask = |scope: Scope, by: Option<By>| {
            let question = Question {
                scope,
                period: Period::try_new(date("2021-01-01"), date(self.until)).unwrap(),
                by,
                codes: Vec::new(),
            };
            answers(&question, &known, on)
        };
        let one = || Scope {
            experiment: Some(experiment(0)),
            ..Scope::default()
        };
        let parts = self.parts.iter().map(|part| match part {
            Part::By(by) => ask(Scope::default(), Some(*by)),
            Part::PermanencesOfOne => ask(one(), Some(By::Permanence)),
            Part::MonthsOfOne => ask(one(), Some(By::Month)),
        });
        std::iter::once(ask(Scope::default(), None))
            .chain(parts)
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(CASES) })]

    /// Would catch: a small count left in, in a numerator, a denominator, the rest or what is missing;
    /// one that totals, shares that have counts in common, or bounds give away.
    #[test]
    fn nobody_can_tell_a_small_count_of_a_report(world in world(), report in report()) {
        let published = publish(report.of(&world), &[]);
        let seen = [Seen { world: &world, tables: published.tables() }];
        prop_assert_eq!(Attacker::new(&seen).finds(), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(CASES_OF_TWO) })]

    /// Would catch: what came in between two dates told by their difference.
    #[test]
    fn nobody_can_tell_a_small_count_of_two_reports(
        world in world(),
        later in later(),
        first in report(),
        second in report(),
    ) {
        let grown = world.and(&later);
        let before = publish(first.of(&world), &[]);
        let after = publish(second.of(&grown), std::slice::from_ref(&before));
        let seen = [
            Seen { world: &world, tables: before.tables() },
            Seen { world: &grown, tables: after.tables() },
        ];
        prop_assert_eq!(Attacker::new(&seen).finds(), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES_OF_ORDER))]

    /// Would catch: an order that depends on where things lie in memory.
    #[test]
    fn the_same_is_withheld_again(world in world(), report in report()) {
        let once = publish(report.of(&world), &[]);
        prop_assert_eq!(&once, &publish(report.of(&world), &[]));
    }
}
