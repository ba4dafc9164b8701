//! `carnet report verify`: every figure of a report, computed again from the entries that it cites.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use clap::Args;

use super::{other, published};
use crate::{
    cli::{CliError, bar, existing_log, print},
    clock::Clock,
    config::Config,
    domain::{event::Recorded, terms::Position},
    log::{EventLog, mirrored::MirroredLog, proof::Proofs, stored},
    report::{
        content::{Content, Frozen, hash},
        verify::{Verdict, verify},
    },
};

/// Events read at once.
const PAGE: usize = 1000;

/// A report to be verified.
#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// L'identifiant d'un rapport publié (« carnet report list »), ou le fichier d'un contenu
    #[arg(value_name = "RAPPORT")]
    report: String,
}

impl Verify {
    pub(super) async fn run(&self, config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
        let log = Arc::new(MirroredLog::open(existing_log(config)?, clock)?);
        let bytes = match published::id(&self.report) {
            Some(id) => published::content(log.as_ref(), id).await?.1,
            None => std::fs::read(Path::new(&self.report))
                .map_err(|error| other(format!("{} : {error}", self.report)))?,
        };
        let content = Content::from_canonical(&bytes)
            .map_err(|error| other(format!("Ce n'est pas le contenu d'un rapport : {error}")))?;
        let found = examine(log, &content).await?;
        print(&told(&content, &hash(&bytes), &found))?;
        if found.wrong.is_empty() && found.head_is_same {
            Ok(())
        } else {
            Err(other("Ce rapport ne se vérifie pas."))
        }
    }
}

/// What a verification found.
struct Found {
    /// Whether the log up to its position is the one that it names.
    head_is_same: bool,
    /// How many figures came out the same.
    same: usize,
    /// How many are withheld.
    withheld: usize,
    /// How many entries they were computed from.
    entries: usize,
    /// Those that did not come out, each told.
    wrong: Vec<String>,
}

/// Computes every figure of a report again.
async fn examine(log: Arc<dyn EventLog>, content: &Content) -> Result<Found, CliError> {
    if content.position > log.head().position {
        let (asked, head) = (content.position, log.head().position);
        return Err(other(format!(
            "Ce rapport est arrêté à la position {asked}, et le journal finit à {head}."
        )));
    }
    let head = Proofs::new(Arc::clone(&log)).head(content.position).await;
    let head = head.map_err(other)?.hash.to_string();
    let events = cited(log.as_ref(), content).await?;
    let mut found = Found {
        head_is_same: head == content.head,
        same: 0,
        withheld: 0,
        entries: events.len(),
        wrong: Vec::new(),
    };
    let bar = bar(
        content.figures.len() as u64,
        "Chiffres {bar:40} {pos}/{len}",
    );
    for frozen in &content.figures {
        bar.inc(1);
        let (verdict, _) = verify(frozen, &behind(frozen, &events));
        let why = match verdict {
            Verdict::Same => {
                found.same += frozen.measures.len();
                continue;
            }
            Verdict::Withheld => {
                found.withheld += frozen.measures.len();
                continue;
            }
            Verdict::Differs => "ne se retrouve pas".to_owned(),
            Verdict::OtherVersion => format!("suit la version {} de sa définition", frozen.version),
            Verdict::UnknownIndicator => "suit une définition que ce programme n'a pas".to_owned(),
        };
        let group = frozen
            .group
            .as_ref()
            .map_or("ensemble", |group| group.label.as_str());
        found
            .wrong
            .push(format!("{} ({group}) {why}", frozen.indicator));
    }
    bar.finish_and_clear();
    Ok(found)
}

/// The entries that a report cites; all up to its position, where it cites none.
async fn cited(
    log: &dyn EventLog,
    content: &Content,
) -> Result<BTreeMap<Position, Recorded>, CliError> {
    let mut events = BTreeMap::new();
    let mut at = Position::START;
    while at < content.position {
        let records = log.read(at, PAGE).await?;
        let Some(last) = records.last() else { break };
        at = last.position;
        for record in &records {
            let wanted = record.position <= content.position
                && content.figures.iter().any(|frozen| match &frozen.evidence {
                    Some(positions) => positions.has(record.position),
                    None => true,
                });
            if wanted {
                events.insert(record.position, stored::decode(record)?);
            }
        }
    }
    Ok(events)
}

/// The entries behind a figure, and no others.
fn behind(frozen: &Frozen, events: &BTreeMap<Position, Recorded>) -> Vec<Recorded> {
    match &frozen.evidence {
        Some(positions) => {
            let cited = positions
                .iter()
                .filter_map(|position| events.get(&position));
            cited.cloned().collect()
        }
        None => events.values().cloned().collect(),
    }
}

fn told(content: &Content, hash: &str, found: &Found) -> String {
    let mut lines = vec![
        format!("Rapport : {}", content.title),
        format!("Empreinte du contenu : {hash}"),
        format!(
            "Arrêté à la position {} ; le journal y a {} empreinte.",
            content.position,
            if found.head_is_same {
                "la même"
            } else {
                "une autre"
            }
        ),
        format!(
            "{} chiffres recalculés à l'identique à partir de {} inscriptions ; {} non publiés.",
            found.same, found.entries, found.withheld
        ),
    ];
    lines.extend(found.wrong.iter().map(|wrong| format!("ÉCART : {wrong}")));
    lines.push(String::new());
    lines.join("\n")
}
