//! What keeps a service from starting.

use std::sync::Arc;

use carnet::{app::App, clock::FixedClock, config::Config};
use serde_json::json;

use crate::{DEFINED, hash, id, write};

/// What a start on such a file says.
async fn said(name: &str, text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), name, text);
    let data = directory.path().join("data");
    let config = Config {
        data_dir: data.clone(),
        trusted_documents: Some(directory.path().to_owned()),
        ..Config::default()
    };
    let clock = FixedClock::new("2021-05-10T08:00:00Z".parse().unwrap());
    let opened = App::open(&config, Arc::new(clock)).await;
    let said = opened.err().unwrap().to_string();
    assert!(!data.exists(), "the data was touched");
    assert!(said.starts_with("Documents de confiance : "), "{said}");
    assert!(said.contains(name), "{said}");
    assert!(!said.ends_with(".."), "{said}");
    said
}

/// Would catch: a document that would be refused to whoever asks for it, and nobody told before; one
/// that the library alone, or only our own rules, would refuse.
#[tokio::test]
async fn documents_that_would_be_refused_stop_the_start() {
    let nested = format!("{}a{}", "{ a ".repeat(70), "}".repeat(70));
    let long = format!("# {}\n{{ position }}", "x".repeat(300_000));
    // Two to the thirtieth fields, in a document that is short and valid.
    let doubling = (0..30).map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1));
    let doubling = doubling.collect::<String>();
    let doubling = format!("{{ ...F0 }} {doubling} fragment F30 on Query {{ position }}");
    for (text, why) in [
        (doubling.as_str(), "sélections, chaque fragment"),
        ("{ position", "ne se lit pas"),
        (
            "{ positions }",
            "Unknown field \"positions\" on type \"Query\"",
        ),
        ("type A { a: Int }", "ne se lit pas"),
        ("", "ne se lit pas"),
        (
            "query A($a: String) { node(id: $a) { id } }",
            "n'est pas valide",
        ),
        ("query A { position } query B { nothing }", "nothing"),
        (
            "query A { position } query A { position }",
            "n'est pas valide",
        ),
        (
            "{ node(id: 1) { id } node(id: 2) { id } }",
            "n'est pas valide",
        ),
        (nested.as_str(), "imbrique"),
        (long.as_str(), "octets"),
    ] {
        let said = said("a.graphql", text).await;
        assert!(said.contains(&id(text)), "{said}");
        assert!(said.contains(why), "{text}: {said}");
        assert!(!said.contains('\n'), "{said}");
    }
}

/// Would catch: a manifest of other hashes, whose documents nobody could then ask for, or somebody under
/// a hash that is not theirs.
#[tokio::test]
async fn manifests_that_are_none_stop_the_start() {
    let sha1 = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12";
    for (text, why) in [
        (
            json!({ sha1: DEFINED }).to_string(),
            "hashAlgorithm: 'sha256'",
        ),
        (
            json!({ hash("x"): DEFINED }).to_string(),
            "n'est pas l'empreinte",
        ),
        (
            json!({ format!("md5:{}", hash(DEFINED)): DEFINED }).to_string(),
            &*id(DEFINED),
        ),
        (
            json!({ hash(DEFINED).to_uppercase(): DEFINED }).to_string(),
            "n'est pas l'empreinte",
        ),
        (
            json!({ hash(DEFINED): { "text": DEFINED } }).to_string(),
            "n'y est pas un texte",
        ),
        (
            json!({ hash("{ x }"): "{ x }" }).to_string(),
            "Unknown field",
        ),
        (json!([DEFINED]).to_string(), "n'est pas un manifeste"),
        ("{".to_owned(), "n'est pas un manifeste"),
    ] {
        let said = said("manifeste.json", &text).await;
        assert!(said.contains(why), "{text}: {said}");
    }
}

#[tokio::test]
async fn a_directory_that_is_not_there_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config {
        data_dir: directory.path().join("data"),
        trusted_documents: Some(directory.path().join("nulle-part")),
        ..Config::default()
    };
    let clock = FixedClock::new("2021-05-10T08:00:00Z".parse().unwrap());
    let opened = App::open(&config, Arc::new(clock)).await;
    let said = opened.err().unwrap().to_string();
    assert!(said.contains("nulle-part ne se lit pas"), "{said}");
}
