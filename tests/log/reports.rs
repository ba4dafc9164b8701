//! The largest report that can be published lies in the log like any other command.

use std::{collections::BTreeMap, sync::Arc};

use carnet::{
    command::{Commands, Place, Publishing},
    domain::{
        event::{Saying, Source},
        report::{Audience, PARTS_MAX, ReportScope},
        terms::{
            CommandId, Label, Period, Position, ReportId, Title, Validity, text::CONTENT_CHARS_MAX,
        },
    },
    log::EventLog,
};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::support::{self, trace};

/// Bytes that nothing can compress.
fn noise(bytes: usize) -> Vec<u8> {
    let blocks = (0_u64..).flat_map(|number| Sha256::digest(number.to_le_bytes()));
    blocks.take(bytes).collect()
}

fn largest() -> Publishing {
    // zlib adds a few bytes to what it cannot compress.
    let parts = usize::try_from(PARTS_MAX).unwrap();
    let content = noise(parts * (CONTENT_CHARS_MAX / 4 * 3) - 4096);
    let day = NaiveDate::from_ymd_opt(2021, 8, 2).unwrap();
    // Whatever else a record may hold, at its longest.
    let longest = "é".repeat(300);
    Publishing {
        command_id: CommandId(Uuid::from_u128(1)),
        actor: Label::try_new(&longest).unwrap(),
        saying: Saying {
            valid: Validity::from(day),
            source: Source {
                label: Label::try_new(&longest).unwrap(),
                dated: Some(day),
                url: None,
            },
            synthetic: true,
            corrects: None,
        },
        place: Place::New(ReportId(Uuid::from_u128(2))),
        title: Title::try_new("Programme").unwrap(),
        scope: ReportScope::default(),
        period: Period {
            from: day,
            until: day,
        },
        audience: Audience::Public,
        known_at: Position::START,
        on: day,
        definitions: BTreeMap::new(),
        content,
    }
}

/// Catches: a part that does not fit into a record, a command that does not fit into a batch, a
/// batch that sled puts where nothing is synced, so that a report is lost with the power.
#[tokio::test]
async fn the_largest_report_is_stored_whole() {
    let place = support::Place::new();
    let asked = largest();
    let stream = format!("report-{}", asked.place.id());
    let log = Arc::new(place.open());
    let commands = Commands::new(Arc::clone(&log) as Arc<dyn EventLog>);
    let outcome = commands.publish(&asked).await.unwrap();
    assert_eq!(outcome.position, Position(u64::from(PARTS_MAX) + 1));
    let before = trace(log.as_ref(), &[&stream]).await;
    drop(commands);
    drop(log);
    let blobs = std::fs::read_dir(place.directory().join("blobs")).unwrap();
    assert_eq!(blobs.count(), 0, "sled keeps blobs, which it never syncs");
    let log = place.open();
    assert_eq!(trace(&log, &[&stream]).await, before);
}

/// Catches: a report that is refused only once half of it is written.
#[tokio::test]
async fn a_report_that_is_too_large_is_refused() {
    let place = support::Place::new();
    let mut asked = largest();
    asked.content.extend(noise(8192));
    let log = Arc::new(place.open());
    let commands = Commands::new(Arc::clone(&log) as Arc<dyn EventLog>);
    let refused = commands.publish(&asked).await.unwrap_err().to_string();
    assert!(refused.contains("plus de 128 parties"), "{refused}");
    assert_eq!(log.head().position, Position::START);
}
