//! `carnet events`.

use std::{collections::BTreeMap, io::Write, sync::Arc};

use clap::Args;
use serde_json::json;

use super::{CliError, existing_log};
use crate::{
    clock::Clock,
    config::Config,
    domain::{
        event::{Event, Recorded, StreamId},
        sentence,
        site::SiteEvent,
        terms::Position,
        venue::VenueEvent,
    },
    log::{EventLog, mirrored::MirroredLog, record::Record, stored},
};

/// Events read at once.
const PAGE: usize = 1000;

/// Which events, and how.
#[derive(Args)]
pub(super) struct Events {
    /// Une ligne JSON par événement
    #[arg(long)]
    json: bool,
    /// Seulement après cette position
    #[arg(
        long,
        default_value_t = 0,
        hide_default_value = true,
        value_name = "POSITION"
    )]
    after: u64,
}

impl Events {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let log = MirroredLog::open(existing_log(config)?, clock)?;
        let mut out = std::io::stdout().lock();
        let mut names = BTreeMap::new();
        // From the beginning, even when less is asked: sentences name what was recorded earlier.
        let mut at = Position::START;
        loop {
            let records = log.read(at, PAGE).await?;
            let Some(last) = records.last() else { break };
            at = last.position;
            for record in &records {
                let event = stored::decode(record)?;
                note_name(&mut names, &event);
                if event.position.0 <= self.after {
                    continue;
                }
                let line = if self.json {
                    as_json(record)
                } else {
                    as_text(&event, &names)
                };
                match writeln!(out, "{line}") {
                    // Whoever was reading has read enough.
                    Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                    written => written.map_err(|error| CliError::Other(error.to_string()))?,
                }
            }
        }
        Ok(())
    }
}

/// Notes the name of a venue or of a labelled site.
fn note_name(names: &mut BTreeMap<StreamId, String>, event: &Recorded) {
    if let Event::Venue(key, VenueEvent::Agreed(terms)) = &event.fact.event {
        names.insert(key.venue.into(), terms.name.to_string());
    } else if let Event::Site(key, SiteEvent::Labelled(labelling)) = &event.fact.event {
        names.insert(key.site.into(), labelling.name.to_string());
    }
}

/// An event in a sentence; venues and sites that are not among `names` stay without theirs.
pub(super) fn as_text(event: &Recorded, names: &BTreeMap<StreamId, String>) -> String {
    let saying = &event.fact.saying;
    format!(
        "{:>6}  {}  {}\n        inscrit le {} par {} ; source : {}",
        event.position,
        saying.valid.from,
        sentence::tell(&event.fact, |named| names.get(&named).cloned())
            .replace('\n', "\n          | "),
        event.recorded_at.format("%Y-%m-%d %H:%M:%SZ"),
        event.actor,
        saying.source.label,
    )
}

pub(super) fn as_json(record: &Record) -> String {
    let part = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(serde_json::Value::Null);
    json!({
        "position": record.position,
        "stream": record.stream,
        "streamVersion": record.stream_version,
        "tag": record.tag,
        "eventId": record.event_id,
        "commandId": record.command_id,
        "recordedAt": record.recorded_at,
        "corrects": record.corrects,
        "previousHash": record.previous.to_string(),
        "meta": part(&record.meta),
        "payload": part(&record.payload),
    })
    .to_string()
}
