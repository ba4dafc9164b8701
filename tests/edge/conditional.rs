//! Answers that are had already, and answers that are compressed.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::support::{Carnet, header, send};

const POSITION: &str = "{ position }";

fn caching(answer: &Response) -> (String, String) {
    (header(answer, "cache-control"), header(answer, "etag"))
}

/// Would catch: an answer that is sent again to who has it, one that is not sent though it is another,
/// and one that a shared cache hands to somebody else.
#[tokio::test]
async fn who_has_an_answer_is_told_so() {
    let carnet = Carnet::start().await;
    let token = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    let query = json!({ "query": POSITION });
    let by_get = || carnet.get(&token, POSITION);
    let by_post = || carnet.post(&token, &query);
    let (cached, tag) = caching(&send(by_get()).await);
    assert_eq!(cached, "private, no-cache");
    assert!(tag.starts_with("W/\"") && tag.len() > 20, "{tag}");
    for ask in [&by_get as &dyn Fn() -> _, &by_post] {
        for known in [
            tag.clone(),
            format!("\"x\", {tag}"),
            tag.replace("W/", ""),
            "*".to_owned(),
        ] {
            let answer = send(ask().header("if-none-match", &known)).await;
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(caching(&answer), (cached.clone(), tag.clone()));
            let vary = header(&answer, "vary").to_ascii_lowercase();
            assert!(
                vary.contains("accept") && vary.contains("authorization"),
                "{vary}"
            );
            assert_eq!(answer.bytes().await.unwrap().len(), 0);
        }
        let answer = send(ask().header("if-none-match", "W/\"other\"")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(caching(&answer), (cached.clone(), tag.clone()));
    }
    carnet.launch(1, "La Poste").await;
    let answer = send(by_get().header("if-none-match", &tag)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_ne!(header(&answer, "etag"), tag);
    carnet.stop().await;
}

/// Would catch: an answer left for good in a cache though it may be another tomorrow; and a name left
/// there at all, where no erasure reaches it.
#[tokio::test]
async fn only_what_is_of_positions_lasts() {
    let carnet = Carnet::start().await;
    carnet.launch(1, "La Poste").await;
    let evaluator = carnet.issue(json!({ "role": "EVALUATOR" })).await;
    let carrier = json!({ "role": "CARRIER", "organisation": "La Poste" });
    let carrier = carnet.issue(carrier).await;
    let lasting = "private, max-age=86400, immutable";
    let again = "private, no-cache";
    let below = "{ experiments { nodes { title } } }";
    for (query, expected) in [
        (
            format!("{{ asOf(knownAt: {{ position: \"2\" }}) {below} }}"),
            lasting,
        ),
        (
            format!("{{ __typename asOf(knownAt: {{ position: \"2\" }}) {below} }}"),
            lasting,
        ),
        (
            format!(
                "{{ a: asOf(knownAt: {{ position: \"1\" }}) {below} \
                     b: asOf(knownAt: {{ position: \"2\" }}, validAt: \"2021-05-10\") {below} }}"
            ),
            lasting,
        ),
        // Of today.
        (
            format!("{{ asOf(validAt: \"2021-05-10\") {below} }}"),
            again,
        ),
        (
            format!("{{ asOf(knownAt: {{ position: \"0\" }}) {below} }}"),
            again,
        ),
        (
            format!("{{ asOf(knownAt: {{ instant: \"2021-05-10T08:00:00Z\" }}) {below} }}"),
            again,
        ),
        (
            format!("{{ position asOf(knownAt: {{ position: \"2\" }}) {below} }}"),
            again,
        ),
        (
            format!(
                "{{ ...F }} fragment F on Query {{ asOf(knownAt: {{ position: \"2\" }}) {below} }}"
            ),
            again,
        ),
    ] {
        // The second is the one that was kept.
        for _ in 0..2 {
            let answer = send(carnet.get(&evaluator, &query)).await;
            assert_eq!(caching(&answer).0, expected, "{query}");
            let answer = send(carnet.post(&evaluator, &json!({ "query": query }))).await;
            assert_eq!(caching(&answer).0, again, "{query}");
        }
        for token in [&carrier, &carnet.administrator] {
            let answer = send(carnet.get(token, &query)).await;
            assert_eq!(caching(&answer).0, "no-store", "{query}");
            assert!(!caching(&answer).1.is_empty());
        }
    }
    // Faults, mutations and what is of the very instant are nobody's to keep.
    let failing = "{ experiments(first: 0) { totalCount } }";
    let limit = "{ asOf(knownAt: { position: \"2\" }) { rateLimit { remaining } } }";
    for query in [failing, "{ nothing }", "{", limit] {
        let answer = send(carnet.get(&evaluator, query)).await;
        assert_eq!(
            caching(&answer),
            ("no-store".to_owned(), String::new()),
            "{query}"
        );
    }
    carnet.stop().await;
}

/// Would catch: bytes that do not unpack to the answer, a few bytes packed into more, one cache entry
/// for packed and unpacked.
#[tokio::test]
async fn long_answers_are_compressed_for_who_asks() {
    let carnet = Carnet::start().await;
    let token = carnet.administrator.clone();
    let long = json!({ "query": "{ indicatorDefinitions { code text textEn name } }" });
    let plain = send(carnet.post(&token, &long)).await;
    assert_eq!(header(&plain, "content-encoding"), "");
    let vary = header(&plain, "vary").to_ascii_lowercase();
    assert!(vary.contains("accept-encoding"), "{vary}");
    let tag = header(&plain, "etag");
    let plain = plain.bytes().await.unwrap();
    for (accepted, encoding) in [("gzip", "gzip"), ("br", "br"), ("gzip, br;q=0.9", "gzip")] {
        let packed = carnet
            .post(&token, &long)
            .header("accept-encoding", accepted);
        let packed = send(packed).await;
        assert_eq!(header(&packed, "content-encoding"), encoding);
        assert_eq!(header(&packed, "etag"), tag);
        let packed = packed.bytes().await.unwrap();
        assert!(
            packed.len() * 2 < plain.len(),
            "{} of {}",
            packed.len(),
            plain.len()
        );
        if encoding == "gzip" {
            let mut unpacked = Vec::new();
            GzDecoder::new(&packed[..])
                .read_to_end(&mut unpacked)
                .unwrap();
            assert_eq!(unpacked, plain);
        }
    }
    let short = json!({ "query": POSITION });
    let short = carnet
        .post(&token, &short)
        .header("accept-encoding", "gzip, br");
    assert_eq!(header(&send(short).await, "content-encoding"), "");
    carnet.stop().await;
}

/// Would catch: a page of another site that has a browser ask, or act, in one's stead.
#[tokio::test]
async fn what_comes_from_another_site_is_refused() {
    let carnet = Carnet::start().await;
    let token = carnet.administrator.clone();
    let query = json!({ "query": POSITION });
    let own = format!("http://{}", carnet.address);
    for (origin, status) in [
        (own.as_str(), 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://127.0.0.1:1", 403),
    ] {
        let answer = send(carnet.post(&token, &query).header("origin", origin)).await;
        assert_eq!(answer.status(), status, "{origin}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "");
        if status == 403 {
            let answer: Value = answer.json().await.unwrap();
            assert_eq!(
                answer["errors"][0]["extensions"]["code"],
                "FORBIDDEN_ORIGIN"
            );
        }
    }
    // What a form can send is no operation, wherever it comes from.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
    ] {
        let url = format!("{own}/graphql");
        let form = carnet.client.post(url).header("content-type", kind);
        let form = form.header("authorization", format!("Bearer {token}"));
        let answer = send(form.body(query.to_string())).await;
        assert_eq!(answer.status(), 415, "{kind}");
    }
    // Nothing answers a preflight.
    let url = format!("{own}/graphql");
    let asked = carnet.client.request(reqwest::Method::OPTIONS, url);
    let asked = asked.header("origin", "https://evil.example");
    let answer = send(asked.header("access-control-request-method", "POST")).await;
    assert_eq!(answer.status(), 405);
    assert_eq!(header(&answer, "access-control-allow-origin"), "");
    carnet.stop().await;
}

/// Would catch: a list of operations that is carried out as one, or all of it, past every limit.
#[tokio::test]
async fn a_list_of_operations_is_refused() {
    let carnet = Carnet::start().await;
    let token = carnet.administrator.clone();
    for body in [
        r#"[{"query":"{ position }"}]"#,
        " \n[]",
        r#"["{ position }", null, null, null]"#,
    ] {
        let answer = send(carnet.bytes(&token, body)).await;
        assert_eq!(answer.status(), 400);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BATCHING_OFF");
    }
    carnet.stop().await;
}
