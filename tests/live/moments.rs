//! What an item says is of its position, whenever it is told.

use proptest::{collection::vec, strategy::ValueTree, test_runner::TestRunner};
use serde_json::Value;

use crate::{
    life::{Life, acts, id},
    world::{World, at},
};

/// What depends on the moment, of an event.
const EVENT: &str = "position kind sentence standing correctedBy lineage { position } experiment { \
                     version title status venues { name } history(first: 100) { edges { cursor } } \
                     activity { turnedAway position } }";

/// The same, of an experiment.
const EXPERIMENT: &str = "version title status venues { name } history(first: 100) { edges { cursor } } \
                          activity { turnedAway position } validAt: calendar(from: \"2021-05-04\", \
                          until: \"2021-05-04\") { occurrences { date } }";

/// Would catch: an item of which a part is of the moment it is told at, and another of the event's.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_item_says_is_as_of_its_position() {
    let world = World::at("2021-05-03T08:00:00Z").await;
    let mut life = Life::begin(&world).await;
    let some =
        proptest::strategy::Strategy::new_tree(&vec(acts(), 30), &mut TestRunner::deterministic());
    for (turn, act) in some.unwrap().current().into_iter().enumerate() {
        // Over two days: what is to be so "today" differs.
        if turn == 15 {
            world.clock.set("2021-05-04T22:30:00Z".parse().unwrap());
        }
        life.act(&world, act).await;
    }
    let head = world.head();

    let document = format!("subscription {{ events(after: \"0\") {{ {EVENT} }} }}");
    let items = world.follow(&document, None).await.until(head).await;
    assert_eq!(items.len() as u64, head);
    let mut superseded = 0;
    for item in items {
        let position = at(&item);
        let asked = format!(
            "{{ asOf(knownAt: {{ position: \"{position}\" }}) {{ node(id: \"event-{position}\") {{ \
             ... on Event {{ {EVENT} }} }} }} }}"
        );
        assert_eq!(item, world.ask(&asked).await["asOf"]["node"]);
        let now = format!("{{ node(id: \"event-{position}\") {{ ... on Event {{ standing }} }} }}");
        superseded += usize::from(world.ask(&now).await["node"]["standing"] != item["standing"]);
    }
    assert!(superseded > 3, "nothing was corrected since");

    let experiment = id("experiment", 0);
    let document = format!(
        "subscription {{ experimentChanged(id: \"{experiment}\", after: \"0\") {{ position validAt \
         experiment {{ {EXPERIMENT} }} }} }}"
    );
    let items = world.follow(&document, None).await.until(head).await;
    let days: std::collections::BTreeSet<String> = items
        .iter()
        .map(|item| item["validAt"].to_string())
        .collect();
    assert_eq!(days.len(), 2, "{days:?}");
    for item in items {
        let position = at(&item);
        let asked = format!(
            "{{ asOf(knownAt: {{ position: \"{position}\" }}) {{ validAt experiment(id: \
             \"{experiment}\") {{ {EXPERIMENT} }} }} }}"
        );
        let asked = world.ask(&asked).await;
        assert_eq!(item["experiment"], asked["asOf"]["experiment"]);
        assert_eq!(item["validAt"], asked["asOf"]["validAt"]);
        assert_ne!(item["experiment"], Value::Null);
    }
}
