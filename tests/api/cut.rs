//! Connections that are cut in mid-mutation.

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, command_id, merge, mutation},
    in_time,
    raw::{Raw, post},
    words::{VIGNY, statement, vigny},
};

fn request(number: u64) -> (Value, String) {
    let mut input = statement(&format!("Parole {number}."));
    let common = json!({ "commandId": command_id(number), "source": { "label": "Communiqué" } });
    merge(&mut input, common);
    let body = json!({ "query": mutation("recordStatement", ""),
        "variables": { "input": input } });
    (input, post(&body.to_string()))
}

/// The words of every statement on Vigny, as a reader finds them.
async fn statements(carnet: &Carnet) -> Vec<String> {
    let asked = format!(
        "{{ position experiment(id: \"{VIGNY}\") {{ version statements {{ words }} \
         history(first: 100) {{ edges {{ node {{ kind }} }} }} }} }}"
    );
    let found = carnet.data(&asked, json!({})).await["experiment"].take();
    let statements = found["statements"].as_array().unwrap();
    let edges = found["history"]["edges"].as_array().unwrap();
    let told = edges
        .iter()
        .filter(|edge| edge["node"]["kind"] == "statement-recorded");
    // Every part of an answer agrees with every other: nothing is half done.
    assert_eq!(told.count(), statements.len());
    assert_eq!(found["version"], statements.len() + 1);
    statements
        .iter()
        .map(|statement| statement["words"].as_str().unwrap().to_owned())
        .collect()
}

/// Catches a mutation that is half done, or done twice, when the client goes before the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_cut_off_took_effect_wholly_or_not_and_can_be_sent_again() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let rounds = 25;
    for number in 0..rounds {
        let (input, bytes) = request(number);
        let address = carnet.address;
        let sent = tokio::task::spawn_blocking(move || {
            let mut raw = Raw::connect(address);
            assert!(raw.send(bytes.as_bytes()));
            raw.cut();
        });
        in_time("the sending", sent).await.unwrap();
        let words = format!("Parole {number}.");
        let seen = statements(&carnet).await;
        assert!(seen.iter().filter(|known| **known == words).count() <= 1);

        let again = carnet.record("recordStatement", input.clone()).await;
        assert_eq!(again.position(), 4 + number);
        assert_eq!(carnet.record("recordStatement", input).await, again);
        let seen = statements(&carnet).await;
        assert_eq!(seen.len() as u64, number + 1);
        assert_eq!(seen.last(), Some(&words));
    }
    assert_eq!(carnet.head().await, 3 + rounds);
    carnet.stop().await;
}

/// Catches a body acted upon before it is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_cut_off_writes_nothing() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let (input, bytes) = request(1);
    for length in [10, bytes.len() / 2, bytes.len() - 1] {
        let address = carnet.address;
        let part = bytes[..bytes.floor_char_boundary(length)].to_owned();
        let sent = tokio::task::spawn_blocking(move || {
            let mut raw = Raw::connect(address);
            assert!(raw.send(part.as_bytes()));
            raw.cut();
        });
        in_time("the sending", sent).await.unwrap();
        assert_eq!(statements(&carnet).await, Vec::<String>::new());
    }
    assert_eq!(carnet.record("recordStatement", input).await.position(), 4);
    carnet.stop().await;
}

/// Catches a socket whose end takes down what other connections do.
#[tokio::test]
async fn a_socket_cut_in_mid_mutation_can_be_followed_by_the_same_command() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    for number in 0..10 {
        let (input, _) = request(number);
        let mut socket = carnet.socket().await;
        let variables = json!({ "input": input });
        socket
            .subscribe("1", &mutation("recordStatement", ""), variables)
            .await;
        drop(socket);
        let again = carnet.record("recordStatement", input).await;
        assert_eq!(again.position(), 4 + number);
        assert_eq!(statements(&carnet).await.len() as u64, number + 1);
    }
    carnet.stop().await;
}
