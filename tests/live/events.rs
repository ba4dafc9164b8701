//! Event by event: each once, in order, from any position.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

use crate::{
    life::{Act, Entry, Life, acts, id},
    world::{World, at},
};

/// How many histories a law is tried on: each opens a log.
const CASES: u32 = 6;

/// Tries a law on random histories.
fn for_all<S: Strategy>(values: S, law: impl AsyncFn(S::Value)) {
    let asked = std::env::var("CARNET_LAW_CASES").ok();
    let mut runner = TestRunner::new(Config {
        cases: asked.map_or(CASES, |cases| cases.parse().unwrap()),
        max_shrink_iters: 0,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&values, |value| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(law(value));
        Ok(())
    });
    if let Err(broken) = outcome {
        panic!("{broken}");
    }
}

/// A document, and which entries it is to tell of.
struct Told {
    document: String,
    of: fn(&Entry) -> bool,
}

fn told() -> Vec<Told> {
    let events = |arguments: &str, of: fn(&Entry) -> bool| Told {
        document: format!("subscription {{ events({arguments}) {{ position kind }} }}"),
        of,
    };
    let (experiment, permanence) = (id("experiment", 0), id("permanence", 1));
    vec![
        events("filter: {}", |_| true),
        events(&format!("experimentId: \"{experiment}\""), |it| {
            it.experiment == 0
        }),
        events(
            &format!("filter: {{ permanenceId: \"{permanence}\" }}"),
            |it| it.permanence == Some(1),
        ),
        events(
            "filter: { kinds: [\"user-turned-away\", \"entry-retracted\"] }",
            |it| ["user-turned-away", "entry-retracted"].contains(&it.kind),
        ),
        events(
            &format!("filter: {{ experimentId: \"{experiment}\", kinds: [\"venue-agreed\"] }}"),
            |it| it.experiment == 0 && it.kind == "venue-agreed",
        ),
        // What contradicts itself is of nothing.
        events(
            &format!(
                "experimentId: \"{experiment}\", filter: {{ permanenceId: \"{permanence}\" }}"
            ),
            |_| false,
        ),
        Told {
            document: format!(
                "subscription {{ experimentChanged(id: \"{experiment}\") {{ position cause {{ \
                 position kind }} }} }}"
            ),
            of: |it| it.experiment == 0,
        },
    ]
}

/// What an item tells: where, and what.
fn item(item: &Value) -> (u64, String) {
    let event = item.get("cause").unwrap_or(item);
    assert_eq!(event["position"], item["position"], "{item}");
    (at(item), event["kind"].as_str().unwrap().to_owned())
}

fn expected(life: &Life, told: &Told, after: u64) -> Vec<(u64, String)> {
    let entries = life.entries.iter();
    let entries = entries.filter(|it| it.position > after && (told.of)(it));
    entries
        .map(|it| (it.position, it.kind.to_owned()))
        .collect()
}

/// Would catch: a filter that means something else than it says, a page's seam, a resumption that
/// repeats or skips, and a position up to which all was looked at that is ahead of what was told.
#[test]
fn from_any_position_it_is_the_filtered_log() {
    for_all(vec(acts(), 24), async |some: Vec<Act>| {
        let world = World::at("2021-05-03T08:00:00Z").await;
        let mut life = Life::begin(&world).await;
        for act in some {
            life.act(&world, act).await;
        }
        let head = world.head();
        assert_eq!(life.entries.len() as u64, head);
        for told in told() {
            for after in 0..=head {
                let mut followed = world.follow(&told.document, Some(after)).await;
                let items = followed.until(head).await;
                let items: Vec<_> = items.iter().map(item).collect();
                let expected = expected(&life, &told, after);
                assert_eq!(items, expected, "{} after {after}", told.document);
            }
        }
    });
}

/// Would catch: an event that falls between what is read and what is waited for; one that is told
/// again after a cut; one that a cut swallows.
#[test]
fn cut_at_any_time_it_is_the_filtered_log() {
    let cuts = vec(1..9_usize, 1..20);
    for_all(
        (vec(acts(), 40), cuts),
        async |(some, cuts): (Vec<Act>, Vec<usize>)| {
            let world = World::at("2021-05-03T08:00:00Z").await;
            let mut life = Life::begin(&world).await;
            let begun = world.head();
            let done = tokio::sync::watch::Sender::new(false);
            let follow = async |told: &Told| {
                let (mut seen, mut after) = (Vec::new(), 0);
                let mut cuts = cuts.iter().cycle();
                let mut done = done.subscribe();
                loop {
                    let mut followed = world.follow(&told.document, Some(after)).await;
                    let mut passed = followed.following.watch();
                    for _ in 0..*cuts.next().unwrap() {
                        let next = tokio::select! {
                            biased;
                            next = followed.next() => next,
                            () = async {
                                done.wait_for(|done| *done).await.unwrap();
                                passed.wait_for(|it| it.0 >= world.head()).await.unwrap();
                            } => return seen,
                        };
                        seen.push(item(&next));
                    }
                    // Gone on from where an item was, or from where all was looked at: both are told.
                    after = if seen.len() % 2 == 0 {
                        followed
                            .following
                            .passed()
                            .0
                            .max(followed.following.position().0)
                    } else {
                        followed.following.position().0
                    };
                }
            };
            let told = told();
            let write = async {
                for act in some {
                    life.act(&world, act).await;
                }
                done.send_replace(true);
            };
            let all = futures_util::future::join_all(told.iter().map(&follow));
            let (seen, ()) = tokio::join!(all, write);
            assert!(world.head() > begun);
            for (told, seen) in told.iter().zip(seen) {
                assert_eq!(seen, expected(&life, told, 0), "{}", told.document);
            }
        },
    );
}

/// Would catch: a page of which the filter takes nothing, after which it is gone on from too far or too
/// near, or never.
#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_passed_over() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    let mut life = Life::begin(&world).await;
    for turn in 0..600 {
        let act = if turn % 290 == 289 {
            Act::State(0)
        } else {
            Act::TurnAway(1)
        };
        life.act(&world, act).await;
    }
    let head = world.head();
    for told in told() {
        for after in [0, 5, 250, 262, 263, 520] {
            let mut followed = world.follow(&told.document, Some(after)).await;
            let items = followed.until(head).await;
            let items: Vec<_> = items.iter().map(item).collect();
            let expected = expected(&life, &told, after);
            assert_eq!(items, expected, "{} after {after}", told.document);
        }
    }
}

/// Would catch: a filter that silently never matches, and an id of another kind that is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_match_is_refused() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    let many = vec!["\"session-held\""; 101].join(", ");
    let every = "programmeSummary(every: 0) { position }";
    let cases = [
        (
            "events(filter: { kinds: [\"nothing-of-ours\"] }) { position }".to_owned(),
            "UNKNOWN_KIND",
        ),
        (
            format!("events(filter: {{ kinds: [{many}] }}) {{ position }}"),
            "TOO_MANY_KINDS",
        ),
        (
            format!(
                "events(filter: {{ permanenceId: \"{}\" }}) {{ position }}",
                id("venue", 0)
            ),
            "UNKNOWN_ID",
        ),
        (
            format!(
                "experimentChanged(id: \"{}\") {{ position }}",
                id("venue", 0)
            ),
            "UNKNOWN_ID",
        ),
        (
            "permanencesToday(zone: \"999\") { position }".to_owned(),
            "UNKNOWN_DEPARTEMENT",
        ),
        (
            "indicators(codes: [\"none\"]) { position }".to_owned(),
            "UNKNOWN_INDICATOR",
        ),
        (
            "indicators(every: 3601) { position }".to_owned(),
            "EVERY_OUT_OF_BOUNDS",
        ),
        (every.to_owned(), "EVERY_OUT_OF_BOUNDS"),
        (
            "events(after: \"1\") { position }".to_owned(),
            "CURSOR_AHEAD",
        ),
        (
            "indicators(after: \"1\") { position }".to_owned(),
            "CURSOR_AHEAD",
        ),
    ];
    for (field, code) in cases {
        let mut followed = world
            .follow(&format!("subscription {{ {field} }}"), None)
            .await;
        let answer = followed.answer().await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], code,
            "{field}: {answer}"
        );
    }
}

/// Would catch: a kind that there is and that no filter takes, or one that is told of and is none.
#[test]
fn every_kind_can_be_asked_for() {
    let tags = carnet::log::stored::TAGS.iter();
    let mut tags: Vec<&str> = tags.map(|tag| tag.split_once('/').unwrap().0).collect();
    let mut kinds = carnet::domain::event::KINDS.to_vec();
    tags.sort_unstable();
    tags.dedup();
    kinds.sort_unstable();
    assert_eq!(kinds, tags);
}
