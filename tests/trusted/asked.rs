//! What is asked for by hash.

use carnet::config::{Config, TrustedOnly};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    DEFINED, ERASED, POSITIONED, data, get, hash, id, post, refusal,
    support::{Carnet, header, send},
    trusting,
};

/// Apollo's way of naming a document.
fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// Would catch: a way of naming that is not taken, a transport that lacks it, variables left out.
#[tokio::test]
async fn a_document_is_asked_for_by_its_hash() {
    let (carnet, _files) = trusting(TrustedOnly::None).await;
    let token = Some(carnet.administrator.as_str());
    let bodies = [
        json!({ "documentId": id(POSITIONED) }),
        json!({ "documentId": hash(POSITIONED) }),
        json!({ "documentId": id(POSITIONED), "query": POSITIONED }),
        // As graphql-ws has it, which sends nothing without a text.
        json!({ "documentId": id(POSITIONED), "query": "" }),
        json!({ "documentId": id(POSITIONED), "operationName": "Positioned" }),
        json!({ "extensions": persisted(&hash(POSITIONED)) }),
        json!({ "extensions": persisted(&hash(POSITIONED)), "query": POSITIONED }),
        json!({ "extensions": persisted(&hash(POSITIONED)), "documentId": id(POSITIONED) }),
    ];
    for body in bodies {
        let answered = data(post(&carnet, token, &body)).await;
        assert_eq!(answered, json!({ "position": "1" }), "{body}");
    }
    let extensions = persisted(&hash(POSITIONED)).to_string();
    for parameters in [
        [("documentId", id(POSITIONED).as_str())],
        [("extensions", extensions.as_str())],
    ] {
        let answered = data(get(&carnet, token, &parameters)).await;
        assert_eq!(answered, json!({ "position": "1" }), "{parameters:?}");
    }
    // Of a manifest, with what it is given.
    let variables = json!({ "id": "experiment-00000000-0000-7000-8001-000000000001" });
    let body = json!({ "documentId": id(DEFINED), "variables": variables });
    let answered = data(post(&carnet, token, &body)).await;
    assert_eq!(answered["node"], Value::Null);
    let lacking = json!({ "documentId": id(DEFINED) });
    let (code, _) = refusal(post(&carnet, token, &lacking)).await;
    assert_eq!(code, "BAD_USER_INPUT");
    // By GET nothing is changed, however it is asked for.
    let answer = send(get(&carnet, token, &[("documentId", &id(ERASED))])).await;
    // What it lacks is told first.
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let input = json!({ "input": {} }).to_string();
    let by_get = [("documentId", id(ERASED)), ("variables", input)];
    let by_get: Vec<(&str, &str)> = by_get.iter().map(|(name, it)| (*name, &**it)).collect();
    let answer = send(get(&carnet, token, &by_get)).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    carnet.stop().await;
}

/// Would catch: an answer that depends on how its document was named.
#[tokio::test]
async fn by_hash_or_by_text_is_the_same_answer() {
    let (carnet, _files) = trusting(TrustedOnly::None).await;
    let evaluator = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    let token = Some(evaluator.as_str());
    let by_text = send(get(&carnet, token, &[("query", POSITIONED)])).await;
    let by_hash = send(get(&carnet, token, &[("documentId", &id(POSITIONED))])).await;
    let tag = header(&by_text, "etag");
    assert!(!tag.is_empty());
    assert_eq!(header(&by_hash, "etag"), tag);
    assert_eq!(by_text.text().await.unwrap(), by_hash.text().await.unwrap());
    let again = get(&carnet, token, &[("documentId", &id(POSITIONED))]);
    let again = send(again.header("if-none-match", tag)).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    // Another document at the same moment is not answered by what was kept of this one.
    let other = data(get(&carnet, token, &[("query", "{ position, validAt }")])).await;
    assert_eq!(other["validAt"], "2021-05-10");
    carnet.stop().await;
}

/// Would catch: a document that a request taught, a hash that is not looked at, an error that a link
/// does not know.
#[tokio::test]
async fn what_is_not_known_or_not_so_is_refused() {
    let (carnet, _files) = trusting(TrustedOnly::None).await;
    let token = Some(carnet.administrator.as_str());
    let other = "{ position }";
    let unknown = [
        json!({ "documentId": id(other) }),
        json!({ "documentId": id(POSITIONED).to_uppercase() }),
        json!({ "documentId": format!("sha256:{}", id(POSITIONED)) }),
        json!({ "documentId": format!("md5:{}", hash(POSITIONED)) }),
        json!({ "documentId": "" }),
        json!({ "documentId": id(other), "extensions": persisted(&hash(other)) }),
    ];
    let by_apollo = json!({ "extensions": persisted(&hash(other)) });
    // The whole document with its hash is answered, and leaves nothing behind.
    for _ in 0..2 {
        for body in &unknown {
            let (code, message) = refusal(post(&carnet, token, body)).await;
            assert_eq!(code, "DOCUMENT_NOT_FOUND", "{body}");
            assert!(message.starts_with("Aucun document de confiance"));
        }
        let (code, message) = refusal(post(&carnet, token, &by_apollo)).await;
        assert_eq!(code, "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!(message, "PersistedQueryNotFound");
        let whole = json!({ "query": other, "extensions": persisted(&hash(other)) });
        assert_eq!(data(post(&carnet, token, &whole)).await["position"], "1");
    }
    for body in [
        json!({ "documentId": id(POSITIONED), "query": other }),
        json!({ "documentId": id(other), "query": POSITIONED }),
        json!({ "documentId": "x", "query": POSITIONED }),
        json!({ "extensions": persisted(&hash(POSITIONED)), "query": POSITIONED.trim() }),
        json!({ "extensions": persisted(&hash(POSITIONED)), "documentId": id(other) }),
        json!({ "extensions": persisted(&hash(other)), "documentId": id(POSITIONED) }),
    ] {
        let (code, _) = refusal(post(&carnet, token, &body)).await;
        assert_eq!(code, "DOCUMENT_HASH_MISMATCH", "{body}");
    }
    for body in [
        json!({}),
        json!({ "query": null }),
        json!({ "operationName": "Positioned", "extensions": {} }),
        json!({ "documentId": 1 }),
        json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": hash(POSITIONED) } } }),
        json!({ "extensions": { "persistedQuery": { "version": 1 } }, "query": POSITIONED }),
        json!({ "extensions": { "persistedQuery": null }, "query": POSITIONED }),
    ] {
        let (code, _) = refusal(post(&carnet, token, &body)).await;
        assert_eq!(code, "BAD_REQUEST", "{body}");
    }
    for parameters in [&[][..], &[("documentId", "")], &[("operationName", "A")]] {
        let (code, message) = refusal(get(&carnet, token, parameters)).await;
        assert_eq!(code, "BAD_REQUEST");
        assert!(
            message.contains("« query », ou « documentId »"),
            "{message}"
        );
    }
    carnet.stop().await;
}

/// Would catch: a link that asks by hash again and again where nothing is ever known by one.
#[tokio::test]
async fn where_nothing_is_trusted_a_link_is_told_to_stop() {
    let carnet = Carnet::start().await;
    let token = Some(carnet.administrator.as_str());
    let body = json!({ "extensions": persisted(&hash(POSITIONED)) });
    let (code, message) = refusal(post(&carnet, token, &body)).await;
    assert_eq!(code, "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(message, "PersistedQueryNotSupported");
    let body = json!({ "documentId": id(POSITIONED) });
    let (code, _) = refusal(post(&carnet, token, &body)).await;
    assert_eq!(code, "DOCUMENT_NOT_FOUND");
    carnet.stop().await;
}

/// Would catch: hashes that can be tried for nothing.
#[tokio::test]
async fn asking_for_what_is_not_known_costs_something() {
    let config = Config {
        cost_per_minute: 20,
        ..Config::default()
    };
    let carnet = Carnet::with(config).await;
    let token = Some(carnet.administrator.as_str());
    for n in 0..30 {
        let body = json!({ "documentId": id(&n.to_string()) });
        send(post(&carnet, token, &body)).await;
    }
    let body = json!({ "documentId": id(POSITIONED) });
    let answer = send(post(&carnet, token, &body)).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    carnet.stop().await;
}
