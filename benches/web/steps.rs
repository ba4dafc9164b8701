//! What the steps of a request take that decide whether it is carried out, each by itself, and its
//! execution: CPU time of the one thread that runs them, the middle one of several rounds.
//!
//! The document is one that was parsed before, as it is when it was asked with other variables.

use std::{hint::black_box, path::Path};

use async_graphql::{Request, Variables};
use carnet::graphql::{Documents, admit::admit, cost::cost, permit};

const ROUNDS: usize = 9;
const TIMES: u32 = 400;

pub(crate) fn run(directory: &Path, token: &str, file: &Path) {
    let query = std::fs::read_to_string(file).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let app = runtime.block_on(crate::serve::open(directory));
    let authorization = format!("Bearer {token}");
    let identify = || {
        runtime
            .block_on(app.callers.of(Some(&authorization)))
            .unwrap()
    };
    let caller = identify().caller;
    let documents = Documents::default();
    let parse = || documents.parse(&query).unwrap().unwrap();
    let parsed = parse();
    let document = &parsed.document;
    let none = Variables::default();
    let request = || {
        let mut request = Request::new(query.as_str());
        request.set_parsed_query(document.clone());
        request
    };
    let admitted = || {
        runtime
            .block_on(admit(&app.schema, request(), &caller))
            .unwrap()
    };
    let answer = runtime.block_on(app.schema.execute(admitted()));
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let steps: [(&str, &dyn Fn()); 8] = [
        ("who asks", &|| drop(black_box(identify()))),
        ("the parsed document found", &|| drop(black_box(parse()))),
        ("its copy into a request", &|| drop(black_box(request()))),
        ("its cost", &|| {
            black_box(cost(document, None, &none));
        }),
        ("what it may not ask", &|| {
            permit::check(document, None, caller.capabilities()).unwrap();
        }),
        ("copied and admitted", &|| drop(black_box(admitted()))),
        ("copied, admitted and executed", &|| {
            drop(black_box(runtime.block_on(app.schema.execute(admitted()))));
        }),
        ("the answer as JSON", &|| {
            drop(black_box(serde_json::to_vec(&answer).unwrap()));
        }),
    ];
    let mut told = serde_json::Map::new();
    for (name, step) in steps {
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| timed(step)).collect();
        rounds.sort_by(f64::total_cmp);
        told.insert(name.to_owned(), rounds[ROUNDS / 2].into());
    }
    println!("{}", serde_json::Value::Object(told));
}

/// CPU time of a step, in microseconds.
fn timed(step: &dyn Fn()) -> f64 {
    let before = cpu_ns();
    for _ in 0..TIMES {
        step();
    }
    (cpu_ns() - before) as f64 / 1e3 / f64::from(TIMES)
}

/// CPU time of this process so far: of SQLite's threads as well.
fn cpu_ns() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
