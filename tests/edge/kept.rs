//! The law of what is kept: an answer that is served again is the one that would be made anew, whatever
//! was recorded meanwhile, whatever is asked, whoever asks.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::{
    collection::vec,
    prelude::{ProptestConfig, Strategy},
    sample::{Index, select},
    strategy::Union,
    test_runner::{TestCaseError, TestRunner},
};
use reqwest::header::ETAG;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Carnet, header, send};

const CASES: u32 = 12;
const CARRIERS: [&str; 2] = ["La Poste", "MSA"];

/// What is asked: of lists, of single things, of what one sees of another's, of the past, of oneself.
const QUERIES: [&str; 12] = [
    "{ position validAt }",
    "{ experiments { totalCount nodes { id title carrier status } } }",
    "query A($n: Int) { experiments(first: $n) { nodes { title } pageInfo { hasNextPage } } }",
    "{ experiment(id: \"experiment-00000000-0000-7000-8001-000000000001\") { title version } }",
    "{ node(id: \"experiment-00000000-0000-7000-8001-000000000002\") { id } }",
    "{ events(first: 50) { edges { cursor node { sentence } } } }",
    "{ operators { code name } }",
    "{ viewer { actor grants { role organisation } } }",
    "{ asOf(knownAt: { position: \"3\" }) { position experiments { nodes { title } } } }",
    "{ activity { sessionsHeld } }",
    "{ reports { nodes { title } } indicatorDefinitions { code } }",
    "{ experiments { nodes { history(first: 5) { edges { node { sentence } } } } } }",
];

#[derive(Debug, Clone)]
enum Step {
    Launch(&'static str),
    Join,
    Ask {
        who: Index,
        what: &'static str,
        n: Option<i32>,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let ask = (
        proptest::arbitrary::any::<Index>(),
        select(&QUERIES[..]),
        select(vec![None, Some(1), Some(2)]),
    );
    let ask = ask.prop_map(|(who, what, n)| Step::Ask { who, what, n });
    Union::new_weighted(vec![
        (1, select(&CARRIERS[..]).prop_map(Step::Launch).boxed()),
        (1, proptest::strategy::Just(Step::Join).boxed()),
        (12, ask.boxed()),
    ])
}

#[test]
fn what_is_kept_is_what_would_be_made_anew() {
    let runtime = Runtime::new().unwrap();
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let kept = AtomicUsize::new(0);
    let held = TestRunner::new(config).run(&vec(step(), 10..60), |steps| {
        kept.fetch_add(runtime.block_on(lived(steps))?, Ordering::Relaxed);
        Ok(())
    });
    held.unwrap();
    let kept = kept.into_inner();
    assert!(kept > 100, "only {kept} were ever served again");
}

/// Lives through a history; answers how many answers were served again.
async fn lived(steps: Vec<Step>) -> Result<usize, TestCaseError> {
    let carnet = Carnet::start().await;
    let mut who = vec![carnet.administrator.clone()];
    for grant in [
        json!({ "role": "EVALUATOR" }),
        json!({ "role": "FUNDER" }),
        json!({ "role": "CARRIER", "organisation": "La Poste" }),
        json!({ "role": "CARRIER", "organisation": "MSA" }),
        json!({ "role": "CARRIER", "organisation": "MSA" }),
    ] {
        who.push(carnet.issue(grant).await);
    }
    let (mut number, mut again) = (0, 0);
    for step in steps {
        number += 1;
        match step {
            Step::Launch(carrier) => carnet.launch(number, carrier).await,
            Step::Join => {
                let code = format!("operateur-{number}");
                let input = json!({ "code": code, "name": "Opérateur", "from": "2021-05-10" });
                carnet.record("recordOperatorJoined", input, "").await;
            }
            Step::Ask {
                who: index,
                what,
                n,
            } => {
                let token = index.get(&who);
                let variables = json!({ "n": n });
                let asked = json!({ "query": what, "variables": variables });
                let first = send(carnet.post(token, &asked)).await;
                let keeps = first.headers().contains_key(ETAG);
                let second = send(carnet.post(token, &asked)).await;
                // Nobody asked that before.
                let other =
                    json!({ "query": format!("{what} # {number}"), "variables": variables });
                let anew = send(carnet.post(token, &other)).await;
                let tags = [
                    header(&first, "etag"),
                    header(&second, "etag"),
                    header(&anew, "etag"),
                ];
                let told = format!("{what} {variables} by {token}");
                let [first, second, anew] =
                    [texts(first).await, texts(second).await, texts(anew).await];
                proptest::prop_assert_eq!(&first, &second, "{}", told);
                proptest::prop_assert_eq!(&second, &anew, "{}", told);
                if keeps {
                    proptest::prop_assert_eq!(&tags[0], &tags[1], "{}", told);
                    proptest::prop_assert_eq!(&tags[1], &tags[2], "{}", told);
                    again += 1;
                }
            }
        }
    }
    carnet.stop().await;
    Ok(again)
}

async fn texts(answer: reqwest::Response) -> Value {
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}
