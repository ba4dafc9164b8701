//! What is served beside operations.

use reqwest::{Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};

use crate::support::{carnet::Carnet, in_time, words::vigny};

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn health_tells_whether_it_lives_and_where_the_read_models_stand() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    for path in ["/health", "/health/live"] {
        let live = carnet.get(path).await;
        assert_eq!(live.status(), 200);
        assert_eq!(
            live.json::<Value>().await.unwrap(),
            json!({ "status": "live", "readOnly": false, "readOnlyReason": null })
        );
    }

    let ready = carnet.get("/health/ready").await;
    assert_eq!(ready.status(), 200);
    let ready: Value = ready.json().await.unwrap();
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["head"], 3);
    let projections = ready["projections"].as_object().unwrap();
    assert_eq!(projections.len(), 15);
    for standing in projections.values() {
        assert_eq!(*standing, json!({ "position": 3, "paused": false }));
    }
    carnet.stop().await;
}

#[tokio::test]
async fn metrics_are_served_as_text() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let metrics = carnet.get("/metrics").await;
    assert_eq!(metrics.status(), 200);
    assert!(header(&metrics, "content-type").starts_with("text/plain; version=0.0.4"));
    let text = metrics.text().await.unwrap();
    for name in [
        "carnet_log_events_total ",
        "carnet_log_batches_total ",
        "carnet_log_append_seconds",
        "carnet_log_head ",
        "carnet_projection_lag_events{projection=\"experiment\"} ",
        "carnet_projection_lag_seconds{projection=\"history\"} ",
    ] {
        assert!(text.contains(name), "{name}\n{text}");
    }
    carnet.stop().await;
}

#[tokio::test]
async fn the_program_serves_graphiql_itself() {
    let carnet = Carnet::start().await;
    let page = carnet.get("/graphiql").await;
    assert_eq!(page.status(), 200);
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&page, "content-encoding"), "gzip");
    let bytes = page.bytes().await.unwrap();
    assert!(bytes.starts_with(&[0x1f, 0x8b]), "not gzip");
    assert!(bytes.len() > 100_000, "only {} bytes", bytes.len());

    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none());
    let request = client.build().unwrap().get(carnet.url("/"));
    let home = in_time("the home page", request.send()).await.unwrap();
    assert_eq!(home.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(header(&home, "location"), "/graphiql");
    carnet.stop().await;
}

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let carnet = Carnet::start().await;
    for path in ["/graphiql", "/graphql", "/health/live", "/nowhere"] {
        let answer = carnet.get(path).await;
        assert_eq!(
            header(&answer, "x-content-type-options"),
            "nosniff",
            "{path}"
        );
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer", "{path}");
        assert_eq!(
            header(&answer, "cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        let policy = header(&answer, "content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(header(&answer, "access-control-allow-origin"), "", "{path}");
    }
    carnet.stop().await;
}

#[tokio::test]
async fn elsewhere_there_is_nothing_and_it_says_so() {
    let carnet = Carnet::start().await;
    let answer = carnet.get("/nowhere").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
    carnet.stop().await;
}
