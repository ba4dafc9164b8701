//! How things stand: at once, and again when it may be otherwise; what comes together is told once.

use proptest::{collection::vec, prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::{
    life::{Act, Life, id},
    world::{World, at},
};

const FIGURES: &str = "position because cause { position kind } report { position validAt whole { \
                       figures { code value n } } }";

fn figures(arguments: &str) -> String {
    format!("subscription {{ indicators({arguments}) {{ {FIGURES} }} }}")
}

/// What a query answers at the position of an item.
async fn asked(world: &World, item: &Value) -> Value {
    let position = at(item);
    let day = item["report"]["validAt"].as_str().unwrap();
    let asked = format!(
        "{{ asOf(knownAt: {{ position: \"{position}\" }}, validAt: \"{day}\") {{ indicators(codes: \
         [\"held-rate\", \"unmet-demand\"]) {{ position validAt whole {{ figures {{ code value n }} \
         }} }} }} }}"
    );
    world.ask(&asked).await["asOf"]["indicators"].clone()
}

/// Would catch: figures computed once for each event of a burst; a last change that is lost, since it
/// came while an item rested; a cause that is told where it was but one of several.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_together_is_told_once_and_the_last_change_always() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    let mut life = Life::begin(&world).await;
    let mut runner = TestRunner::deterministic();
    let bursts = vec(1..5_usize, 12).new_tree(&mut runner).unwrap().current();
    let document = figures("every: 600, codes: [\"held-rate\", \"unmet-demand\"]");
    let mut followed = world.follow(&document, None).await;
    let first = followed.next().await;
    assert_eq!(first["because"], "BEGINNING");
    assert_eq!(first["cause"], Value::Null);
    assert_eq!(at(&first), world.head());
    assert_eq!(first["report"], asked(&world, &first).await);
    for (turn, burst) in (1..).zip(bursts) {
        for _ in 0..burst {
            // While it rests nothing comes, whatever is recorded.
            followed.silent(life.act(&world, Act::TurnAway(0))).await;
        }
        let head = world.head();
        let later = format!("2021-05-03T{:02}:00:00Z", 8 + turn);
        followed.silent(world.set(&later, 1)).await;
        let item = followed.next().await;
        assert_eq!(at(&item), head, "{item}");
        assert_eq!(item["because"], "RECORDED");
        let cause = if burst == 1 {
            json!({ "position": head.to_string(), "kind": "user-turned-away" })
        } else {
            Value::Null
        };
        assert_eq!(item["cause"], cause);
        assert_eq!(item["report"], asked(&world, &item).await);
    }
}

/// Would catch: a change that is lost at the border between resting and waiting.
#[tokio::test(flavor = "multi_thread")]
async fn whenever_it_changes_the_last_item_is_of_the_last_change() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    let mut life = Life::begin(&world).await;
    for document in [
        figures("every: 1, codes: [\"held-rate\", \"unmet-demand\"]"),
        "subscription { programmeSummary(every: 1) { position because } }".to_owned(),
    ] {
        let mut followed = world.follow(&document, None).await;
        followed.next().await;
        let write = async {
            for turn in 0..40 {
                life.act(&world, Act::TurnAway(turn % 2)).await;
                // Whether it rests or waits, time goes by.
                let now = carnet::clock::Clock::now(world.clock.as_ref());
                world.clock.set(now + chrono::TimeDelta::seconds(1));
            }
        };
        let last = world.head() + 40;
        let read = async {
            let mut told = 0;
            loop {
                let item = tokio::select! {
                    biased;
                    item = followed.next() => item,
                    () = world.clock.paused(1) => {
                        let now = carnet::clock::Clock::now(world.clock.as_ref());
                        world.clock.set(now + chrono::TimeDelta::seconds(2));
                        continue;
                    }
                };
                // With all this time going by, days do too.
                if item["because"] == "RECORDED" {
                    assert!(at(&item) > told, "{item} after {told}");
                    told = at(&item);
                }
                if told == last {
                    return;
                }
            }
        };
        tokio::join!(read, write);
    }
}

fn today(arguments: &str) -> String {
    format!(
        "subscription {{ permanencesToday{arguments} {{ position because day zone timeZone cause {{ \
         kind }} occurrences {{ permanenceId startsAt }} takenOut {{ reason }} permanences {{ id \
         experiment {{ title }} }} }} }}"
    )
}

/// Which permanences an item tells of.
fn held(item: &Value) -> Vec<&str> {
    let occurrences = item["occurrences"].as_array().unwrap().iter();
    let ids: Vec<&str> = occurrences
        .map(|it| it["permanenceId"].as_str().unwrap())
        .collect();
    let permanences = item["permanences"].as_array().unwrap().iter();
    let also: Vec<&str> = permanences.map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, also, "{item}");
    ids
}

/// Would catch: a day that changes with the server's, or with that of metropolitan France; a day's
/// change that wakes nobody.
#[tokio::test(flavor = "multi_thread")]
async fn another_day_begins_in_each_zone_for_itself() {
    // Monday; midnight is at 20:00 on the Reunion, and at 22:00 in metropolitan France.
    let world = World::at("2021-05-03T08:00:00Z").await;
    Life::begin(&world).await;
    let (vigny, cilaos) = (id("permanence", 0), id("permanence", 1));
    let mut here = world.follow(&today("(zone: \"95\")"), None).await;
    let mut there = world.follow(&today("(zone: \"974\")"), None).await;
    for (followed, zone) in [(&mut here, "Europe/Paris"), (&mut there, "Indian/Reunion")] {
        let item = followed.next().await;
        assert_eq!(item["because"], "BEGINNING");
        assert_eq!(item["day"], "2021-05-03");
        assert_eq!(item["timeZone"], zone);
        assert_eq!(held(&item), Vec::<&str>::new());
    }
    let set = world.set("2021-05-03T20:00:05Z", 2);
    let item = here
        .silent(async { tokio::join!(there.next(), set).0 })
        .await;
    assert_eq!(item["because"], "NEW_DAY");
    assert_eq!(item["day"], "2021-05-04");
    assert_eq!(held(&item), [cilaos.as_str()]);
    assert_eq!(
        item["occurrences"][0]["startsAt"],
        "2021-05-04T09:00:00+04:00"
    );

    let set = world.set("2021-05-03T22:00:05Z", 2);
    let item = there
        .silent(async { tokio::join!(here.next(), set).0 })
        .await;
    assert_eq!(item["because"], "NEW_DAY");
    assert_eq!(item["day"], "2021-05-04");
    assert_eq!(held(&item), [vigny.as_str()]);
    assert_eq!(item["permanences"][0]["experiment"]["title"], "Vigny");

    // Of all: on the day of metropolitan France.
    let mut all = world.follow(&today(""), None).await;
    let item = all.next().await;
    assert_eq!(held(&item), [cilaos.as_str(), vigny.as_str()]);
    assert_eq!(item["zone"], Value::Null);
}

/// Would catch: what is recorded elsewhere, or does not count, taken for a change; and a change that is
/// not told.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_told_anew_when_it_is_touched() {
    let world = World::at("2021-05-04T08:00:00Z").await;
    let mut life = Life::begin(&world).await;
    let mut here = world.follow(&today("(zone: \"95\")"), None).await;
    assert_eq!(held(&here.next().await).len(), 1);
    // What is done in a session, and what is recorded of another departement, is none of it: what
    // comes next is of what is recorded here.
    let elsewhere = async {
        life.act(&world, Act::TurnAway(0)).await;
        life.act(&world, Act::State(1)).await;
        life.act(&world, Act::Rename(1)).await;
    };
    here.silent(elsewhere).await;
    let input = json!({ "permanenceId": id("permanence", 0), "from": "2021-05-04",
        "until": "2021-05-04", "reason": "Absence" });
    let (item, position) = tokio::join!(here.next(), world.record("suspendPermanence", input));
    assert_eq!(at(&item), position);
    assert_eq!(item["because"], "RECORDED");
    assert_eq!(item["cause"]["kind"], "permanence-suspended");
    assert_eq!(item["occurrences"], json!([]));
    assert_eq!(item["takenOut"][0]["reason"], "PERMANENCE_SUSPENDED");
}

/// Would catch: a resumption that tells again what was told, or not what came since.
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_on_is_told_what_came_since() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    let mut life = Life::begin(&world).await;
    let documents = |after: u64| {
        [
            today(&format!("(zone: \"95\", after: \"{after}\")")),
            figures(&format!("every: 1, after: \"{after}\"")),
            format!(
                "subscription {{ programmeSummary(every: 1, after: \"{after}\") {{ position \
                     because experiments activity {{ turnedAway position }} }} }}"
            ),
        ]
    };
    // Nothing came since: nothing is told before something does.
    let before = world.head();
    for (turn, document) in (0..).zip(documents(before)) {
        let mut followed = world.follow(&document, None).await;
        let head = world.head();
        if turn > 0 {
            // Others before it recorded something: it is told at once.
            let item = followed.next().await;
            assert_eq!((at(&item), &item["because"]), (head, &json!("RECORDED")));
            continue;
        }
        assert_eq!(followed.until(head).await, Vec::<Value>::new());
        let ((), item) = tokio::join!(life.act(&world, Act::Rename(0)), followed.next());
        assert_eq!(at(&item), head + 1);
    }
    // Another day began since: it is told, whether or not something came.
    world.clock.set("2021-05-03T23:00:00Z".parse().unwrap());
    let head = world.head();
    for document in documents(head) {
        let mut followed = world.follow(&document, None).await;
        let item = followed.next().await;
        assert_eq!(
            (at(&item), &item["because"]),
            (head, &json!("NEW_DAY")),
            "{item}"
        );
    }
}
