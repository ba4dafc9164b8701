//! A small chain of records, as the log itself writes them. `check.py` reads the same file by the
//! layout alone, sharing no code.

use std::{fmt::Write, sync::Arc};

use carnet::{
    clock::{Clock, FixedClock},
    domain::terms::Position,
    log::{
        Append, EventLog, Guard,
        mirrored::{MirroredLog, Places},
        record::{Record, event_id, genesis},
        stored,
    },
};
use chrono::{TimeDelta, TimeZone, Utc};
use uuid::Uuid;

use crate::{add, path, samples, writing};

const FILE: &str = "records.hex";

/// Writes a fixed story through the log; answers the chain as it stands in the file.
async fn written_today() -> String {
    let start =
        Utc.with_ymd_and_hms(2021, 4, 20, 7, 30, 0).unwrap() + TimeDelta::microseconds(123_456);
    let clock = Arc::new(FixedClock::new(start));
    let place = tempfile::tempdir().unwrap();
    let log = MirroredLog::open(Places::within(place.path()), clock.clone()).unwrap();
    // How many events each command has, the event that caused it, and how the clock is set after
    // it, in minutes from the start: set back, it must not show.
    let commands = [
        (2, None, 15),
        (1, None, -60),
        (3, Some(Position(2)), 90),
        (1, None, 0),
    ];
    let mut samples = samples::all().into_iter();
    let mut versions = std::collections::BTreeMap::new();
    for (count, causation, minutes) in commands {
        let command_id = clock.new_id();
        let records: Vec<_> = samples
            .by_ref()
            .take(count)
            .map(|sample| stored::encode(&sample.fact, &sample.actor).unwrap())
            .collect();
        let guards = records
            .iter()
            .map(|new| Guard {
                stream: new.stream.clone(),
                version: versions.get(&new.stream).copied().unwrap_or_default(),
            })
            .collect();
        for new in &records {
            *versions.entry(new.stream.clone()).or_insert(0) += 1;
        }
        let append = Append {
            command_id,
            fingerprint: command_id
                .as_u128()
                .wrapping_mul(0x0123_4567_89ab_cdef)
                .to_be_bytes(),
            correlation_id: clock.new_id(),
            causation,
            guards,
            records,
        };
        log.append(append).await.unwrap();
        clock.set(start + TimeDelta::minutes(minutes));
    }
    let head = log.head();
    let mut text = format!("log {}\ngenesis {}\n", log.id(), genesis(log.id()));
    for record in log.read(Position::START, 100).await.unwrap() {
        let mut bytes = Vec::new();
        let hash = record.encode(&mut bytes).unwrap();
        text += "record ";
        for byte in bytes {
            write!(text, "{byte:02x}").unwrap();
        }
        writeln!(text, "\nhash {hash}").unwrap();
    }
    writeln!(text, "head {} {}", head.position, head.hash).unwrap();
    text
}

fn bytes(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0);
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// Catches: any change of the frame, the body, the chain, the genesis, the event ids or the JSON
/// that would write other bytes under the same format version.
#[tokio::test]
async fn the_log_writes_the_bytes_it_always_wrote() {
    let today = written_today().await;
    let stored = std::fs::read_to_string(path(FILE)).unwrap_or_default();
    if !stored.ends_with(&today) {
        assert!(
            writing(),
            "today's chain is not the last of {FILE}, add it with CARNET_GOLDEN=write:\n{today}"
        );
        add(FILE, &today);
    }
}

/// Catches: a release that can no longer read the records, or verify the chain, of an earlier one.
#[test]
fn every_chain_ever_written_is_read_and_verified() {
    let text = std::fs::read_to_string(path(FILE)).unwrap();
    let (mut chains, mut records) = (0, 0);
    let mut previous = None;
    let mut last: Option<Record> = None;
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').unwrap();
        match word {
            "log" => {
                previous = Some(genesis(rest.parse::<Uuid>().unwrap()));
                last = None;
                chains += 1;
            }
            "genesis" | "hash" => assert_eq!(previous.unwrap().to_string(), rest),
            "record" => {
                let bytes = bytes(rest);
                let (record, hash, whole) = Record::decode(&bytes).unwrap();
                assert_eq!(whole, bytes.len());
                let mut again = Vec::new();
                assert_eq!(record.encode(&mut again), Ok(hash));
                assert_eq!(again, bytes);
                assert_eq!(Some(record.previous), previous);
                let before = last.map_or(Position::START, |last| last.position);
                assert_eq!(record.position, before.next());
                assert_eq!(
                    record.event_id,
                    event_id(record.command_id, record.command_index)
                );
                let read = stored::decode(&record).unwrap();
                assert_eq!(read.fact.event.stream().to_string(), record.stream);
                previous = Some(hash);
                last = Some(record);
                records += 1;
            }
            "head" => {
                let last = last.as_ref().unwrap();
                assert_eq!(format!("{} {}", last.position, previous.unwrap()), rest);
            }
            other => panic!("{FILE} has a line that begins with {other}"),
        }
    }
    assert!(chains >= 1 && records >= 7);
}
