//! Read your own write: whoever names a position is answered of it, or of a later one.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, number},
    in_time,
    words::{statement, vigny},
};

/// What is answered to a query with a header, or with an extension.
async fn answered(carnet: &Carnet, header: Option<(&str, &str)>, extensions: Value) -> Value {
    let body = json!({ "query": "{ position }", "extensions": extensions });
    let mut request = carnet.client.post(carnet.url("/graphql")).json(&body);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let answer = in_time("the answer", request.send()).await.unwrap();
    answer.json().await.unwrap()
}

/// Would catch: an answer of before what was named, one that was kept before it among them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_query_that_names_a_position_is_never_of_an_earlier_one() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let write = async {
        for turn in 0..100 {
            carnet
                .record("recordStatement", statement(&format!("Parole {turn}.")))
                .await;
        }
    };
    let read = async |by_header: bool| {
        while carnet.recorded() < 103 {
            // What is recorded, and not yet acknowledged to whoever wrote it.
            let named = carnet.recorded().to_string();
            let answer = if by_header {
                answered(&carnet, Some(("Carnet-At-Least", &named)), Value::Null).await
            } else {
                answered(&carnet, None, json!({ "atLeast": named })).await
            };
            let position = number(&answer["data"]["position"]);
            assert!(
                position >= named.parse().unwrap(),
                "{position}, not {named}"
            );
        }
    };
    let readers = join_all([true, false, true, false].map(read));
    tokio::join!(write, readers);
    carnet.stop().await;
}

/// Would catch: what is asked for and not understood, and so answered as if it were not asked for.
#[tokio::test]
async fn what_cannot_be_answered_as_it_asks_is_refused() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let code = |answer: &Value| answer["errors"][0]["extensions"]["code"].clone();
    let other = "00000000-0000-4000-8000-000000000001";
    for (name, value, expected) in [
        ("Carnet-At-Least", "4", "POSITION_AHEAD"),
        ("Carnet-At-Least", "-1", "BAD_USER_INPUT"),
        ("Carnet-At-Least", "soon", "BAD_USER_INPUT"),
        ("Carnet-Log", other, "CURSOR_OF_ANOTHER_LOG"),
    ] {
        let answer = answered(&carnet, Some((name, value)), Value::Null).await;
        assert_eq!(code(&answer), expected, "{name}: {value}: {answer}");
    }
    for (extensions, expected) in [
        (json!({ "atLeast": 4 }), "POSITION_AHEAD"),
        (json!({ "atLeast": true }), "BAD_USER_INPUT"),
        (json!({ "log": 1 }), "BAD_USER_INPUT"),
        (json!({ "log": other }), "CURSOR_OF_ANOTHER_LOG"),
    ] {
        let answer = answered(&carnet, None, extensions.clone()).await;
        assert_eq!(code(&answer), expected, "{extensions}: {answer}");
    }
    let own = carnet.data("{ logHead { logId } }", json!({})).await;
    let own = own["logHead"]["logId"].as_str().unwrap();
    let answer = answered(&carnet, Some(("Carnet-Log", own)), json!({ "atLeast": 3 })).await;
    assert_eq!(answer["data"]["position"], "3", "{answer}");
    carnet.stop().await;
}
