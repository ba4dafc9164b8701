//! `carnet report verify`: every figure of a report, computed again from the entries that it cites;
//! and all of it, composed again from the same question.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use chrono::NaiveDate;
use clap::Args;

use super::{opened, other, published};
use crate::{
    app::App,
    cli::{CliError, bar, print},
    clock::Clock,
    config::Config,
    domain::{
        event::{Recorded, StreamId},
        terms::{Position, ReportId},
    },
    log::{EventLog, proof::Proofs, stored},
    publication::{self, Parameters, Step},
    read::{At, Sight},
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
        let app = opened(config, Arc::clone(&clock)).await?;
        let done = self.examine(&app, clock.today()).await;
        app.close().await;
        let (told, holds) = done?;
        print(&told)?;
        if holds {
            Ok(())
        } else {
            Err(other("Ce rapport ne se vérifie pas."))
        }
    }

    /// What is found, told; and whether the report holds.
    async fn examine(&self, app: &App, today: NaiveDate) -> Result<(String, bool), CliError> {
        let log = &app.log;
        let asked = published::id(&self.report);
        let bytes = match asked {
            Some(id) => published::content(log.as_ref(), id).await?.1,
            None => std::fs::read(Path::new(&self.report))
                .map_err(|error| other(format!("{} : {error}", self.report)))?,
        };
        let content = Content::from_canonical(&bytes)
            .map_err(|error| other(format!("Ce n'est pas le contenu d'un rapport : {error}")))?;
        let hash = hash(&bytes);
        let published = match asked {
            Some(id) => Some(id),
            None => published::of_hash(log.as_ref(), &hash).await?,
        };
        let found = examine(Arc::clone(log), &content).await?;
        let same = composed_again(app, today, &content, published).await? == bytes;
        // The text of one that is published is what was published. That of another is nothing but
        // what its figures make of it.
        let holds = found.holds() && (same || published.is_some());
        Ok((told(&content, &hash, &found, published, same), holds))
    }
}

/// The report that the same question gives today, of the same moment.
async fn composed_again(
    app: &App,
    today: NaiveDate,
    content: &Content,
    published: Option<ReportId>,
) -> Result<Vec<u8>, CliError> {
    let parameters = Parameters::of(content);
    let proofs = Proofs::new(Arc::clone(&app.log));
    let at = At {
        position: content.position,
        on: content.on,
        sight: Sight::ALL,
    };
    let (reads, quiet) = (&app.reads, &|_: Step, _: usize, _: usize| {});
    let again = match published {
        Some(id) => {
            let now = At {
                position: reads.position(),
                on: today,
                sight: Sight::ALL,
            };
            publication::for_publication(reads, &proofs, now, at, &parameters, id).await
        }
        None => publication::draft(reads, &proofs, at, &parameters, &[], quiet)
            .await
            .map(|made| made.0),
    };
    again.map_err(other)?.canonical().map_err(other)
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

impl Found {
    const fn holds(&self) -> bool {
        self.wrong.is_empty() && self.head_is_same && self.same + self.withheld > 0
    }
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

fn told(
    content: &Content,
    hash: &str,
    found: &Found,
    published: Option<ReportId>,
    same: bool,
) -> String {
    let published = published.map_or_else(
        || "Publié : non ; aucun rapport de ce journal n'a cette empreinte.".to_owned(),
        |id| format!("Publié : {}, avec cette empreinte.", StreamId::Report(id)),
    );
    let mut lines = vec![
        format!("Rapport : {}", content.title),
        format!("Empreinte du contenu : {hash}"),
        published,
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
    let again = if same {
        "Texte, tableaux, définitions et inscriptions citées : recomposés à l'identique."
    } else {
        "ÉCART : ce que ce programme compose aujourd'hui de la même question n'est pas ce contenu \
         (texte, tableaux, définitions ou inscriptions citées)."
    };
    lines.push(again.to_owned());
    lines.push(String::new());
    lines.join("\n")
}
