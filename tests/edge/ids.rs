//! The ids of requests, in answers and in what is logged.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Carnet, header, in_time, send};

const HEADER: &str = "x-request-id";

/// Would catch: an answer without an id, one that repeats whatever it is told, two that are the same.
#[tokio::test]
async fn every_answer_names_its_request() {
    let carnet = Carnet::start().await;
    let token = carnet.administrator.clone();
    let id = "0190f3a1-5a5c-7000-8000-0123456789ab";
    let query = json!({ "query": "{ position }" });
    let answer = send(carnet.post(&token, &query).header(HEADER, id)).await;
    assert_eq!(header(&answer, HEADER), id);

    let mut seen = std::collections::BTreeSet::new();
    for told in [
        "",
        "x",
        "{0190f3a1-5a5c-7000-8000-0123456789ab}",
        "1 2",
        id.trim_end_matches('b'),
    ] {
        let answer = send(carnet.post(&token, &query).header(HEADER, told)).await;
        let made = header(&answer, HEADER);
        assert!(made.parse::<Uuid>().is_ok_and(|id| !id.is_nil()), "{made}");
        assert!(seen.insert(made.clone()), "{made} twice");
    }
    // Refusals, pages, and what is nowhere.
    for (path, status) in [
        ("/graphql?query=%7Bposition%7D&token=x", 400),
        ("/graphql", 400),
        ("/health/live", 200),
        ("/nowhere", 404),
    ] {
        let url = format!("http://{}{path}", carnet.address);
        let answer = send(carnet.client.get(url)).await;
        assert_eq!(answer.status(), status, "{path}");
        assert!(header(&answer, HEADER).parse::<Uuid>().is_ok(), "{path}");
    }
    let foreign = carnet.post(&token, &query).header("host", "evil.example");
    let answer = send(foreign).await;
    assert_eq!(answer.status(), 403);
    assert!(header(&answer, HEADER).parse::<Uuid>().is_ok());
    carnet.stop().await;
}

/// Would catch: a line that nobody can tell the request of, and one that tells a secret.
#[tokio::test]
async fn what_is_logged_of_a_request_names_it_and_tells_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    let mut process = Command::new(env!("CARGO_BIN_EXE_carnet"))
        .args(["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"])
        .args(["--log-format", "json", "--log", "trace"])
        .env_clear()
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut stderr = process.stderr.take().unwrap();
    let logged = std::thread::spawn(move || {
        let mut logged = String::new();
        stderr.read_to_string(&mut logged).map(|_| logged)
    });
    let origin = said.map(Result::unwrap).find_map(|line| {
        let (_, told) = line.split_once("API      : ")?;
        Some(told.split("/graphql").next()?.to_owned())
    });
    let origin = origin.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let id = "0190f3a1-5a5c-7000-8000-0123456789ab";
    let secret = "carnet_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let bad = client
        .get(format!(
            "{origin}/graphql?query=%7Bposition%7D&access_token={secret}"
        ))
        .header(HEADER, id);
    let answer = in_time("the answer", bad.send()).await.unwrap();
    assert_eq!(answer.status(), 400);
    let body = json!({
        "query": "query Nommee($i: ID!) { node(id: $i) { id } }",
        "variables": { "i": "valeur-secrete" },
        "operationName": "Nommee",
    });
    let good = client.post(format!("{origin}/graphql")).json(&body);
    let good = good
        .header(HEADER, id)
        .header("authorization", format!("Bearer {secret}"));
    in_time("the answer", good.send()).await.unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    let logged = logged.join().unwrap().unwrap();
    assert!(!logged.contains(secret), "{logged}");
    assert!(!logged.contains("valeur-secrete"), "{logged}");
    let line = logged.lines().find(|line| line.contains("revoke it"));
    let line: Value = serde_json::from_str(line.unwrap()).unwrap();
    assert_eq!(line["spans"][0]["name"], "request", "{line}");
    assert_eq!(line["spans"][0]["id"], id, "{line}");
}
