//! Who may ask for trusted documents only.

use carnet::config::TrustedOnly;
use serde_json::{Value, json};

use crate::{
    DEFINED, FOLLOWED, POSITIONED, data, get, hash, id, post, refusal, support::send, trusting,
};

/// What is not known, as it may be sent.
const OTHER: &str = "{ position }";

/// Would catch: a stranger who asks for anything, by whatever way; and somebody known who may not.
#[tokio::test]
async fn strangers_may_be_held_to_them_and_nobody_else() {
    let (carnet, _files) = trusting(TrustedOnly::Strangers).await;
    let evaluator = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    let by_text = json!({ "query": OTHER });
    let with_hash = json!({ "query": OTHER, "documentId": id(OTHER) });
    let by_apollo = json!({ "query": OTHER, "extensions":
        { "persistedQuery": { "version": 1, "sha256Hash": hash(OTHER) } } });
    // A blank makes another document.
    let nearly = json!({ "query": format!("{POSITIONED} ") });
    for body in [&by_text, &with_hash, &by_apollo, &nearly] {
        let (code, message) = refusal(post(&carnet, None, body)).await;
        assert_eq!(code, "TRUSTED_ONLY", "{body}");
        assert!(message.contains("ne montre aucun jeton"), "{message}");
        for token in [&carnet.administrator, &evaluator] {
            let answered = data(post(&carnet, Some(token), body)).await;
            assert!(answered["position"].is_string());
        }
    }
    let (code, _) = refusal(get(&carnet, None, &[("query", OTHER)])).await;
    assert_eq!(code, "TRUSTED_ONLY");
    // Not even whether it can be read is told of what is not known.
    let (code, _) = refusal(post(&carnet, None, &json!({ "query": "{" }))).await;
    assert_eq!(code, "TRUSTED_ONLY");
    for body in [
        json!({ "documentId": id(POSITIONED) }),
        json!({ "query": POSITIONED }),
    ] {
        let answered = data(post(&carnet, None, &body)).await;
        assert!(answered["position"].is_string());
    }
    // Being trusted, a document gives nobody what the policy does not.
    let body = json!({ "documentId": id(FOLLOWED) });
    let answer: Value = send(post(&carnet, None, &body)).await.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let variables = json!({ "id": "experiment-00000000-0000-7000-8001-000000000001" });
    let body = json!({ "documentId": id(DEFINED), "variables": variables });
    assert_eq!(data(post(&carnet, None, &body)).await["node"], json!(null));
    carnet.stop().await;
}

/// Would catch: a word of the settings that does not hold.
#[tokio::test]
async fn all_may_be_held_to_them() {
    let (carnet, _files) = trusting(TrustedOnly::All).await;
    let token = Some(carnet.administrator.as_str());
    for who in [None, token] {
        let (code, _) = refusal(post(&carnet, who, &json!({ "query": OTHER }))).await;
        assert_eq!(code, "TRUSTED_ONLY");
        let body = json!({ "documentId": id(POSITIONED) });
        assert_eq!(data(post(&carnet, who, &body)).await["position"], "1");
    }
    carnet.stop().await;
}

/// Would catch: whoever runs a service finding it closed to strangers by a directory alone.
#[tokio::test]
async fn nobody_is_held_to_them_unless_it_is_said() {
    let (carnet, _files) = trusting(TrustedOnly::None).await;
    let answered = data(post(&carnet, None, &json!({ "query": OTHER }))).await;
    assert_eq!(answered["position"], "1");
    carnet.stop().await;
}
