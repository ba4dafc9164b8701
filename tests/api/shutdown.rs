//! Stopping: what is in flight is finished, and sockets are told.

use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, command_id, merge, mutation},
    in_time,
    program::{self, Program},
    raw::Raw,
    words::{VIGNY, experiment, launch, vigny},
};

/// Catches clients that take the end of the server for the end of the stream.
#[tokio::test]
async fn stopping_closes_sockets_1012() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let mut follower = carnet.socket().await;
    follower.follow("1", 0).await;
    for position in 1..=3 {
        assert_eq!(follower.position("1").await, position);
    }
    let mut idle = carnet.socket().await;
    let stopped = carnet.stopping();
    let restart = (1012, "Service restart".to_owned());
    assert_eq!(follower.closed().await, restart);
    assert_eq!(idle.closed().await, restart);
    stopped.await;
}

/// Catches mutations on a socket that are cut off by the stop: their sender would never learn
/// what came of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_first_answers_the_mutations_of_a_socket() {
    let carnet = Carnet::start().await;
    let mut socket = carnet.socket().await;
    socket.follow("events", 0).await;
    let count: u64 = 20;
    for number in 0..count {
        let mut input = launch(json!({ "experimentId": experiment(number) }));
        let common = json!({ "commandId": command_id(number), "source": { "label": "Source" } });
        merge(&mut input, common);
        let document = mutation("launchExperiment", "");
        socket
            .subscribe(&number.to_string(), &document, json!({ "input": input }))
            .await;
    }
    // Once the ping that follows them is answered, all have been taken in.
    socket.send(&json!({ "type": "ping" })).await;
    let mut answered = Vec::new();
    let mut note = |message: &Value| {
        if message["type"] == "next" && message["id"] != "events" {
            let payload = &message["payload"]["data"]["payload"];
            assert_eq!(
                payload["eventIds"].as_array().unwrap().len(),
                1,
                "{message}"
            );
            answered.push(message["id"].as_str().unwrap().to_owned());
        }
    };
    loop {
        let message = socket.receive().await;
        if message["type"] == "pong" {
            break;
        }
        note(&message);
    }
    let stopped = carnet.stopping();
    assert_eq!(socket.closed_after(note).await.0, 1012);
    answered.sort();
    answered.dedup();
    assert_eq!(answered.len() as u64, count);
    stopped.await;
}

/// Waits until nobody listens at `address` any more: the stop has begun.
async fn refuses(address: std::net::SocketAddr) {
    let refused = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    in_time("the end of listening", refused).await;
}

/// Catches a stop that ends the projections before the mutations that wait for them: the sender
/// would be told that what was written cannot be read.
#[tokio::test]
async fn sigterm_finishes_the_mutation_in_flight_and_a_restart_knows_it() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path(), &[]);
    let mut input = launch(json!({ "commandId": command_id(1), "source": { "label": "Source" } }));
    merge(&mut input, json!({ "title": "En vol" }));
    let body = json!({ "query": mutation("launchExperiment", "experiment { title }"),
        "variables": { "input": input } })
    .to_string();
    let mut raw = Raw::connect(program.address);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        program.token,
        body.len()
    );
    assert!(raw.send(head.as_bytes()));
    // The server has begun to carry the request out: it asks for its body.
    let interim = raw.read_to("\r\n\r\n");
    assert!(interim.starts_with("HTTP/1.1 100 "), "{interim}");
    program.terminate();
    refuses(program.address).await;
    assert!(raw.send(body.as_bytes()));
    let (head, answer) = raw.answer();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let payload = json!({ "userErrors": [], "position": "2", "eventIds": ["event-2"],
        "experiment": { "title": "En vol" } });
    assert_eq!(answer, json!({ "data": { "payload": payload } }));
    let (status, rest) = program.ended();
    assert_eq!(status.code(), Some(0), "{rest}");
    assert!(rest.contains("Carnet est arrêté."), "{rest}");

    let program = Program::serve(directory.path(), &[]);
    let asked = format!("{{ position experiment(id: \"{VIGNY}\") {{ title version }} }}");
    let expected = json!({ "position": "2", "experiment": { "title": "En vol", "version": 1 } });
    assert_eq!(program.data(&asked, None).await, expected);
    program.stop();
}

#[tokio::test]
async fn a_connection_that_says_nothing_does_not_hold_the_stop_up() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path(), &["--demo"]);
    let silent = TcpStream::connect(program.address).unwrap();
    program.data("{ position }", None).await;
    program.stop();
    drop(silent);
    // What was shut in order is opened again without a repair.
    let told = program::printed(directory.path(), &["rebuild", "--data-dir", "data"]);
    assert!(told.contains("identique"), "{told}");
}
