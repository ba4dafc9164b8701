//! Requests that are known to kill servers: each is answered in bounded time and memory. The program
//! is in a process of its own, so that its memory is its own, and its death is seen.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};

use crate::support::in_time;

/// Unoptimised, and on a busy machine.
const SOON: Duration = Duration::from_secs(5);
/// What one of them may add to the memory that the program had at its highest.
const MEMORY_KIB: u64 = 96 * 1024;

struct Program {
    process: Child,
    origin: String,
    token: String,
    client: Client,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

impl Program {
    fn serve(directory: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_carnet"))
            .args([
                "serve",
                "--data-dir",
                "data",
                "--listen",
                "127.0.0.1:0",
                "--log",
                "error",
            ])
            .env_clear()
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines();
        let origin = said.map(Result::unwrap).find_map(|line| {
            let (_, told) = line.split_once("API      : ")?;
            Some(told.split("/graphql").next()?.to_owned())
        });
        let keys = std::fs::read_dir(directory.join("data.keys")).unwrap();
        let token = keys.filter_map(Result::ok).find_map(|file| {
            let text = std::fs::read_to_string(file.path()).ok()?;
            text.starts_with("carnet_").then(|| text.trim().to_owned())
        });
        Self {
            process,
            origin: origin.unwrap(),
            token: token.unwrap(),
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn send(&self, body: String) -> (u16, Value) {
        let request = self.client.post(format!("{}/graphql", self.origin));
        let request = request
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token));
        let answer = in_time("the answer", request.body(body).send()).await;
        let answer = answer.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The most memory it ever had, in KiB.
    fn highest(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let figure = line.unwrap().trim().trim_end_matches(" kB");
        figure.parse().unwrap()
    }
}

fn doubling(levels: usize) -> String {
    let mut document = "{ ...F0 }".to_owned();
    for level in 0..levels {
        let next = level + 1;
        write!(
            document,
            " fragment F{level} on Query {{ ...F{next} ...F{next} }}"
        )
        .unwrap();
    }
    write!(document, " fragment F{levels} on Query {{ position }}").unwrap();
    document
}

/// A document, with the codes that it may be answered with; "" for an answer without a fault.
type Killer = (&'static str, String, &'static [&'static str]);

fn many(piece: &str, times: usize) -> String {
    piece.repeat(times)
}

/// What nests, or comes to more than its length, or is dear.
fn deep_or_dear() -> Vec<Killer> {
    let introspection = |levels: usize| {
        let (open, shut) = (many("fields { type { ", levels), many("} } ", levels));
        format!("{{ __schema {{ types {{ {open} name {shut} }} }} }}")
    };
    let aliases = |field: &str, times: usize| {
        let fields = (0..times).map(|n| format!("a{n}: {field}"));
        format!("{{ {} }}", fields.collect::<Vec<_>>().join(" "))
    };
    vec![
        (
            "nested lists",
            format!(
                "{{ nodes(ids: {}1{}) {{ id }} }}",
                many("[", 2_000),
                many("]", 2_000)
            ),
            &["TOO_COMPLEX"],
        ),
        ("nested selections", many("{a", 60_000), &["TOO_COMPLEX"]),
        (
            "moments in moments",
            format!("{}{{ position {}", many("{ asOf ", 17), many("}", 18)),
            &["", "TOO_COMPLEX"],
        ),
        (
            "nested types",
            format!(
                "query($x: {}Int{}) {{ position }}",
                many("[", 100_000),
                many("]", 100_000)
            ),
            &["TOO_COMPLEX"],
        ),
        ("doubling fragments", doubling(22), &["TOO_COMPLEX"]),
        ("doubling fragments, many", doubling(400), &["TOO_COMPLEX"]),
        (
            "cyclic fragments",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned(),
            &["TOO_COMPLEX"],
        ),
        (
            "a flood of aliases",
            aliases("position", 1_900),
            &["TOO_COMPLEX"],
        ),
        (
            "a flood of dear aliases",
            aliases("indicators { period { from } }", 200),
            &["COST_EXCEEDED"],
        ),
        (
            "a flood of lists",
            aliases(
                "experiments(first: 100) { nodes { sessions(first: 100) { edges { cursor } } } }",
                300,
            ),
            &["COST_EXCEEDED"],
        ),
        (
            "a flood of fields",
            format!("{{ {} }}", many("position ", 9_000)),
            &["TOO_COMPLEX"],
        ),
        (
            "duplicate fields",
            format!("{{ {} }}", many("experiments { nodes { id } } ", 390)),
            &["", "TOO_COMPLEX"],
        ),
        (
            "a flood of directives",
            format!("{{ position {} }}", many("@include(if: true) ", 1_900)),
            &["TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED"],
        ),
        (
            "directives nobody knows",
            format!("{{ position {} }}", many("@a ", 4_000)),
            &["TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED"],
        ),
        (
            "introspection in circles",
            introspection(5),
            &["COST_EXCEEDED", "TOO_COMPLEX"],
        ),
        (
            "introspection in two circles",
            introspection(4),
            &["COST_EXCEEDED"],
        ),
    ]
}

/// What is long.
fn long() -> Vec<Killer> {
    vec![
        (
            "a huge integer",
            format!(
                "{{ experiments(first: {}) {{ totalCount }} }}",
                many("9", 100_000)
            ),
            &[
                "PAGE_SIZE",
                "BAD_USER_INPUT",
                "GRAPHQL_PARSE_FAILED",
                "GRAPHQL_VALIDATION_FAILED",
            ],
        ),
        (
            "a huge float",
            format!(
                "{{ experiments(first: 1e{}) {{ totalCount }} }}",
                many("9", 10_000)
            ),
            &[
                "PAGE_SIZE",
                "BAD_USER_INPUT",
                "GRAPHQL_PARSE_FAILED",
                "GRAPHQL_VALIDATION_FAILED",
            ],
        ),
        (
            "a long string",
            format!("{{ node(id: \"{}\") {{ id }} }}", many("x", 240_000)),
            &[""],
        ),
        (
            "unicode escapes",
            format!("{{ node(id: \"{}\") {{ id }} }}", many("\\u00e9", 20_000)),
            &[""],
        ),
        (
            "an open string",
            format!("{{ node(id: \"{}", many("\\\"", 50_000)),
            &["GRAPHQL_PARSE_FAILED"],
        ),
        (
            "an open block string",
            format!("{{ node(id: \"\"\"{}", many("\\\"\"\"", 30_000)),
            &["GRAPHQL_PARSE_FAILED"],
        ),
        (
            "comments",
            format!("{{ position }} {}", many("#\n", 60_000)),
            &[""],
        ),
        (
            "commas",
            format!("{{ position {} }}", many(",", 200_000)),
            &[""],
        ),
    ]
}

/// What comes in great numbers.
fn floods() -> Vec<Killer> {
    vec![
        (
            "a flood of operations",
            many("query A { position } ", 1_900),
            &[
                "TOO_COMPLEX",
                "GRAPHQL_PARSE_FAILED",
                "GRAPHQL_VALIDATION_FAILED",
            ],
        ),
        (
            "a flood of variables",
            format!("query({}) {{ position }}", many("$a: Int ", 2_000)),
            &[
                "TOO_COMPLEX",
                "GRAPHQL_VALIDATION_FAILED",
                "GRAPHQL_PARSE_FAILED",
            ],
        ),
        (
            "a flood of arguments",
            format!(
                "{{ experiments({}) {{ totalCount }} }}",
                many("first: 1 ", 2_900)
            ),
            &["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", ""],
        ),
        (
            "a flood of unknown fields",
            format!(
                "{{ {} }}",
                (0..1_900).fold(String::new(), |mut all, n| {
                    write!(all, "x{n} ").unwrap();
                    all
                })
            ),
            &["GRAPHQL_VALIDATION_FAILED"],
        ),
        (
            "conflicting fields",
            format!(
                "{{ {} }}",
                (0..490).fold(String::new(), |mut all, n| {
                    write!(all, "a: node(id: \"{n}\") {{ id }} ").unwrap();
                    all
                })
            ),
            &["GRAPHQL_VALIDATION_FAILED"],
        ),
        (
            "objects that conflict far below",
            format!(
                "{{ {} }}",
                many("experiments { nodes { hub { commune { name } } } } ", 100)
                    + "experiments { nodes { hub { commune { name: code } } } }"
            ),
            &["GRAPHQL_VALIDATION_FAILED"],
        ),
        (
            "one variable in many operations",
            format!(
                "{} fragment F on Query {{ {} }}",
                (0..400).fold(String::new(), |mut all, n| {
                    write!(all, "query Q{n}($a: ID!) {{ ...F }} ").unwrap();
                    all
                }),
                many("experiment(id: $a) { id } ", 20)
            ),
            &["TOO_COMPLEX", "COST_EXCEEDED", "BAD_USER_INPUT"],
        ),
    ]
}

/// Bodies with variables, each with the statuses that may answer it.
fn bodies() -> Vec<(&'static str, String, &'static [u16])> {
    let query = "query($i: [ID!]!) { nodes(ids: $i) { id } }";
    let operation =
        |variables: &str| format!("{{\"query\":{},\"variables\":{variables}}}", json!(query));
    vec![
        (
            "deep variables",
            operation(&format!(
                "{}1{}",
                many("{\"a\":", 30_000),
                many("}", 30_000)
            )),
            &[400],
        ),
        (
            "deep lists",
            operation(&format!(
                "{{\"i\":{}1{}}}",
                many("[", 100_000),
                many("]", 100_000)
            )),
            &[400],
        ),
        (
            "lists as deep as are read",
            operation(&format!("{{\"i\":{}1{}}}", many("[", 120), many("]", 120))),
            &[200, 400],
        ),
        (
            "a long list",
            operation(&format!("{{\"i\":[{}1]}}", many("1,", 120_000))),
            &[200],
        ),
        (
            "many variables",
            operation(&format!(
                "{{{}\"z\":1}}",
                (0..12_000).fold(String::new(), |mut all, n| {
                    write!(all, "\"v{n}\":1,").unwrap();
                    all
                })
            )),
            &[200],
        ),
        (
            "one name again and again",
            operation(&format!("{{{}\"z\":1}}", many("\"v\":1,", 30_000))),
            &[200],
        ),
        (
            "a huge number",
            operation(&format!("{{\"i\":{}}}", many("9", 200_000))),
            &[200, 400],
        ),
        (
            "a long name",
            json!({ "query": "{ position }", "operationName": many("n", 200_000) }).to_string(),
            &[200],
        ),
    ]
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long an answer takes is what is asked"
)]
async fn known_killers_are_answered_in_bounded_time_and_memory() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path());
    // What is made once, whatever is asked first.
    let introspection = json!({ "query": "{ __schema { types { name fields { name } } } }" });
    program.send(introspection.to_string()).await;
    for (name, document, codes) in [deep_or_dear(), long(), floods()].concat() {
        let (before, begin) = (program.highest(), Instant::now());
        let body = json!({ "query": document }).to_string();
        let (_, answer) = program.send(body).await;
        let (took, grown) = (begin.elapsed(), program.highest().saturating_sub(before));
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        let shown: String = answer.to_string().chars().take(300).collect();
        assert!(codes.contains(&code.unwrap_or_default()), "{name}: {shown}");
        assert!(took < SOON, "{name} took {took:?}");
        assert!(grown < MEMORY_KIB, "{name} took {grown} KiB");
    }
    for (name, body, statuses) in bodies() {
        let (before, begin) = (program.highest(), Instant::now());
        let (status, answer) = program.send(body).await;
        let (took, grown) = (begin.elapsed(), program.highest().saturating_sub(before));
        let shown: String = answer.to_string().chars().take(300).collect();
        assert!(statuses.contains(&status), "{name}: {status} {shown}");
        assert!(took < SOON, "{name} took {took:?}");
        assert!(grown < MEMORY_KIB, "{name} took {grown} KiB");
    }
    let (status, answer) = program
        .send(json!({ "query": "{ position }" }).to_string())
        .await;
    assert_eq!((status, &answer["data"]["position"]), (200, &json!("1")));
}
