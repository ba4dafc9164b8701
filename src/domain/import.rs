//! The import of a file: which file it was, how much of it was taken, and which rows were not. In
//! the order Events / Fold / Decisions; what is asked is the event itself.
//!
//! Nothing that a cell holds is told here: of a reject the row, the column and a code, and no more.
//! Nor is the file's name, in which somebody may be named: what whoever imports it wants to be
//! remembered by is said as the source.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    event::{Event, Recorded, Stated},
    refusal::Refusal,
    subject::Key,
    terms::{FileHash, ImportId, Label, Position, RejectCode},
    world::World,
};

/// The most rejects that are named of one import; all of them are counted.
pub const REJECTS_MAX: usize = 200;

/// What can happen to an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportEvent {
    /// It came to its end; its validity is that day.
    Recorded(ImportBatch),
}

impl ImportEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Recorded(_) => "import-recorded",
        }
    }
}

/// Names an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportKey {
    /// The import.
    pub import: ImportId,
}

impl Key for ImportKey {
    type Id = ImportId;
    fn id(self) -> ImportId {
        self.import
    }
    fn experiment(self) -> Option<super::terms::ExperimentId> {
        None
    }
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportBatch {
    /// The file's hash: the import's identity is drawn from it and the kind.
    pub sha256: FileHash,
    /// What the file tells of.
    pub kind: ImportKind,
    /// The format it was in.
    pub format: ImportFormat,
    /// How many of its rows under the headings held anything.
    pub rows: u32,
    /// How many of those rows were rejected.
    pub rejected: u32,
    /// How many of those rows were passed over: examples, totals, headings once more.
    pub ignored: u32,
    /// How many things (sessions, accompaniments, feedbacks) it recorded, over all its runs.
    pub recorded: u32,
    /// How many things it told that were already so.
    pub already: u32,
    /// Why rows were rejected, by row: the first [`REJECTS_MAX`] at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejects: Vec<ImportReject>,
    /// How many rejects there are beside those.
    pub rejects_left_out: u32,
}

impl ImportBatch {
    /// The identity of the import.
    #[must_use]
    pub fn id(&self) -> ImportId {
        ImportId::of(self.kind, &self.sha256)
    }
}

/// Why a row was rejected, and nothing of what it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReject {
    /// The row, as a spreadsheet numbers it.
    pub row: u32,
    /// The heading of the column, as the templates have it, where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Label>,
    /// The stable code of why.
    pub code: RejectCode,
}

/// What a file tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportKind {
    /// Sessions that were held or cancelled.
    Sessions,
    /// Accompaniments.
    Accompaniments,
    /// Feedback of users.
    Feedback,
}

impl ImportKind {
    /// Its name on the command line and in addresses, which identities are drawn from.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sessions => "seances",
            Self::Accompaniments => "accompagnements",
            Self::Feedback => "retours",
        }
    }
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportFormat {
    /// Separated values.
    Csv,
    /// Excel from 2007 on.
    Xlsx,
    /// `OpenDocument`.
    Ods,
}

/// An import, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// What was imported.
    pub recorded: Option<Stated<ImportBatch>>,
}

impl Import {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: ImportKey, event: &ImportEvent, recorded: &Recorded) {
        match event {
            ImportEvent::Recorded(batch) => self.recorded = Some(recorded.stated(batch.clone())),
        }
    }
}

/// Decides whether an event can be recorded; see [`decide`](super::entry::decide). A file that was
/// imported was imported: that it is again is already so, whatever its rows now come to.
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(world: &World, id: ImportId, asked: &ImportEvent) -> Result<Option<Event>, Refusal> {
    let ImportEvent::Recorded(batch) = asked;
    if batch.id() != id {
        return Err(Refusal::ImportOfAnotherFile);
    }
    if world
        .import(id)
        .is_some_and(|known| known.recorded.is_some())
    {
        return Ok(None);
    }
    if batch.rejects.len() > REJECTS_MAX {
        return Err(Refusal::TooMany { max: REJECTS_MAX });
    }
    let rows: BTreeSet<u32> = batch.rejects.iter().map(|reject| reject.row).collect();
    let named = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    if named > batch.rejected || batch.rejected.saturating_add(batch.ignored) > batch.rows {
        return Err(Refusal::ImportMiscounted);
    }
    Ok(Some(Event::Import(ImportKey { import: id }, asked.clone())))
}
