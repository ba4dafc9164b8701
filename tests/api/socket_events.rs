//! The subscription to events: each once, in order, from any position.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, number},
    words::{NOBODY, VIGNY, experiment, launch, statement, vigny},
};

const EXPERIMENTS: u64 = 8;

/// Launches experiments 1 to 8: positions 1 to 8.
async fn eight(carnet: &Carnet) {
    for number in 1..=EXPERIMENTS {
        let input = launch(json!({ "experimentId": experiment(number) }));
        carnet.record("launchExperiment", input).await.position();
    }
}

/// Records `count` statements, several at once.
async fn talk(carnet: &Carnet, count: u64) {
    let talks = (1..=EXPERIMENTS).map(|subject| async move {
        for turn in 0..count / EXPERIMENTS {
            let mut input = statement(&format!("Parole {turn}."));
            input["experimentId"] = json!(experiment(subject));
            carnet.record("recordStatement", input).await.position();
        }
    });
    join_all(talks).await;
}

/// Catches an event that falls between what is read and what is waited for, or comes twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscriber_sees_every_event_once_in_order_while_they_are_written() {
    let carnet = Carnet::start().await;
    eight(&carnet).await;
    let all = EXPERIMENTS + 200;
    let follow = |after: u64| {
        let carnet = &carnet;
        async move {
            let mut socket = carnet.socket().await;
            socket.follow("1", after).await;
            for expected in after + 1..=all {
                assert_eq!(socket.position("1").await, expected);
            }
            socket
        }
    };
    let (mut first, mut fifth, ()) = tokio::join!(follow(0), follow(5), talk(&carnet, 200));
    // Nothing more came: what is next is what is asked next.
    for socket in [&mut first, &mut fifth] {
        socket.subscribe("2", "{ position }", json!({})).await;
        assert_eq!(number(&socket.next("2").await["data"]["position"]), all);
    }
    carnet.stop().await;
}

/// Catches a resumption that repeats or skips: the client names the last position it saw.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscriber_goes_on_after_a_cut_from_where_it_was() {
    let carnet = Carnet::start().await;
    eight(&carnet).await;
    let all = EXPERIMENTS + 200;
    let follow = async {
        let mut seen = Vec::new();
        while seen.len() < 208 {
            let mut socket = carnet.socket().await;
            socket
                .follow("1", seen.last().copied().unwrap_or_default())
                .await;
            for _ in 0..17.min(208 - seen.len()) {
                seen.push(socket.position("1").await);
            }
            // Dropped here, with what else may be under way to it.
        }
        seen
    };
    let (seen, ()) = tokio::join!(follow, talk(&carnet, 200));
    assert_eq!(seen, (1..=all).collect::<Vec<u64>>());

    // Across a restart, too.
    let carnet = Carnet::start_in(carnet.stop().await).await;
    let mut socket = carnet.socket().await;
    socket.follow("1", 205).await;
    for expected in 206..=all {
        assert_eq!(socket.position("1").await, expected);
    }
    let mut input = statement("Encore.");
    input["experimentId"] = json!(experiment(1));
    assert_eq!(
        carnet.record("recordStatement", input).await.position(),
        all + 1
    );
    assert_eq!(socket.position("1").await, all + 1);
    carnet.stop().await;
}

/// Catches more events than one page of the subscription, and a page that is exactly full.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_past_is_read_page_by_page_without_a_seam() {
    let carnet = Carnet::start().await;
    eight(&carnet).await;
    talk(&carnet, 512).await;
    for after in [0, 7, 8, 264] {
        let mut socket = carnet.socket().await;
        socket.follow("1", after).await;
        for expected in after + 1..=520 {
            assert_eq!(socket.position("1").await, expected);
        }
    }
    carnet.stop().await;
}

#[tokio::test]
async fn without_a_position_only_what_comes_is_sent() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let mut socket = carnet.socket().await;
    let all = "subscription { events { position kind sentence experiment { title version } } }";
    socket.subscribe("1", all, json!({})).await;
    // The subscription has begun for sure once its own answers come: so write until one does.
    socket.subscribe("2", "{ position }", json!({})).await;
    assert_eq!(socket.next("2").await["data"]["position"], "3");
    socket.completed("2").await;
    let mut written = 3;
    let event = loop {
        let words = format!("Parole {written}.");
        written = carnet
            .record("recordStatement", statement(&words))
            .await
            .position();
        socket.subscribe("3", "{ position }", json!({})).await;
        let message = socket.receive().await;
        if message["id"] == "1" {
            break message;
        }
        socket.completed("3").await;
    };
    let event = &event["payload"]["data"]["events"];
    assert!(number(&event["position"]) >= 4, "{event}");
    assert_eq!(event["kind"], "statement-recorded");
    assert_eq!(event["experiment"]["title"], "Vigny");
    // An event is shown with its experiment as it was once the event was known, or later.
    assert!(event["experiment"]["version"].as_u64().unwrap() >= 2);
    carnet.stop().await;
}

#[tokio::test]
async fn a_position_ahead_of_the_head_is_refused() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let mut socket = carnet.socket().await;
    for ahead in [4, 1_000, u64::MAX] {
        socket.follow("1", ahead).await;
        let mut answer = socket.next("1").await;
        socket.completed("1").await;
        let errors = answer["errors"].take();
        let extensions = json!({ "code": "CURSOR_AHEAD", "asked": ahead.to_string(), "head": "3" });
        assert_eq!(errors[0]["extensions"], extensions);
        let sentence = format!("La position {ahead} dépasse la dernière position connue, 3.");
        assert_eq!(errors[0]["message"], sentence);
    }
    // At the head is not ahead of it.
    socket.follow("1", 3).await;
    carnet
        .record("recordStatement", statement("Parole."))
        .await
        .position();
    assert_eq!(socket.position("1").await, 4);
    carnet.stop().await;
}

/// Catches a filter that lets another experiment's events through, or misses those of a venue.
#[tokio::test]
async fn a_filter_sends_what_concerns_one_experiment_and_nothing_else() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let other = launch(json!({ "experimentId": experiment(2) }));
    assert_eq!(carnet.record("launchExperiment", other).await.position(), 4);
    let mut socket = carnet.socket().await;
    let filtered = "subscription Of($id: ID) { events(after: \"0\", experimentId: $id) { \
                    position experiment { id } } }";
    socket
        .subscribe("vigny", filtered, json!({ "id": VIGNY }))
        .await;
    let event = |position: u64| {
        json!({ "data": { "events": { "position": position.to_string(),
            "experiment": { "id": VIGNY } } } })
    };
    for position in 1..=3 {
        assert_eq!(socket.next("vigny").await, event(position));
    }
    let mut elsewhere = statement("Ailleurs.");
    elsewhere["experimentId"] = json!(experiment(2));
    assert_eq!(
        carnet.record("recordStatement", elsewhere).await.position(),
        5
    );
    assert_eq!(
        carnet
            .record("recordStatement", statement("Ici."))
            .await
            .position(),
        6
    );
    assert_eq!(socket.next("vigny").await, event(6));

    for unknown in ["nonsense", "venue-00000000-0000-7000-8000-000000000111", ""] {
        socket
            .subscribe("2", filtered, json!({ "id": unknown }))
            .await;
        let answer = socket.next("2").await;
        socket.completed("2").await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "UNKNOWN_ID", "{unknown}");
    }
    // One that is not recorded yet may be waited for.
    socket
        .subscribe("2", filtered, json!({ "id": NOBODY }))
        .await;
    let launched = launch(json!({ "experimentId": NOBODY }));
    assert_eq!(
        carnet.record("launchExperiment", launched).await.position(),
        7
    );
    let next: Value = socket.next("2").await;
    assert_eq!(next["data"]["events"]["position"], "7");
    carnet.stop().await;
}

/// Catches one subscriber who does not read and holds everybody up, writers included.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscriber_who_does_not_read_holds_nobody_up() {
    let carnet = Carnet::start().await;
    eight(&carnet).await;
    let mut idle = carnet.socket().await;
    for number in 0..50 {
        idle.follow(&number.to_string(), 0).await;
    }
    let mut reader = carnet.socket().await;
    reader.follow("1", 0).await;
    talk(&carnet, 200).await;
    for expected in 1..=208 {
        assert_eq!(reader.position("1").await, expected);
    }
    // It has lost nothing for it.
    let mut next = vec![1; 50];
    while next.iter().any(|next| *next <= 208) {
        let message = idle.receive().await;
        let id: usize = message["id"].as_str().unwrap().parse().unwrap();
        let position = number(&message["payload"]["data"]["events"]["position"]);
        assert_eq!(position, next[id]);
        next[id] += 1;
    }
    carnet.stop().await;
}
