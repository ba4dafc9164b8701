//! Requests made to harm: each gets an answer, soon, and the program lives.

use std::fmt::Write;

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

use crate::support::{carnet::Carnet, in_time, socket::Socket};

/// A document of which each fragment spreads the next one twice: 2^`doublings` selections.
fn doubling(doublings: usize, last: &str) -> String {
    let mut document = "query { ...F0 }".to_owned();
    for level in 0..doublings {
        let next = level + 1;
        write!(
            document,
            " fragment F{level} on Query {{ ...F{next} ...F{next} }}"
        )
        .unwrap();
    }
    document + last
}

async fn is_refused(carnet: &Carnet, document: &str) {
    let (code, message) = carnet.fault(document, json!({})).await;
    assert_eq!(code, "TOO_COMPLEX", "{message}");
    assert!(message.contains("document"), "{message}");
}

/// Catches the parser's recursion: one frame for each bracket, and 4 KB of them end the process.
#[tokio::test]
async fn nesting_is_refused_before_anything_parses_it() {
    let carnet = Carnet::start().await;
    let (open, shut) = ("[".repeat(2_000), "]".repeat(2_000));
    is_refused(
        &carnet,
        &format!("{{ nodes(ids: {open}1{shut}) {{ id }} }}"),
    )
    .await;
    is_refused(
        &carnet,
        &format!("query($x: {open}Int{shut}) {{ position }}"),
    )
    .await;
    is_refused(&carnet, &open).await;
    is_refused(&carnet, &"{a".repeat(2_000)).await;
    is_refused(&carnet, &"{a(b:{c:".repeat(2_000)).await;
    // Neither a string nor a comment hides what follows it.
    is_refused(&carnet, &format!("{{ a(b: \"\\\" \" c: {open}")).await;
    is_refused(
        &carnet,
        &format!("# \"\n{{ a(b: \"\"\" \\\"\"\" \" \"\"\", c: {open}"),
    )
    .await;
    let url = format!("/graphql?query={open}");
    assert_eq!(carnet.get(&url).await.status(), StatusCode::OK);

    let mut socket = carnet.socket().await;
    socket.subscribe("1", &open, json!({})).await;
    let errors = socket.error("1").await;
    assert_eq!(errors[0]["extensions"]["code"], "TOO_COMPLEX");

    // Inside a string, a bracket is only a character.
    let words = format!("{{ node(id: \"{open}\") {{ id }} }}");
    assert_eq!(carnet.data(&words, json!({})).await["node"], Value::Null);
    carnet.stop().await;
}

/// Catches checks that walk a fragment once for each spread: 900 bytes took a worker for minutes.
#[tokio::test]
async fn doubling_fragments_are_counted_without_being_walked() {
    let carnet = Carnet::start().await;
    is_refused(
        &carnet,
        &doubling(22, " fragment F22 on Query { position }"),
    )
    .await;
    is_refused(
        &carnet,
        &doubling(22, " fragment F22 on Query { ...Nowhere }"),
    )
    .await;
    is_refused(&carnet, &doubling(22, "")).await;
    is_refused(
        &carnet,
        &doubling(500, " fragment F500 on Query { position }"),
    )
    .await;
    let unused = doubling(22, " fragment F22 on Query { position }");
    is_refused(&carnet, &unused.replace("{ ...F0 }", "{ position }")).await;

    // Fields between the spreads do not hide them.
    let mut fields = "{ experiments { nodes { ...F0 } } }".to_owned();
    for level in 0..8 {
        let next = level + 1;
        write!(
            fields,
            " fragment F{level} on Experiment {{ \
             a: permanences {{ experiment {{ ...F{next} }} }} \
             b: permanences {{ experiment {{ ...F{next} }} }} \
             c: permanences {{ experiment {{ ...F{next} }} }} }}"
        )
        .unwrap();
    }
    is_refused(&carnet, &(fields + " fragment F8 on Experiment { id }")).await;

    let mut socket = carnet.socket().await;
    let document = doubling(22, " fragment F22 on Query { position }");
    socket.subscribe("1", &document, json!({})).await;
    let errors = socket.error("1").await;
    assert_eq!(errors[0]["extensions"]["code"], "TOO_COMPLEX");

    // What is spread twice in reason is still answered.
    let modest = doubling(5, " fragment F5 on Query { position }");
    let answer = carnet.data(&modest, json!({})).await;
    assert_eq!(answer, json!({ "position": "0" }));
    carnet.stop().await;
}

#[tokio::test]
async fn a_fragment_within_itself_is_refused() {
    let carnet = Carnet::start().await;
    for document in [
        "{ ...A } fragment A on Query { position ...A }",
        "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }",
    ] {
        let (_, message) = carnet.fault(document, json!({})).await;
        assert!(message.contains("fragment"), "{message}");
    }
    let unused = "{ position } fragment A on Query { ...A }";
    assert!(carnet.ask(unused, json!({})).await["errors"].is_array());
    // A long chain is no cycle, but as deep.
    let mut chain = "{ ...F0 }".to_owned();
    for level in 0..1_000 {
        let next = level + 1;
        write!(chain, " fragment F{level} on Query {{ ...F{next} }}").unwrap();
    }
    is_refused(&carnet, &(chain + " fragment F1000 on Query { position }")).await;
    carnet.stop().await;
}

#[tokio::test]
async fn too_many_elements_fields_or_levels_are_refused() {
    let carnet = Carnet::start().await;
    is_refused(&carnet, &format!("{{ {} }}", "position ".repeat(10_000))).await;
    for document in [
        format!(
            "{{ {} }}",
            (0..2_500).fold(String::new(), |mut all, i| {
                write!(all, "a{i}: position ").unwrap();
                all
            })
        ),
        format!(
            "{{ experiments {{ nodes {{ {}id{} }} }} }}",
            "permanences { experiment { ".repeat(10),
            " } }".repeat(10)
        ),
    ] {
        let (code, _) = carnet.fault(&document, json!({})).await;
        assert!(
            ["TOO_COMPLEX", "COST_EXCEEDED"].contains(&code.as_str()),
            "{code}"
        );
    }
    let directives = format!("{{ position {} }}", "@include(if: true) ".repeat(9));
    assert!(carnet.ask(&directives, json!({})).await["errors"].is_array());
    carnet.stop().await;
}

/// Catches a page elsewhere that had its own name point here, and so speaks for this origin.
#[tokio::test]
async fn a_foreign_host_is_forbidden() {
    let carnet = Carnet::start().await;
    for path in ["/graphql?query={position}", "/graphiql", "/metrics", "/"] {
        for host in [
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "10.0.0.1",
        ] {
            let request = carnet.client.get(carnet.url(path));
            let request = request.header(header::HOST, host);
            let answer = in_time("the answer", request.send()).await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{host}{path}");
            let answer: Value = answer.json().await.unwrap();
            let error = &answer["errors"][0];
            assert_eq!(error["extensions"]["code"], "FORBIDDEN_HOST");
            assert!(error["message"].as_str().unwrap().contains("nom local"));
        }
    }
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.0.0.2:9",
        "[::1]",
        "[::1]:1",
    ] {
        let request = carnet.client.get(carnet.url("/health/live"));
        let request = request.header(header::HOST, host);
        let answer = in_time("the answer", request.send()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{host}");
    }
    carnet.stop().await;
}

/// Catches another site's page that opens a socket here: browsers do not stop it, only we can.
#[tokio::test]
async fn a_socket_from_another_sites_page_is_forbidden() {
    let carnet = Carnet::start().await;
    let protocol = || {
        (
            header::SEC_WEBSOCKET_PROTOCOL,
            "graphql-transport-ws".to_owned(),
        )
    };
    for origin in [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://{}.evil.example", carnet.address),
        "http://127.0.0.1:1".to_owned(),
    ] {
        let headers = [protocol(), (header::ORIGIN, origin.clone())];
        let Err(Error::Http(answer)) = Socket::connect(carnet.address, &headers).await else {
            panic!("{origin} was let in")
        };
        assert_eq!(answer.status().as_u16(), 403, "{origin}");
        let body = answer.into_body().unwrap_or_default();
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains("FORBIDDEN_ORIGIN"), "{body}");
    }
    let own = (header::ORIGIN, format!("http://{}", carnet.address));
    assert!(
        Socket::connect(carnet.address, &[protocol(), own])
            .await
            .is_ok()
    );
    carnet.stop().await;
}
