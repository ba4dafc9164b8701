//! No token stands anywhere but where its owner keeps it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::harness::in_time;

/// Every file under a directory.
pub(crate) fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

/// Whether bytes hold a text.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Catches: a token in a message of the program, whatever is logged, or in its data. Tokens that
/// are right and wrong are shown in every way there is.
#[tokio::test]
async fn a_token_is_neither_logged_nor_stored() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("messages");
    let mut process = Command::new(env!("CARGO_BIN_EXE_carnet"))
        .args(["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"])
        .args(["--log", "trace"])
        .env_clear()
        .current_dir(directory.path())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut printed = String::new();
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        printed.push_str(&line);
        if let Some((_, told)) = line.split_once("API      : http://") {
            break told.split('/').next().unwrap().to_owned();
        }
    };
    let left = directory.path().join("data.keys/administrateur.jeton");
    let right = fs::read_to_string(&left).unwrap().trim().to_owned();
    let wrong = format!("carnet_{}", "B".repeat(43));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/graphql");
    let issue =
        "mutation($input: IssueTokenInput!) { issueToken(input: $input) { issued { secret } } }";
    let input = json!({
        "commandId": "00000000-0000-7000-8000-000000000001",
        "source": { "label": "Essai" },
        "name": "Second",
        "grants": [{ "role": "EVALUATOR" }],
        "on": "2021-05-10",
    });
    let body = json!({ "query": issue, "variables": { "input": input } });
    let shown = format!("Bearer {right}");
    let answer = client
        .post(&url)
        .header("authorization", &shown)
        .json(&body);
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    let issued = &answer["data"]["issueToken"]["issued"]["secret"];
    let issued = issued
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned();
    let body = json!({ "query": "{ viewer { actor } }" });
    for (token, status) in [(&right, 200), (&issued, 200), (&wrong, 401)] {
        let shown = format!("Bearer {token}");
        let sent = client
            .post(&url)
            .header("authorization", &shown)
            .json(&body);
        assert_eq!(sent.send().await.unwrap().status(), status);
        let sent = client.get(format!("{url}?access_token={token}"));
        assert_eq!(sent.send().await.unwrap().status(), 400);
        let mut request = format!("ws://{address}/graphql")
            .into_client_request()
            .unwrap();
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = in_time("the upgrade", connect_async(request))
            .await
            .unwrap();
        let init = json!({ "type": "connection_init", "payload": { "authorization": shown } });
        socket.send(Message::text(init.to_string())).await.unwrap();
        let told = in_time("a message", socket.next()).await.unwrap().unwrap();
        assert_eq!(told.is_text(), status == 200, "{told}");
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let messages = fs::read(&log).unwrap();
    assert!(
        holds(&messages, "TRACE"),
        "messages are as told as they can be"
    );
    for token in [&right, &issued, &wrong] {
        assert!(!holds(printed.as_bytes(), token));
        for (path, bytes) in files(directory.path()) {
            let kept = path == left && *token == right;
            assert!(kept || !holds(&bytes, token), "{}", path.display());
        }
    }
}
