//! `carnet report list` and `export`: published reports, read from the log alone.

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use clap::Args;

use super::{OutputFormat, format_of, other, write};
use crate::{
    cli::{CliError, existing_log, print, say},
    clock::Clock,
    config::Config,
    domain::{
        event::{Event, Recorded, StreamId},
        report::{Audience, Publication, ReportEvent, ReportKey},
        terms::{ContentText, Position, ReportId},
    },
    log::{EventLog, mirrored::MirroredLog, stored},
    pack::unpack,
    report::{content::Content, render::render},
};

/// Events read at once.
const PAGE: usize = 1000;

/// Which published report to write into a file.
#[derive(Args)]
pub(in crate::cli) struct Export {
    /// L'identifiant du rapport (« carnet report list »)
    #[arg(value_name = "RAPPORT")]
    report: String,
    /// Le fichier à écrire
    #[arg(value_name = "FICHIER")]
    output: PathBuf,
    /// pdf, xlsx, ods, csv, json, ou contenu : octet pour octet ce qui fut publié ; si rien n'est
    /// dit, d'après le nom du fichier
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<OutputFormat>,
}

/// The identity of a report, as it is written down.
pub(super) fn id(told: &str) -> Option<ReportId> {
    let stream: StreamId = told.parse().ok()?;
    ReportId::try_from(stream).ok()
}

impl Export {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let id = id(&self.report).ok_or_else(|| {
            other(format!(
                "« {} » n'est pas l'identifiant d'un rapport.",
                self.report
            ))
        })?;
        let format = format_of(&self.output, self.format)?;
        let log = MirroredLog::open(existing_log(config)?, clock)?;
        let (_, content) = content(&log, id).await?;
        let bytes = match &format {
            Some(format) => {
                let content = Content::from_canonical(&content).map_err(other)?;
                render(&content.document, format).map_err(other)?
            }
            None => content,
        };
        write(&self.output, &bytes)?;
        say(&format!(
            "{} : {} octets.",
            self.output.display(),
            bytes.len()
        ));
        Ok(())
    }
}

/// What was published under an identity, and its content, byte for byte.
pub(super) async fn content(
    log: &dyn EventLog,
    id: ReportId,
) -> Result<(Publication, Vec<u8>), CliError> {
    let mut parts: Vec<ContentText> = Vec::new();
    let mut publication = None;
    for record in log.read_stream(&StreamId::Report(id).to_string()).await? {
        if let Event::Report(_, event) = stored::decode(&record)?.fact.event {
            match event {
                ReportEvent::PartStored(part) => parts.push(part.text),
                ReportEvent::Published(published) => publication = Some(published),
            }
        }
    }
    let publication =
        publication.ok_or_else(|| other(format!("Aucun rapport n'est publié sous « {id} ».")))?;
    let content = unpack(&parts, publication.bytes, &publication.hash).map_err(other)?;
    Ok((publication, content))
}

/// Lists published reports, in the order of their publication.
pub(super) async fn list(config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
    let log = MirroredLog::open(existing_log(config)?, clock)?;
    let mut lines = String::new();
    each(&log, |key, published, event| {
        lines.push_str(&line(key, published, event));
    })
    .await?;
    if lines.is_empty() {
        lines.push_str("Aucun rapport n'est publié.\n");
    }
    print(&lines)
}

/// The report that was published with a content of that hash, if any was.
pub(super) async fn of_hash(log: &dyn EventLog, hash: &str) -> Result<Option<ReportId>, CliError> {
    let mut found = None;
    each(log, |key, published, _| {
        if published.hash.to_string() == hash {
            found = Some(key.report);
        }
    })
    .await?;
    Ok(found)
}

/// Looks at each publication of a log, in order.
async fn each(
    log: &dyn EventLog,
    mut look: impl FnMut(ReportKey, &Publication, &Recorded),
) -> Result<(), CliError> {
    let mut at = Position::START;
    loop {
        let records = log.read(at, PAGE).await?;
        let Some(last) = records.last() else {
            return Ok(());
        };
        at = last.position;
        for record in &records {
            let event = stored::decode(record)?;
            if let Event::Report(key, ReportEvent::Published(published)) = &event.fact.event {
                look(*key, published, &event);
            }
        }
    }
}

fn line(key: ReportKey, published: &Publication, event: &Recorded) -> String {
    let audience = match published.audience {
        Audience::Evaluator => "évaluateurs",
        Audience::Public => "public",
    };
    let mut line = format!(
        "{}  {}  {} – {}  {audience}  {}",
        StreamId::Report(key.report),
        event.fact.saying.valid.from,
        published.period.from,
        published.period.until,
        published.title,
    );
    if let Some(replaces) = published.replaces {
        let _infallible = write!(line, "  (remplace {})", StreamId::Report(replaces));
    }
    line.push('\n');
    line
}
