//! Executed once for all who follow the same, and to each what it would be told alone.

use serde_json::json;

use crate::{
    bounds::lengthy,
    harness::{Carnet, Socket},
};

const FILTERED: &str = "subscription Follow($after: Position) { events(after: $after, filter: { \
                        kinds: [\"operator-joined\", \"person-erased\"] }) { position kind } }";

/// Takes in that what was asked before has begun: it is told of an event that all are told.
async fn begun(carnet: &Carnet, sockets: &mut [Socket]) {
    let position = carnet.record_anything().await;
    for socket in sockets {
        while socket.event("1").await < position {}
    }
}

/// Would catch: an execution for each subscriber, or for each place that they begin at.
#[tokio::test]
async fn what_many_follow_is_executed_once() {
    let carnet = Carnet::start().await;
    let mut sockets = Vec::new();
    for _ in 0..12 {
        let mut socket = carnet.socket().await;
        socket.follow("1", None).await;
        sockets.push(socket);
    }
    begun(&carnet, &mut sockets).await;
    let before = carnet.live.executed();
    let mut head = 0;
    for _ in 0..5 {
        head = carnet.record_anything().await;
    }
    for socket in &mut sockets {
        for position in head - 4..=head {
            assert_eq!(socket.event("1").await, position);
        }
    }
    assert_eq!(carnet.live.executed() - before, 5);
    // Who comes later and begins within what is kept, too.
    let mut late = carnet.socket().await;
    late.follow("1", Some(head - 3)).await;
    for position in head - 2..=head {
        assert_eq!(late.event("1").await, position);
    }
    assert_eq!(carnet.live.executed() - before, 5);
    assert_eq!(carnet.live.channels(), 1);
    drop((late, sockets));
}

/// Would catch: what is kept known to be whole only from an item on, though all between was looked at.
#[tokio::test]
async fn who_begins_where_nothing_happened_joins() {
    let carnet = Carnet::start().await;
    let mut first = carnet.socket().await;
    first.subscribe("1", FILTERED, None).await;
    let mut one = [first];
    begun(&carnet, &mut one).await;
    let before = carnet.live.executed();
    // A token is none of the kinds that are followed.
    let (id, _) = carnet.issue("EVALUATOR").await;
    carnet.revoke(&id).await;
    let gap = carnet.data("{ position }", json!({})).await;
    let mut late = carnet.socket().await;
    let after = gap["position"].as_str().unwrap().parse().unwrap();
    late.subscribe("1", FILTERED, Some(after)).await;
    late.send(&json!({ "type": "ping" })).await;
    assert_eq!(late.receive().await["type"], "pong");
    let position = carnet.record_anything().await;
    let [first] = &mut one;
    assert_eq!(first.event("1").await, position);
    assert_eq!(late.event("1").await, position);
    assert_eq!(carnet.live.channels(), 1);
    assert_eq!(carnet.live.executed() - before, 1);
}

/// Would catch: who is too slow for what is kept, and misses what was let go of, or is told it twice; and
/// what is kept growing with what is not taken.
#[tokio::test]
async fn who_is_too_slow_goes_on_from_where_it_was() {
    let carnet = Carnet::start().await;
    let document = lengthy();
    let mut quick = carnet.socket().await;
    quick.subscribe("1", &document, None).await;
    let mut slow = carnet.socket().await;
    slow.subscribe("1", &document, None).await;
    let first = carnet.record_anything().await;
    assert_eq!(quick.event("1").await, first);
    for position in first + 1..first + 300 {
        assert_eq!(carnet.record_anything().await, position);
        assert_eq!(quick.event("1").await, position);
    }
    assert!(
        carnet.live.bytes() <= 1024 * 1024,
        "{}",
        carnet.live.bytes()
    );
    for position in first..first + 300 {
        assert_eq!(slow.event("1").await, position);
    }
    let next = carnet.record_anything().await;
    assert_eq!(quick.event("1").await, next);
    assert_eq!(slow.event("1").await, next);
}

/// Would catch: what one may see told to another who may not.
#[tokio::test]
async fn what_is_shared_is_shared_by_who_may_the_same() {
    let carnet = Carnet::start().await;
    let (id, evaluator) = carnet.issue("EVALUATOR").await;
    let (_, another) = carnet.issue("EVALUATOR").await;
    let mut sockets = Vec::new();
    for token in [&evaluator, &another, &carnet.administrator] {
        let mut socket = carnet.socket_with(token).await;
        socket.follow("1", None).await;
        sockets.push(socket);
    }
    begun(&carnet, &mut sockets).await;
    assert_eq!(carnet.live.channels(), 2);
    // The first one led: that it is turned out is nothing to the others.
    carnet.revoke(&id).await;
    assert_eq!(sockets.remove(0).closed().await, 4403);
    begun(&carnet, &mut sockets).await;
}

/// Would catch: what named a person, told again of what is kept once that person is erased.
#[tokio::test]
async fn nothing_that_was_kept_outlives_an_erasure() {
    let carnet = Carnet::start().await;
    let camille = "adviser-00000000-0000-7000-8000-000000000131";
    let named = json!({ "adviserId": camille, "from": "2021-04-27", "name": "Camille Exemple",
        "role": "DESK_OFFICER" });
    let mut first = carnet.socket().await;
    first.follow("1", None).await;
    let mut one = [first];
    begun(&carnet, &mut one).await;
    let start = carnet.record_anything().await;
    carnet.record("registerAdviser", named, "").await;
    let before = carnet.live.executed();
    let [first] = &mut one;
    assert_eq!(first.event("1").await, start);
    assert_eq!(first.event("1").await, start + 1);
    let mut late = carnet.socket().await;
    late.follow("1", Some(start)).await;
    assert_eq!(late.event("1").await, start + 1);
    let shared = carnet.live.executed() - before;
    assert!(shared <= 1, "{shared}");
    let erased = json!({ "personId": camille, "on": "2021-06-03", "reason": "Demande écrite" });
    carnet.record("erasePerson", erased, "").await;
    assert_eq!(first.event("1").await, start + 2);
    assert_eq!(late.event("1").await, start + 2);
    let before = carnet.live.executed();
    let mut later = carnet.socket().await;
    later.follow("1", Some(start)).await;
    for position in start + 1..=start + 2 {
        assert_eq!(later.event("1").await, position);
    }
    assert!(
        carnet.live.executed() > before,
        "what was kept was told again"
    );
    // And on it goes.
    let next = carnet.record_anything().await;
    for socket in [first, &mut late, &mut later] {
        assert_eq!(socket.event("1").await, next);
    }
}

/// Would catch: a channel of how things stand that tells a newcomer nothing at once, or all of it twice.
#[tokio::test]
async fn how_things_stand_is_told_at_once_to_each_and_then_to_all() {
    let carnet = Carnet::start().await;
    let query = "subscription { programmeSummary(every: 1) { position because } }";
    let mut sockets = Vec::new();
    for _ in 0..4 {
        let mut socket = carnet.socket().await;
        socket.subscribe("1", query, None).await;
        let told = socket.receive().await;
        let summary = &told["payload"]["data"]["programmeSummary"];
        assert_eq!(summary["because"], "BEGINNING", "{told}");
        sockets.push(socket);
    }
    let before = carnet.live.executed();
    let launch = json!({
        "experimentId": "experiment-00000000-0000-7000-8000-000000000101",
        "title": "Vigny",
        "startsOn": "2021-04-27",
        "plannedEnd": "2021-07-27",
        "model": "WEEKLY_PERMANENCES",
        "carrier": "La Poste",
        "hub": { "name": "Bureau de poste de Vigny", "commune": "95658" },
        "zone": ["95177", "95287", "95658"],
        "operators": [{ "code": "la-poste", "name": "La Poste" }],
    });
    let launched = carnet.record("launchExperiment", launch, "").await;
    // One rests, for all of them.
    carnet.clock.paused(1).await;
    carnet.clock.set("2021-05-10T09:00:00Z".parse().unwrap());
    for socket in &mut sockets {
        let told = socket.receive().await;
        let summary = &told["payload"]["data"]["programmeSummary"];
        assert_eq!(summary["because"], "RECORDED", "{told}");
        assert_eq!(summary["position"], launched["position"]);
    }
    assert_eq!(carnet.live.executed() - before, 1);
}
