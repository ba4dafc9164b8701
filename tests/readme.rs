//! The README's answers are true: each of its queries, put to the demonstration or to the worked
//! example, answers what the README prints, and each of its commands prints what it says. Catches an
//! answer that was right once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on must stop"
)]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

/// Where the section on reports begins.
const REPORTS: &str = "\n## A report, from end to end\n";

/// The README up to the section on reports, and that section.
fn parts() -> (&'static str, &'static str) {
    let (before, rest) = include_str!("../README.md").split_once(REPORTS).unwrap();
    (before, rest.split("\n## ").next().unwrap())
}

/// The blocks of one language in a part of the README, in order.
fn blocks(part: &'static str, language: &str) -> Vec<&'static str> {
    part.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

/// A server in a process of its own, killed at the end.
struct Server {
    process: Child,
    client: reqwest::Client,
    /// Where it serves: `http://127.0.0.1:1234`.
    origin: String,
    /// The token that the first run left.
    token: String,
}

impl Server {
    fn serve(directory: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_carnet"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .current_dir(directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        let origin = output
            .map(Result::unwrap)
            .find_map(|line| {
                let (_, told) = line.split_once("API      : ")?;
                Some(told.split("/graphql").next()?.to_owned())
            })
            .expect("the program says where it serves");
        let data = arguments
            .iter()
            .skip_while(|it| **it != "--data-dir")
            .nth(1);
        let left = directory.join(format!("{}.keys/administrateur.jeton", data.unwrap()));
        Self {
            process,
            client: reqwest::Client::new(),
            origin,
            token: std::fs::read_to_string(left).unwrap().trim().to_owned(),
        }
    }

    async fn answer(&self, query: &str) -> Value {
        let url = format!("{}/graphql", self.origin);
        let sent = self.client.post(url).json(&json!({ "query": query }));
        let sent = sent.bearer_auth(&self.token);
        sent.send().await.unwrap().json().await.unwrap()
    }

    /// Puts each query of a part of the README, and compares its answer with what is printed below.
    async fn tells(&self, part: &'static str, expected: usize) {
        let (queries, answers) = (blocks(part, "graphql"), blocks(part, "json"));
        assert_eq!(queries.len(), expected, "queries to paste");
        assert_eq!(answers.len(), expected, "and their answers");
        for (query, printed) in queries.iter().zip(&answers) {
            let printed: Value = serde_json::from_str(printed).unwrap();
            let mut answer = self.answer(query).await;
            // What it cost is told beside it, and may change.
            let extensions = answer.as_object_mut().unwrap().remove("extensions");
            assert!(extensions.unwrap()["cost"]["requested"].is_u64());
            assert_eq!(answer, printed, "the answer to\n{query}");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails where it has ended, which it should not have.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

#[tokio::test]
async fn the_readme_tells_the_truth() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::serve(directory.path(), &["--demo", "--data-dir", "data"]);
    let (part, _) = parts();
    server.tells(part, 3).await;
    let offered = include_str!("../demo/trois-requetes.graphql");
    for query in blocks(part, "graphql") {
        assert!(
            offered.contains(query.trim()),
            "the first run offers it too"
        );
    }
}

/// Whether a line is the one that is told, where `…` stands for anything.
fn is_told(line: &str, told: &str) -> bool {
    let mut rest = Some(line);
    let mut pieces = told.split('…');
    if let Some(begin) = pieces.next() {
        rest = line.strip_prefix(begin);
    }
    for piece in pieces {
        rest = rest.and_then(|rest| match piece {
            "" => Some(""),
            _ => rest.split_once(piece).map(|(_, rest)| rest),
        });
    }
    rest == Some("")
}

/// Types a command of the README, and compares what it prints with what stands under it.
fn type_in(directory: &Path, line: &str, told: &str) {
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("carnet"), "{line}");
    let output = Command::new(env!("CARGO_BIN_EXE_carnet"))
        .args(words)
        .current_dir(directory)
        .output()
        .unwrap();
    if line.contains(".pdf") && cfg!(not(feature = "pdf")) {
        // A program without that feature says so, and does everything else.
        let why = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}\n{why}");
        assert!(why.to_lowercase().contains("pdf"), "{line}\n{why}");
        return;
    }
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{line}\n{printed}");
    let (printed, told): (Vec<_>, Vec<_>) = (printed.lines().collect(), told.lines().collect());
    assert_eq!(printed.len(), told.len(), "{line}\n{printed:#?}");
    for (line, told) in printed.iter().zip(told) {
        assert!(is_told(line, told), "printed\n{line}\ninstead of\n{told}");
    }
}

#[tokio::test]
async fn the_report_of_the_readme_can_be_made() {
    let directory = tempfile::tempdir().unwrap();
    let (_, part) = parts();
    let consoles = blocks(part, "console").concat().replace("\\\n", "");
    for typed in consoles.split("$ ").skip(1) {
        let (line, told) = typed.split_once('\n').unwrap();
        if !line.starts_with("carnet serve") {
            type_in(directory.path(), line, told);
        }
    }
    let server = Server::serve(directory.path(), &["--data-dir", "exemple"]);
    server.tells(part, 2).await;
    for name in ["contenu.json", "rapport.xlsx", "rapport.pdf"] {
        let path = format!("/reports/report-00000000-0000-7000-8000-000000000901/{name}");
        assert!(part.contains(&path.replace(name, "")), "{path}");
        let url = format!("{}{path}", server.origin);
        let asked = server.client.get(url).bearer_auth(&server.token);
        let answer = asked.send().await.unwrap();
        let made = answer.status().is_success();
        let expected = name != "rapport.pdf" || cfg!(feature = "pdf");
        assert_eq!(made, expected, "{name}: {}", answer.status());
    }
}
