//! Operations over HTTP: methods, media types, statuses, bodies.

use reqwest::{
    Method, Response, StatusCode, Url,
    header::{ACCEPT, ALLOW, CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, command_id, merge, mutation},
    in_time,
    raw::Raw,
    words::launch,
};

const JSON: &str = "application/json; charset=utf-8";
const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";

fn header(answer: &Response, name: reqwest::header::HeaderName) -> String {
    let value = answer.headers().get(name).unwrap();
    value.to_str().unwrap().to_owned()
}

async fn code(answer: Response) -> String {
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body.get("data"), None, "{body}");
    let code = &body["errors"][0]["extensions"]["code"];
    assert!(body["errors"][0]["message"].as_str().unwrap().len() > 10);
    code.as_str().unwrap().to_owned()
}

async fn body(carnet: &Carnet, content_type: &str, body: impl Into<reqwest::Body>) -> Response {
    let request = carnet.client.post(carnet.url("/graphql"));
    let request = request.header(CONTENT_TYPE, content_type).body(body);
    in_time("the answer", request.send()).await.unwrap()
}

#[tokio::test]
async fn operations_come_by_get_and_post_only() {
    let carnet = Carnet::start().await;
    let query = carnet.get("/graphql?query=%7Bposition%7D").await;
    assert_eq!(query.status(), 200);
    let answer: Value = query.json().await.unwrap();
    assert_eq!(answer["data"], json!({ "position": "0" }));

    let named = "/graphql?query=query%20A(%24n%3AInt)%7Bevents(first%3A%24n)%7BpageInfo\
                 %7BhasNextPage%7D%7D%7D&operationName=A&variables=%7B%22n%22%3A3%7D";
    let answer: Value = carnet.get(named).await.json().await.unwrap();
    assert_eq!(
        answer["data"]["events"]["pageInfo"]["hasNextPage"], false,
        "{answer}"
    );

    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let request = carnet.client.request(method, carnet.url("/graphql"));
        let request = request.json(&json!({ "query": "{ position }" }));
        let answer = in_time("the answer", request.send()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header(&answer, ALLOW), "GET, POST");
        assert_eq!(code(answer).await, "METHOD_NOT_ALLOWED");
    }
    carnet.stop().await;
}

/// Catches a mutation that a mere link, an image or a prefetching browser could carry out.
#[tokio::test]
async fn a_mutation_by_get_is_refused_and_writes_nothing() {
    let carnet = Carnet::start().await;
    let mut input = launch(json!({}));
    merge(
        &mut input,
        json!({ "commandId": command_id(1), "source": { "label": "Un lien" } }),
    );
    let parameters = [
        ("query", mutation("launchExperiment", "")),
        ("variables", json!({ "input": input }).to_string()),
    ];
    let url = Url::parse_with_params(&carnet.url("/graphql"), &parameters).unwrap();
    let request = carnet.client.get(url);
    let answer = in_time("the answer", request.send()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&answer, ALLOW), "POST");
    assert_eq!(code(answer).await, "METHOD_NOT_ALLOWED");

    // A document of several operations is judged by the one that is named.
    let both = "query Read { position } mutation Write { closeExperiment(input: {}) { position } }";
    for (operation, status) in [("Read", 200), ("Write", 405)] {
        let parameters = [("query", both), ("operationName", operation)];
        let url = Url::parse_with_params(&carnet.url("/graphql"), &parameters).unwrap();
        let request = carnet.client.get(url);
        let answer = in_time("the answer", request.send()).await.unwrap();
        if operation == "Write" {
            assert_eq!(answer.status(), status);
        } else {
            // The document as a whole is not valid, which is another matter.
            assert_ne!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
        }
    }
    assert_eq!(carnet.head().await, 0);
    carnet.stop().await;
}

#[tokio::test]
async fn the_accept_header_chooses_the_media_type() {
    let carnet = Carnet::start().await;
    let query = json!({ "query": "{ position }" });
    for (accept, status, content_type) in [
        ("application/json", 200, JSON),
        ("application/graphql-response+json", 200, GRAPHQL),
        ("*/*", 200, JSON),
        ("application/*", 200, JSON),
        (
            "application/json;q=0.5, application/graphql-response+json",
            200,
            GRAPHQL,
        ),
        (
            "application/graphql-response+json; charset=utf-8",
            200,
            GRAPHQL,
        ),
        (
            "application/graphql-response+json;q=0, application/json;q=0.1",
            200,
            JSON,
        ),
        ("text/html, */*;q=0.1", 200, JSON),
        ("text/plain", 406, JSON),
        ("application/json;q=0", 406, JSON),
        ("application/json; charset=iso-8859-1", 406, JSON),
    ] {
        let answer = carnet.post(&query, accept).await;
        assert_eq!(answer.status(), status, "{accept}");
        assert_eq!(header(&answer, CONTENT_TYPE), content_type, "{accept}");
        if status == 406 {
            assert_eq!(code(answer).await, "NOT_ACCEPTABLE");
        }
    }
    let request = carnet.client.get(carnet.url("/graphql?query={position}"));
    let without = in_time("the answer", request.header(ACCEPT, "").send()).await;
    assert_eq!(without.unwrap().status(), 406);
    carnet.stop().await;
}

/// Catches clients of the older media type that take a 400 for a broken server, and clients of the
/// newer one that take an answer without data for success.
#[tokio::test]
async fn the_status_tells_a_request_error_from_an_answer() {
    let carnet = Carnet::start().await;
    for (document, expected) in [
        ("{ position", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nothingLikeIt }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ experiments { nodes } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "query A { position } query B { position }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription { events { position } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        for (accept, status) in [
            ("application/json", 200),
            ("application/graphql-response+json", 400),
        ] {
            let answer = carnet.post(&json!({ "query": document }), accept).await;
            assert_eq!(answer.status(), status, "{document}");
            assert_eq!(code(answer).await, expected, "{document}");
        }
    }
    // A field that fails is an answer all the same: there is data, if only null.
    let fails = json!({ "query": "{ events(first: 0) { edges { cursor } } }" });
    for accept in ["application/json", "application/graphql-response+json"] {
        let answer = carnet.post(&fails, accept).await;
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["data"], Value::Null);
        assert!(answer.as_object().unwrap().contains_key("data"));
        assert_eq!(answer["errors"][0]["path"], json!(["events"]));
    }
    carnet.stop().await;
}

#[tokio::test]
async fn a_body_that_is_not_json_is_told_so() {
    let carnet = Carnet::start().await;
    let operation = r#"{"query":"{ position }"}"#;
    for content_type in ["application/json", "Application/JSON; charset=\"UTF-8\""] {
        let answer = body(&carnet, content_type, operation).await;
        assert_eq!(answer.status(), 200, "{content_type}");
    }
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=iso-8859-1",
        "",
    ] {
        let answer = body(&carnet, content_type, operation).await;
        assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(code(answer).await, "UNSUPPORTED_MEDIA_TYPE");
    }
    carnet.stop().await;
}

#[tokio::test]
async fn a_body_that_is_no_operation_is_told_so() {
    let carnet = Carnet::start().await;
    for not_an_operation in [
        "",
        "{",
        "null",
        "\"{ position }\"",
        "{}",
        r#"{"query": null}"#,
        r#"{"query": 3}"#,
        r#"{"query": "{ position }", "variables": "x"}"#,
        r#"{"query": "{ position }", "variables": [1]}"#,
        r#"{"query": "{ position }", "operationName": {}}"#,
        r#"{"query": "{ position }", "extensions": 1}"#,
        r#"{"query": "{ position }"} trailing"#,
    ] {
        let answer = body(&carnet, "application/json", not_an_operation).await;
        assert_eq!(
            answer.status(),
            StatusCode::BAD_REQUEST,
            "{not_an_operation}"
        );
        assert_eq!(code(answer).await, "BAD_REQUEST", "{not_an_operation}");
    }
    let not_utf8 = b"{\"query\": \"{ position } # \xff\"}".to_vec();
    let answer = body(&carnet, "application/json", not_utf8).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    for parameters in ["", "?query={position}&variables=[", "?variables={}"] {
        let answer = carnet.get(&format!("/graphql{parameters}")).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{parameters}");
        assert_eq!(code(answer).await, "BAD_REQUEST");
    }
    carnet.stop().await;
}

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

/// Catches a server that reads what it will not take, and one whose refusal is lost because it
/// cuts the connection while the client still sends.
#[tokio::test]
async fn a_ten_megabyte_body_is_refused_and_the_refusal_is_read() {
    let carnet = Carnet::start().await;
    let operation = json!({ "query": format!("{{ position }} #{}", "x".repeat(TEN_MEGABYTES)) });
    let answer = carnet.post(&operation, "application/json").await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer: Value = answer.json().await.unwrap();
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "PAYLOAD_TOO_LARGE");
    assert_eq!(
        error["message"],
        "Le corps d'une opération compte au plus 262144 octets."
    );
    assert_eq!(carnet.head().await, 0);
    carnet.stop().await;
}

/// Catches a limit that trusts the announced length: here none is announced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chunked_ten_megabyte_body_is_refused_too() {
    let carnet = Carnet::start().await;
    let address = carnet.address;
    let head = tokio::task::spawn_blocking(move || {
        let mut raw = Raw::connect(address);
        raw.send(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
              Transfer-Encoding: chunked\r\n\r\n",
        );
        let mut chunk = b"10000\r\n".to_vec();
        chunk.resize(chunk.len() + 0x10000, b' ');
        chunk.extend_from_slice(b"\r\n");
        let mut sent = 0;
        while sent < TEN_MEGABYTES && raw.send(&chunk) {
            sent += 0x10000;
        }
        raw.answer()
    });
    let (head, answer) = in_time("the refusal", head).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
    assert!(answer.contains("PAYLOAD_TOO_LARGE"), "{answer}");
    carnet.stop().await;
}

/// Catches a variable that is insisted on, is not given, and is taken for an argument left out:
/// the answer would be of another question.
#[tokio::test]
async fn a_variable_that_is_not_given_is_told() {
    let carnet = Carnet::start().await;
    let page = "query A($n: Int!) { events(first: $n) { edges { cursor } } } query B { position }";
    for variables in [json!({}), json!({ "n": null }), json!({ "N": 1 })] {
        let operation = json!({ "query": page, "operationName": "A", "variables": variables });
        let answer = carnet
            .post(&operation, "application/graphql-response+json")
            .await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{variables}");
        assert_eq!(code(answer).await, "BAD_USER_INPUT", "{variables}");
    }
    for (operation, variables) in [("A", json!({ "n": 1 })), ("B", json!({}))] {
        let operation = json!({ "query": page, "operationName": operation,
            "variables": variables });
        let answer = carnet
            .post(&operation, "application/graphql-response+json")
            .await;
        assert_eq!(answer.status(), StatusCode::OK, "{operation}");
    }
    let default = "query A($n: Int! = 3) { events(first: $n) { edges { cursor } } }";
    carnet.data(default, json!({})).await;
    carnet.stop().await;
}
