//! Trusted documents on the command line.

use crate::support::program::{command, complaint, printed};

/// What the schema would refuse.
const WRONG: &str = "{ nothing }";

/// Would catch: a hash that a client computes otherwise, an operation that is not told, a cost that
/// `explainCost` does not tell.
#[test]
fn they_are_listed_with_what_they_are_asked_for_by() {
    let place = tempfile::tempdir().unwrap();
    let told = printed(place.path(), &["documents", "list"]);
    assert!(told.starts_with("Aucun document de confiance : le réglage"));
    let documents = place.path().join("documents");
    std::fs::create_dir(&documents).unwrap();
    let list = || {
        let mut command = command(place.path(), &["documents", "list"]);
        command
            .env("CARNET_TRUSTED_DOCUMENTS", "documents")
            .output()
    };
    let told = list().unwrap();
    assert_eq!(told.stdout, "Aucun document de confiance.\n".as_bytes());
    std::fs::write(
        documents.join("tete.graphql"),
        "query Head { logHead { root } }\n",
    )
    .unwrap();
    let two = "query A { position } mutation B($input: ErasePersonInput!) \
               { erasePerson(input: $input) { position } }";
    std::fs::write(documents.join("deux.graphql"), two).unwrap();
    let told = String::from_utf8(list().unwrap().stdout).unwrap();
    let expected = "\
sha256:760792de0dc0dbe5f654d4e68da922ddf68c26f495775ae1423312c4d879b9ce  query A, coût 1 ; mutation B, coût 52  (documents/deux.graphql)
sha256:640e9c4f026bf6ba1bc38bbd5d04ed656dcf8f5f04322365e611ae879f3ac6f3  query Head, coût 20002  (documents/tete.graphql)
2 documents de confiance.
";
    assert_eq!(told, expected);
    // Files are checked wherever they are, and nothing of a notebook is made.
    let told = printed(
        place.path(),
        &["documents", "check", "documents/tete.graphql"],
    );
    assert!(told.ends_with("\n1 document de confiance.\n"), "{told}");
    let left = std::fs::read_dir(place.path()).unwrap();
    assert_eq!(left.count(), 1);
}

/// Would catch: a check that lets through what keeps the service from starting.
#[test]
fn what_would_be_refused_is_told() {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).unwrap();
    write("faux.graphql", WRONG);
    write("autre.txt", "{ position }");
    for (file, why) in [
        ("faux.graphql", "faux.graphql : le document sha256:"),
        ("autre.txt", "autre.txt n'est ni un document"),
        ("absent.graphql", "absent.graphql ne se lit pas"),
    ] {
        let said = complaint(place.path(), &["documents", "check", file]);
        assert!(said.contains(why), "{said}");
    }
    let mut serve = command(place.path(), &["serve", "--listen", "127.0.0.1:0"]);
    let output = serve.env("CARNET_TRUSTED_DOCUMENTS", ".").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("faux.graphql : le document sha256:"),
        "{said}"
    );
    let mut config = command(place.path(), &["config"]);
    let output = config
        .env("CARNET_TRUSTED_ONLY", "strangers")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("« trusted_documents »"), "{said}");
    let mut config = command(place.path(), &["config"]);
    let output = config.env("CARNET_TRUSTED_ONLY", "tous").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}
