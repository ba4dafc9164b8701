//! What callers may spend in a minute.

use carnet::config::Config;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Carnet, header, send};

const LEFT: &str = "{ rateLimit { limit remaining resetsAt } }";

async fn left(carnet: &Carnet, token: &str) -> i64 {
    let data = carnet.data(token, LEFT, json!({})).await;
    data["rateLimit"]["remaining"].as_i64().unwrap()
}

async fn limited() -> Carnet {
    let config = Config {
        cost_per_minute: 200_000,
        ..Config::default()
    };
    Carnet::with(config).await
}

/// Would catch: a caller who keeps the program from others, a limit of one that is one of all, a
/// refusal that does not say when to come back.
#[tokio::test]
async fn who_spends_too_much_is_told_to_wait_and_others_are_not() {
    let carnet = limited().await;
    let spender = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    let other = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    let head = |n: u32| format!("{{ h{n}: logHead {{ root }} }}");
    let mut refused = None;
    for n in 0..60 {
        let body = json!({ "query": head(n) });
        let answer = send(carnet.post(&spender, &body)).await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some((n, answer));
            break;
        }
        assert_eq!(answer.status(), StatusCode::OK);
    }
    // 20 002 each, and some of it comes back meanwhile.
    let (n, answer) = refused.unwrap();
    assert!(n >= 9, "{n}");
    let wait: u64 = header(&answer, "retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let answer: Value = answer.json().await.unwrap();
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "RATE_LIMITED");
    assert!(error["message"].as_str().unwrap().contains("réessayez"));

    let data = carnet.data(&other, &head(0), json!({})).await;
    assert_eq!(data["h0"]["root"].as_str().unwrap().len(), 64);
    carnet.stop().await;
}

/// Would catch: an answer of `rateLimit` that is kept, an operation that is not paid for, or paid for
/// twice, and one that was answered before and costs as much again.
#[tokio::test]
async fn what_is_left_is_what_was_not_spent() {
    let carnet = limited().await;
    let token = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    // Nine heads, most of what there is for a minute: little of it comes back meanwhile.
    let heads = (0..9).map(|n| format!("h{n}: logHead {{ root }}"));
    let heads = format!("{{ {} }}", heads.collect::<Vec<_>>().join(" "));
    let first = left(&carnet, &token).await;
    // Its four fields are paid before it is answered.
    assert!((199_000..200_000).contains(&first), "{first}");
    carnet.data(&token, &heads, json!({})).await;
    let second = left(&carnet, &token).await;
    assert!((19_000..120_000).contains(&second), "{second}");
    for _ in 0..20 {
        carnet.data(&token, &heads, json!({})).await;
    }
    let third = left(&carnet, &token).await;
    assert!(third >= second - 24, "{second} {third}");
    carnet.stop().await;
}

/// Would catch: a way around the limit.
#[tokio::test]
async fn whatever_is_wrong_with_a_request_costs_something() {
    let config = Config {
        cost_per_minute: 20,
        ..Config::default()
    };
    // The administrator's own token is taken by nobody else here.
    let carnet = Carnet::with(config).await;
    let token = carnet.administrator.clone();
    for document in ["{", "{ nothing }", "{{{", "mutation { x }"].repeat(10) {
        send(carnet.post(&token, &json!({ "query": document }))).await;
    }
    let answer = send(carnet.post(&token, &json!({ "query": "{ position }" }))).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    // What cannot be had in a minute is refused as well.
    let answer = send(carnet.post(&token, &json!({ "query": "{ logHead { root } }" }))).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    carnet.stop().await;
}

#[tokio::test]
async fn zero_is_no_limit() {
    let config = Config {
        cost_per_minute: 0,
        ..Config::default()
    };
    let carnet = Carnet::with(config).await;
    let token = carnet.administrator.clone();
    let data = carnet.data(&token, LEFT, json!({})).await;
    assert_eq!(data, json!({ "rateLimit": null }));
    carnet.stop().await;
}
