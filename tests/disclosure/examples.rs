//! Examples by hand: who could subtract what, and what is withheld for it.

use carnet::{
    domain::{experiment::DeliveryModel, terms::Period},
    evaluation::{
        Answer, Question, answers,
        disclosure::{Published, publish},
        group::{By, Scope},
        measure::Measure,
    },
};

use crate::{
    attacker::{Attacker, Seen},
    world::{Place, Session, Visit, World, date},
};

/// So many visits, so many of them first ones, each with one request that was resolved.
fn session(visits: usize, first: usize) -> Session {
    let visit = |index: usize| Visit {
        timed: true,
        first: usize::from(index >= first),
        requests: vec![(0, 0, None)],
    };
    Session {
        held: true,
        visits: (0..visits).map(visit).collect(),
        ..Session::default()
    }
}

/// One session of each experiment on one of the days.
fn world(day: usize, sessions: Vec<Session>) -> World {
    let places = (0..).map(|experiment| Place {
        experiment,
        permanence: 0,
        day,
    });
    World(places.zip(sessions).collect())
}

fn table(world: &World, scope: Scope, until: &str, by: Option<By>) -> Vec<Answer> {
    let question = Question {
        scope,
        period: Period::try_new(date("2021-01-01"), date(until)).unwrap(),
        by,
        codes: Vec::new(),
    };
    answers(&question, &world.known(), date("2021-12-31"))
}

fn all(world: &World, until: &str) -> Vec<Vec<Answer>> {
    vec![table(world, Scope::default(), until, None)]
}

fn figures<'a>(published: &'a Published, answer: usize, code: &str) -> Vec<&'a Measure> {
    let answer = &published.tables()[0][answer];
    let figures = answer.figures.iter().find(|it| it.definition.code == code);
    figures.unwrap().measures.iter().collect()
}

fn is_withheld(published: &Published, answer: usize, code: &str) -> bool {
    figures(published, answer, code)[0].suppressed
}

fn find(seen: &[(&World, &Published)]) -> Vec<String> {
    let seen: Vec<Seen> = seen
        .iter()
        .map(|(world, published)| Seen {
            world,
            tables: published.tables(),
        })
        .collect();
    Attacker::new(&seen).finds()
}

/// Would catch: a cell that is withheld and comes out as the total less the others.
#[test]
fn a_small_cell_is_not_the_total_less_the_others() {
    let world = world(0, vec![session(40, 20), session(30, 15), session(3, 3)]);
    let tables = vec![table(
        &world,
        Scope::default(),
        "2021-01-31",
        Some(By::Experiment),
    )];
    let published = publish(tables, &[]);
    assert!(is_withheld(&published, 3, "unmet-demand"));
    let told = (0..3).filter(|it| !is_withheld(&published, *it, "unmet-demand"));
    assert!(
        told.count() < 3,
        "one of the total and the others goes with it"
    );
    assert_eq!(find(&[(&world, &published)]), Vec::<String>::new());
}

/// Would catch: a report of January to February less the one of January.
#[test]
fn two_reports_do_not_subtract_to_a_small_month() {
    let january = world(0, vec![session(40, 20)]);
    let first = publish(all(&january, "2021-01-31"), &[]);
    assert!(!is_withheld(&first, 0, "unmet-demand"));
    for (more, withheld) in [(3, true), (0, false), (30, false)] {
        let grown = january.and(&world(2, vec![session(more, more)]));
        let second = publish(all(&grown, "2021-02-28"), std::slice::from_ref(&first));
        assert_eq!(is_withheld(&second, 0, "unmet-demand"), withheld, "{more}");
        let seen = [(&january, &first), (&grown, &second)];
        assert_eq!(find(&seen), Vec::<String>::new());
    }
}

/// Would catch: the same period, published again when three more had been recorded in it; also by its
/// whole weeks, which are counted from a day of their own.
#[test]
fn the_same_report_later_does_not_tell_what_came_in() {
    let january = world(0, vec![session(40, 20)]);
    let first = publish(all(&january, "2021-01-31"), &[]);
    let grown = january.and(&world(0, vec![session(3, 3)]));
    let second = publish(all(&grown, "2021-01-31"), std::slice::from_ref(&first));
    assert!(is_withheld(&second, 0, "unmet-demand"));
    let seen = [(&january, &first), (&grown, &second)];
    assert_eq!(find(&seen), Vec::<String>::new());
}

/// Would catch: the report of all experiments less the one of a model that all but one are of.
#[test]
fn a_report_of_a_part_does_not_tell_the_rest() {
    let world = world(0, vec![session(3, 3), session(40, 20), session(30, 15)]);
    let first = publish(all(&world, "2021-01-31"), &[]);
    assert!(!is_withheld(&first, 0, "unmet-demand"));
    let scope = Scope {
        model: Some(DeliveryModel::RovingDesk),
        ..Scope::default()
    };
    let part = vec![table(&world, scope, "2021-01-31", None)];
    let second = publish(part, std::slice::from_ref(&first));
    assert!(is_withheld(&second, 0, "unmet-demand"));
    let seen = [(&world, &first), (&world, &second)];
    assert_eq!(find(&seen), Vec::<String>::new());
}

/// Would catch: a large share whose complement is two people.
#[test]
fn a_share_does_not_tell_a_small_complement() {
    let world = world(0, vec![session(40, 38)]);
    let published = publish(all(&world, "2021-01-31"), &[]);
    assert!(is_withheld(&published, 0, "new-users"));
    assert!(!is_withheld(&published, 0, "attendance"));
    assert_eq!(find(&[(&world, &published)]), Vec::<String>::new());
}

/// Would catch: three accompaniments read off the users turned away, the minutes, the costs.
#[test]
fn figures_that_share_a_small_count_are_withheld_together() {
    let mut few = session(3, 3);
    few.turned_away = 20;
    let world = world(0, vec![few]);
    let published = publish(all(&world, "2021-01-31"), &[]);
    for code in [
        "attendance",
        "unmet-demand",
        "occupancy",
        "new-users",
        "resolution",
    ] {
        assert!(is_withheld(&published, 0, code), "{code}");
    }
    let costs = figures(&published, 0, "cost");
    let of_each = costs.iter().filter(|it| {
        let part = it.part.as_ref().unwrap();
        part.code.ends_with("-actual-per-accompaniment")
    });
    let withheld: Vec<bool> = of_each.map(|it| it.suppressed).collect();
    assert_eq!(withheld, [true, true]);
    assert_eq!(find(&[(&world, &published)]), Vec::<String>::new());
}

/// Would catch: an interval left to a figure that is withheld: Wilson's gives both counts away.
#[test]
fn nothing_is_left_of_what_is_withheld() {
    let mut two = session(40, 20);
    (two.no_show, two.seen) = (2, 38);
    let exact = all(&world(0, vec![two]), "2021-01-31");
    let mut told = exact[0][0].figures.iter();
    let told = told.find(|it| it.definition.code == "no-show").unwrap();
    assert!(told.measures[0].interval.is_some());
    let published = publish(exact, &[]);
    let [it] = figures(&published, 0, "no-show")[..] else {
        panic!("one figure");
    };
    let nothing = Measure {
        of_people: true,
        suppressed: true,
        ..Measure::nothing(it.unit)
    };
    assert_eq!(*it, nothing);
}
