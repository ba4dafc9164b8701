//! A published report: what it said, word for word, and of what, over which period, as known where.
//! In the order Events / Fold / Decisions; what is asked is the event itself.
//!
//! The content is in the log like everything else, so that every copy of the log has it and the
//! chain covers it: compressed, in parts that each fit into a record. The parts come first, the
//! publication last, in one command. What they hold is nobody's business here: that they make the
//! content whose hash is published is seen to where they are made and where they are read.
//!
//! A report is frozen: no entry of it is corrected or retracted. Another report replaces it, of which
//! there can be but one: its identity is drawn from that of the replaced one, so that who publishes
//! it reads, and guards, whether there is one already.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    event::{Event, Recorded, Saying, Stated},
    experiment::{self, DeliveryModel},
    refusal::Refusal,
    subject::Key,
    terms::{
        ContentText, ExperimentId, FileHash, Period, Position, ReportId, Slug, Text, Title,
        place::departement_name, time::check_date,
    },
    world::World,
};

/// What can happen to a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportEvent {
    /// A part of its content was laid down.
    PartStored(ContentPart),
    /// It was published; the validity begins on the day of the publication.
    Published(Publication),
}

impl ReportEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PartStored(_) => "report-part-stored",
            Self::Published(_) => "report-published",
        }
    }
}

/// Names a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportKey {
    /// The report.
    pub report: ReportId,
    /// The experiment that is published of, in a publication of one. A part of the content has
    /// none: the history of the experiment tells of the report once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<ExperimentId>,
}

impl Key for ReportKey {
    type Id = ReportId;
    fn id(self) -> ReportId {
        self.report
    }
    fn experiment(self) -> Option<ExperimentId> {
        self.experiment
    }
}

/// A part of a content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentPart {
    /// Which: 0, 1, 2 ...
    pub index: u32,
    /// The part itself.
    pub text: ContentText,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// What it is called.
    pub title: Title,
    /// Of what it is.
    pub scope: ReportScope,
    /// Over which days.
    pub period: Period,
    /// Whom it is for.
    pub audience: Audience,
    /// What was known: the events up to this position.
    pub known_at: Position,
    /// The day that "today" stood for.
    pub on: NaiveDate,
    /// What its indicators meant: the version of the definition, by the indicator's code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub definitions: BTreeMap<Slug, u32>,
    /// The SHA-256 of its content.
    pub hash: FileHash,
    /// How many bytes its content has.
    pub bytes: u32,
    /// In how many parts it lies in the log.
    pub parts: u32,
    /// The report whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ReportId>,
}

/// Of what a report is: of the experiments of which all that is named is so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportScope {
    /// One experiment only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<ExperimentId>,
    /// The experiments of one model only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<DeliveryModel>,
    /// The experiments whose hub lies in one département only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departement: Option<DepartementCode>,
}

/// The code of a département.
pub type DepartementCode = Text<3>;

/// Whom a report is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Evaluators, who see every figure.
    Evaluator,
    /// Everybody: what would tell of few people is withheld.
    Public,
}

impl Audience {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Evaluator, Self::Public];

    /// The code it is filtered by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Evaluator => "evaluator",
            Self::Public => "public",
        }
    }
}

/// A report, as its recorded events tell it; the parts of its content are but counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// How many parts of its content are laid down.
    pub parts: u32,
    /// What was published.
    pub published: Option<Stated<Publication>>,
}

impl Report {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: ReportKey, event: &ReportEvent, recorded: &Recorded) {
        match event {
            ReportEvent::PartStored(_) => self.parts = self.parts.saturating_add(1),
            ReportEvent::Published(publication) => {
                self.published = Some(recorded.stated(publication.clone()));
            }
        }
    }
}

/// The most parts of one content: with the publication they are one command.
pub const PARTS_MAX: u32 = 128;
/// The most bytes of one content.
pub const CONTENT_BYTES_MAX: u32 = 32 * 1024 * 1024;
/// The most definitions that one report names.
pub const DEFINITIONS_MAX: usize = 100;

/// Decides whether an event can be recorded; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: ReportId,
    asked: &ReportEvent,
    saying: &Saying,
    head: Position,
) -> Result<Option<Event>, Refusal> {
    let unknown = Report::default();
    let known = world.report(id).unwrap_or(&unknown);
    let (new, experiment) = match asked {
        ReportEvent::PartStored(part) => (store(world, id, known, part)?, None),
        ReportEvent::Published(publication) => {
            let new = publish(world, id, known, publication, saying, head)?;
            (new, publication.scope.experiment)
        }
    };
    let key = ReportKey {
        report: id,
        experiment,
    };
    Ok(new.then(|| Event::Report(key, asked.clone())))
}

fn store(world: &World, id: ReportId, known: &Report, part: &ContentPart) -> Result<bool, Refusal> {
    let ContentPart { index, .. } = *part;
    if index < known.parts {
        // The state does not hold what the parts say, their entries do.
        let mut journal = world.journal(id.into()).iter();
        let stored = journal.any(|recorded| {
            matches!(&recorded.fact.event, Event::Report(_, ReportEvent::PartStored(stored))
                if stored == part)
        });
        return if stored {
            Ok(false)
        } else {
            Err(Refusal::PartAlreadyStored { index })
        };
    }
    if let Some(published) = &known.published {
        return Err(Refusal::AlreadyPublished {
            on: published.valid.from,
        });
    }
    if index > known.parts {
        return Err(Refusal::PartOutOfOrder {
            index,
            next: known.parts,
        });
    }
    if index >= PARTS_MAX {
        return Err(Refusal::ContentTooLong { max: PARTS_MAX });
    }
    Ok(true)
}

fn publish(
    world: &World,
    id: ReportId,
    known: &Report,
    publication: &Publication,
    saying: &Saying,
    head: Position,
) -> Result<bool, Refusal> {
    if let Some(published) = &known.published {
        let on = published.valid.from;
        return if published.says(publication, saying) {
            Ok(false)
        } else if published.what.replaces.is_some() {
            Err(Refusal::AlreadyReplaced { on })
        } else {
            Err(Refusal::AlreadyPublished { on })
        };
    }
    Period::try_new(publication.period.from, publication.period.until)?;
    check_date(publication.on)?;
    if publication.known_at > head {
        return Err(Refusal::ReportAhead {
            position: publication.known_at,
            head,
        });
    }
    exists(world, &publication.scope)?;
    replaces(world, id, publication)?;
    if publication.definitions.len() > DEFINITIONS_MAX {
        return Err(Refusal::TooMany {
            max: DEFINITIONS_MAX,
        });
    }
    if !(1..=CONTENT_BYTES_MAX).contains(&publication.bytes) {
        return Err(Refusal::ContentOutOfRange {
            bytes: publication.bytes,
            max: CONTENT_BYTES_MAX,
        });
    }
    if publication.parts == 0 || publication.parts != known.parts {
        return Err(Refusal::ContentIncomplete {
            parts: publication.parts,
            stored: known.parts,
        });
    }
    Ok(true)
}

fn exists(world: &World, scope: &ReportScope) -> Result<(), Refusal> {
    if let Some(id) = scope.experiment {
        experiment::known(world, id)?;
    }
    match &scope.departement {
        Some(code) if departement_name(code.as_str()).is_none() => {
            Err(Refusal::UnknownDepartement { code: code.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses a report that cannot take the place of the one that it names, or that has an identity
/// which is kept for one that does.
fn replaces(world: &World, id: ReportId, publication: &Publication) -> Result<(), Refusal> {
    let Some(older) = publication.replaces else {
        return if id.is_drawn() {
            Err(Refusal::ReportIdentity)
        } else {
            Ok(())
        };
    };
    let known = world.report(older);
    let Some(known) = known.and_then(|known| known.published.as_ref()) else {
        return Err(Refusal::UnknownReport);
    };
    if id != older.replacement() {
        return Err(Refusal::ReportIdentity);
    }
    let alike =
        known.what.scope == publication.scope && known.what.audience == publication.audience;
    if alike {
        Ok(())
    } else {
        Err(Refusal::ReportOfAnotherScope)
    }
}
