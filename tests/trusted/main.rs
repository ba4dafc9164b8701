//! Trusted documents: asked for by their hash, over every transport; all that some callers may ask for;
//! and what keeps a service from starting on documents that it would refuse. The whole program.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../edge/support.rs"]
#[allow(dead_code, reason = "shared with the tests of the edge")]
mod support;

mod asked;
mod callers;
mod files;
mod socket;

use std::{fmt::Write as _, path::Path};

use carnet::config::{Config, TrustedOnly};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use reqwest::{RequestBuilder, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

use support::{Carnet, send};

/// Asks for what strangers see as well.
const POSITIONED: &str = "query Positioned { position }\n";
const DEFINED: &str = "query Defined($id: ID!) { node(id: $id) { id } viewer { actor } }";
const FOLLOWED: &str = "subscription Followed { events(after: \"0\") { position } }";
const ERASED: &str =
    "mutation Erased($input: ErasePersonInput!) { erasePerson(input: $input) { position } }";

/// The hash of a text, bare.
fn hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The same, as a document is asked for.
fn id(text: &str) -> String {
    format!("sha256:{}", hash(text))
}

fn write(directory: &Path, name: &str, text: &str) {
    std::fs::write(directory.join(name), text).unwrap();
}

/// The program with trusted documents: one in a file of its own, the others in a manifest.
async fn trusting(only: TrustedOnly) -> (Carnet, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "positioned.graphql", POSITIONED);
    let manifest = json!({
        hash(DEFINED): DEFINED,
        id(FOLLOWED): FOLLOWED,
        hash(ERASED): ERASED,
    });
    write(directory.path(), "manifest.json", &manifest.to_string());
    write(directory.path(), "LISEZMOI.txt", "Rien de tel.");
    let config = Config {
        trusted_documents: Some(directory.path().to_owned()),
        trusted_only: only,
        ..Config::default()
    };
    (Carnet::with(config).await, directory)
}

/// An operation by POST, of who shows a token or none.
fn post(carnet: &Carnet, token: Option<&str>, body: &Value) -> RequestBuilder {
    let request = carnet
        .client
        .post(format!("http://{}/graphql", carnet.address));
    shown(request.json(body), token)
}

/// A query by GET, by such parameters.
fn get(carnet: &Carnet, token: Option<&str>, parameters: &[(&str, &str)]) -> RequestBuilder {
    let address = format!("http://{}/graphql", carnet.address);
    let address = reqwest::Url::parse_with_params(&address, parameters).unwrap();
    shown(carnet.client.get(address), token)
}

fn shown(request: RequestBuilder, token: Option<&str>) -> RequestBuilder {
    let request = request.header("accept", "application/graphql-response+json");
    match token {
        Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    }
}

/// What an operation is answered that is executed.
async fn data(request: RequestBuilder) -> Value {
    let answer = send(request).await;
    let status = answer.status();
    let mut answer: Value = answer.json().await.unwrap();
    assert_eq!((status, answer.get("errors")), (StatusCode::OK, None));
    answer["data"].take()
}

/// The code and the message of the one error of an operation that is not.
async fn refusal(request: RequestBuilder) -> (String, String) {
    let answer = send(request).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer.get("data"), None, "{answer}");
    let [error] = answer["errors"].as_array().unwrap().as_slice() else {
        panic!("{answer}")
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}
