//! The README's answers are true: each of its queries, put to the demonstration, answers what the
//! README prints. Catches an answer that was right once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

/// The README's blocks of one language, in order.
fn blocks(language: &str) -> Vec<String> {
    let readme = include_str!("../README.md");
    readme
        .split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_readme_tells_the_truth() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_carnet"))
        .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(directory.path().join("data"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap()).lines();
    let url = output
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| {
            Some(
                line.split_once("API      : ")?
                    .1
                    .split(' ')
                    .next()?
                    .to_owned(),
            )
        })
        .expect("the program says where it serves");

    let (queries, answers) = (blocks("graphql"), blocks("json"));
    assert_eq!(queries.len(), 3, "three queries to paste");
    assert_eq!(answers.len(), 3, "and their answers");
    let client = reqwest::Client::new();
    for (query, printed) in queries.iter().zip(&answers) {
        let answer: serde_json::Value = client
            .post(&url)
            .json(&serde_json::json!({ "query": query }))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let printed: serde_json::Value = serde_json::from_str(printed).unwrap();
        assert_eq!(answer, printed, "the answer to\n{query}");
    }
    let offered = include_str!("../demo/trois-requetes.graphql");
    for query in &queries {
        assert!(
            offered.contains(query.trim()),
            "the first run offers it too"
        );
    }
    server.kill().unwrap();
    server.wait().unwrap();
}
