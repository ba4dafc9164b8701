//! Any bytes get an answer, soon, and the program lives.

use std::time::{Duration, Instant};

use carnet::limits::BODY_BYTES_MAX;
use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy, any},
    sample::select,
    strategy::Union,
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Carnet, send};

const CASES: u32 = 300;
/// Whatever was sent, unoptimised and on a busy machine; a second otherwise.
const SOON: Duration = Duration::from_secs(10);

/// What documents are made of, and what breaks them.
const PIECES: [&str; 44] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "$",
    "!",
    "=",
    "@",
    "...",
    "|",
    "&",
    "\"",
    "\"\"\"",
    "\\",
    "#",
    "\n",
    ",",
    "query ",
    "mutation ",
    "subscription ",
    "fragment ",
    "on ",
    "Query ",
    "Experiment ",
    "experiments",
    "nodes",
    "edges",
    "node",
    "id",
    "first",
    "position",
    "asOf",
    "__schema",
    "types",
    "fields",
    "true ",
    "null ",
    "-1e9999",
    "99999999999999999999",
    "\\u0000",
    "\u{1F600}",
];

fn document() -> impl Strategy<Value = String> {
    let pieces = vec(select(&PIECES[..]), 0..200).prop_map(|pieces| pieces.concat());
    // One piece again and again, and then another.
    let repeated = (select(&PIECES[..]), select(&PIECES[..]), 0_usize..4_000);
    let repeated = repeated.prop_map(|(one, other, times)| {
        format!("{{ {}{} }}", one.repeat(times), other.repeat(times))
    });
    Union::new_weighted(vec![
        (3, pieces.boxed()),
        (2, repeated.boxed()),
        (1, any::<String>().boxed()),
    ])
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let operation = (document(), document(), any::<Option<i64>>());
    let operation = operation.prop_map(|(query, text, number)| {
        let variables = json!({ "n": number, "id": text, "x": { "y": [number, text] } });
        json!({ "query": query, "variables": variables })
            .to_string()
            .into_bytes()
    });
    // An operation of which some bytes are others.
    let broken =
        (document(), vec((any::<usize>(), any::<u8>()), 1..20)).prop_map(|(query, changes)| {
            let mut bytes = json!({ "query": query }).to_string().into_bytes();
            for (at, byte) in changes {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            bytes
        });
    let nested =
        (select(vec!["[", "{\"a\":", "[{\"a\":"]), 0_usize..40_000).prop_map(|(open, times)| {
            format!(
                "{{\"query\":\"{{position}}\",\"variables\":{}",
                open.repeat(times)
            )
            .into_bytes()
        });
    Union::new_weighted(vec![
        (6, operation.boxed()),
        (2, broken.boxed()),
        (1, nested.boxed()),
        (1, vec(any::<u8>(), 0..2_000).boxed()),
    ])
}

/// Would catch: a panic, an overflow of the stack, an answer that is no JSON, one that never comes.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long an answer takes is what is asked"
)]
fn any_bytes_are_answered_and_the_program_lives() {
    let runtime = Runtime::new().unwrap();
    let carnet = runtime.block_on(Carnet::start());
    let token = carnet.administrator.clone();
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let answered = TestRunner::new(config).run(&body(), |mut bytes| {
        bytes.truncate(BODY_BYTES_MAX);
        let begin = Instant::now();
        let (status, answer) = runtime.block_on(async {
            let answer = send(carnet.bytes(&token, bytes)).await;
            (answer.status(), answer.json::<Value>().await)
        });
        let answer = answer.unwrap();
        proptest::prop_assert!(begin.elapsed() < SOON);
        proptest::prop_assert!(matches!(status.as_u16(), 200 | 400), "{status} {answer}");
        let codes = answer["errors"].as_array().into_iter().flatten();
        for error in codes {
            let code = error["extensions"]["code"].as_str();
            proptest::prop_assert!(code.is_some_and(|code| code != "INTERNAL"), "{answer}");
        }
        proptest::prop_assert!(answer["errors"].is_array() || answer["data"].is_object());
        Ok(())
    });
    answered.unwrap();
    runtime.block_on(async {
        carnet.data(&token, "{ position }", json!({})).await;
        carnet.stop().await;
    });
}
