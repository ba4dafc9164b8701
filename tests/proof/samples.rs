//! Files that `check.py` checks with no code of ours: proofs in `golden.jsonl` over the records of
//! `tests/golden/records.hex`, and in `hashes.jsonl` over many more leaves, each a line.
//!
//! With `CARNET_GOLDEN=write` they are written again; what is given for the same records must not
//! change otherwise.

use std::{fs, path::PathBuf, sync::Arc};

use carnet::{
    domain::terms::Position,
    log::{
        Append, AppendError, Appended, EventLog, Head, LogError,
        proof::{InclusionProof, Proof, Proofs, Trusted, Wrong},
        record::{Hash, Record},
    },
};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{log::Hashes, rfc};

/// The first chain of the golden file, as a log.
#[derive(Debug)]
struct Golden {
    id: Uuid,
    records: Vec<Record>,
    head: watch::Sender<Head>,
}

impl Golden {
    fn read() -> Self {
        let mut id = None;
        let mut records = Vec::new();
        let mut last = None;
        for line in include_str!("../golden/records.hex").lines() {
            let (word, value) = line.split_once(' ').unwrap();
            if word == "head" {
                break;
            } else if word == "log" {
                id = Some(value.parse().unwrap());
            } else if word == "record" {
                let (record, hash, _) = Record::decode(&unhex(value)).unwrap();
                last = Some(Head {
                    position: record.position,
                    hash,
                });
                records.push(record);
            }
        }
        Self {
            id: id.unwrap(),
            records,
            head: watch::channel(last.unwrap()).0,
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[async_trait::async_trait]
impl EventLog for Golden {
    fn id(&self) -> Uuid {
        self.id
    }

    fn watch(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    async fn append(&self, _: Append) -> Result<Appended, AppendError> {
        unreachable!("nobody appends here")
    }

    async fn command(&self, _: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        unreachable!("nobody asks for commands here")
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Record>, LogError> {
        let after = usize::try_from(after.0).unwrap();
        Ok(self
            .records
            .iter()
            .skip(after)
            .take(limit)
            .cloned()
            .collect())
    }

    async fn read_stream(&self, _: &str) -> Result<Vec<Record>, LogError> {
        unreachable!("nobody reads streams here")
    }
}

/// A head or a proof in one line.
fn line(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    format!("{value}\n")
}

async fn inclusion(proofs: &Proofs, event: u64, size: u64, whole: bool) -> String {
    let (event, size) = (Position(event), Position(size));
    let proof = if whole {
        proofs.inclusion_with_record(event, size).await
    } else {
        proofs.inclusion(event, size).await
    };
    line(&Proof::Inclusion(proof.unwrap()).to_json())
}

async fn consistency(proofs: &Proofs, from: u64, to: u64) -> String {
    let proof = proofs.consistency(Position(from), Position(to)).await;
    line(&Proof::Consistency(proof.unwrap()).to_json())
}

async fn head(proofs: &Proofs, size: u64) -> String {
    line(&proofs.head(Position(size)).await.unwrap().to_json())
}

#[track_caller]
fn same(name: &str, made: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/proof")
        .join(name);
    if std::env::var_os("CARNET_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    for (number, (kept, made)) in kept.lines().zip(made.lines()).enumerate() {
        assert_eq!(kept, made, "{name}:{}", number + 1);
    }
    assert_eq!(kept.lines().count(), made.lines().count(), "{name}");
}

/// Catches: a proof of yesterday that is not today's, and a field that changed its name.
#[tokio::test]
async fn the_proofs_over_the_golden_records_are_those_kept() {
    let log = Golden::read();
    let last = log.head().position.0;
    let proofs = Proofs::new(Arc::new(log));
    let mut made = String::new();
    for size in 0..=last {
        made += &head(&proofs, size).await;
        made += &consistency(&proofs, size / 2, size).await;
        made += &consistency(&proofs, size, last).await;
    }
    for event in 1..=last {
        made += &inclusion(&proofs, event, last, true).await;
        made += &inclusion(&proofs, event, event, true).await;
    }
    same("golden.jsonl", &made);
}

/// The same for sizes at which a block of the program's begins or ends.
#[tokio::test]
async fn the_proofs_over_many_hashes_are_those_kept() {
    let sizes = [
        1, 2, 255, 256, 257, 511, 512, 513, 1000, 1792, 2047, 2048, 2049,
    ];
    let proofs = Proofs::new(Arc::new(Hashes::new(2049)));
    let mut made = String::new();
    for (before, size) in [0].into_iter().chain(sizes).zip(sizes) {
        made += &head(&proofs, size).await;
        made += &consistency(&proofs, before, size).await;
        made += &consistency(&proofs, size, 2049).await;
        for event in [1, size / 2 + 1, size] {
            made += &inclusion(&proofs, event, size, false).await;
        }
    }
    same("hashes.jsonl", &made);
}

/// Catches: an event that is shown at a place that it does not itself name, by a log that was made
/// up around it.
#[test]
fn an_event_says_itself_where_it_is() {
    let golden = Golden::read();
    let record = &golden.records[3];
    let mut framed = Vec::new();
    let hash = record.encode(&mut framed).unwrap();
    let root = Hash(rfc::root(&[hash]));
    let proof = InclusionProof {
        log_id: golden.id,
        event: Position(1),
        leaf_index: 0,
        tree_size: 1,
        record_hash: hash,
        root,
        path: Vec::new(),
        record: Some(framed),
    };
    let trusted = [Trusted {
        log_id: None,
        size: 1,
        root,
    }];
    assert_eq!(proof.check(&trusted), Err(Wrong::Field("event")));
    let hash_alone = InclusionProof {
        record: None,
        ..proof
    };
    assert_eq!(hash_alone.check(&trusted), Ok(None));
}
