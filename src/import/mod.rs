//! Beside the steps, pure: from the bytes of a spreadsheet to what can be recorded of it.
//!
//! In: the bytes of a file, CSV, XLSX or ODS, as carriers keep them, and the [`Kind`] it is said to
//! be. Out: a [`Reading`], which is [items](Item) (events by session, each with the rows it was told
//! in) and [rejects](Reject) (row, column, code, reason), or [`Refused`], of which nothing is taken.
//!
//! ```text
//! read/     bytes to a table: what the file is, its encoding, its parts inflated within bounds
//! table     rows with their numbers, cells with what they hold; bounded while it is filled
//! heading   which row holds the headings, which column each names
//! kind/     the columns of each kind, and what its rows become
//! value/    from a cell to a value: what people write, read in the one way it can be meant
//! identity  what things are called that bear no identity of their own
//! report    what is told of it
//! template  files to fill in
//! ```
//!
//! **Invariants.** Whatever the bytes, the answer comes, in bounded memory: no size that a file
//! states is believed, and every limit is one of [`crate::limits`]. The order of rows changes
//! nothing but the row numbers. The same content has the same identities in every file. What a row
//! says is taken wholly or rejected with a reason, never half; an accompaniment of several rows
//! likewise. Nothing that would name a user of a permanence is taken.
//!
//! **Deliberately absent.** No clock, no disk, no network, no log: whether what is read may be
//! recorded is for the domain to decide.
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod fault;
mod heading;
mod identity;
mod kind;
mod read;
mod reason;
mod report;
mod table;
mod template;
mod value;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::{
    domain::{
        import::{ImportBatch, ImportReject, REJECTS_MAX},
        refusal::Refusal,
        terms::{FileHash, ImportId, Label, RejectCode},
    },
    limits,
};

pub use fault::Fault;
pub use kind::{Column, Item, Kind, Shape};
pub use read::Format;
pub use reason::Reason;
pub use report::{Done, Reject, Report, Tally};
pub use table::Area;
pub use template::{TemplateError, csv as csv_template, xlsx as xlsx_template};

/// What was read of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The kind it was read as.
    pub kind: Kind,
    /// The format it was found to be in.
    pub format: Format,
    /// The sheet that was read, where there are sheets.
    pub sheet: Option<String>,
    /// The SHA-256 of its bytes.
    pub sha256: FileHash,
    /// How many rows under the headings hold anything.
    pub rows: u32,
    /// How many of them are rejected.
    pub rows_rejected: u32,
    /// How many of them are passed over.
    pub ignored: Ignored,
    /// What the others tell, by session and identity.
    pub items: Vec<Item>,
    /// Why rows are rejected, by row; the first of them where there are many.
    pub rejects: Vec<Reject>,
    /// How many rejects there are in all.
    pub rejects_total: u32,
}

impl Reading {
    /// The identity of the import of this file as this kind: the same for the same bytes.
    #[must_use]
    pub fn import(&self) -> ImportId {
        ImportId::of(self.kind.term(), &self.sha256)
    }

    /// What is recorded of the import itself, once its items are dealt with: of a reject the row,
    /// the heading and the code, and nothing of what the cell holds. Of the items, so many it
    /// `recorded`, and so many were `already` so.
    ///
    /// # Errors
    /// What is wrong with a heading or a code, which none of ours can be.
    pub fn batch(&self, recorded: u32, already: u32) -> Result<ImportBatch, Refusal> {
        let rejects: Vec<ImportReject> = self
            .rejects
            .iter()
            .take(REJECTS_MAX)
            .map(|reject| {
                Ok(ImportReject {
                    row: reject.row,
                    column: reject.column.map(Label::try_new).transpose()?,
                    code: RejectCode::try_new(reject.code())?,
                })
            })
            .collect::<Result<_, Refusal>>()?;
        Ok(ImportBatch {
            sha256: self.sha256.clone(),
            kind: self.kind.term(),
            format: self.format.term(),
            rows: self.rows,
            rejected: self.rows_rejected,
            ignored: self.ignored.rows(),
            recorded,
            already,
            rejects_left_out: self.rejects_total.saturating_sub(count(rejects.len())),
            rejects,
        })
    }

    /// Takes what the notebook refuses, by the places of the items, for rejects of the rows that
    /// told it.
    pub fn refuse(&mut self, refused: Vec<(usize, Refusal)>) {
        let mut refused: BTreeMap<usize, Refusal> = refused.into_iter().collect();
        let mut kept = Vec::new();
        for (place, item) in std::mem::take(&mut self.items).into_iter().enumerate() {
            let Some(refusal) = refused.remove(&place) else {
                kept.push(item);
                continue;
            };
            self.rows_rejected = self.rows_rejected.saturating_add(count(item.rows.len()));
            self.rejects_total = self.rejects_total.saturating_add(count(item.rows.len()));
            self.rejects.extend(item.rows.iter().map(|row| Reject {
                row: *row,
                column: kind::blamed(self.kind, refusal.code()),
                reason: Reason::Refused {
                    refusal: refusal.clone(),
                },
                value: None,
            }));
        }
        self.items = kept;
        self.rejects.sort_by_key(|reject| reject.row);
        self.rejects.truncate(limits::IMPORT_REJECTS_MAX);
    }
}

/// Rows that are passed over without reproach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Examples of the template.
    pub examples: u32,
    /// Totals.
    pub totals: u32,
    /// Headings once more, where files were joined.
    pub headings: u32,
    /// Rows that say word for word what another one says.
    pub duplicates: u32,
}

impl Ignored {
    /// The rows of which nothing is taken: of what stands twice, one is.
    const fn rows(self) -> u32 {
        self.examples
            .saturating_add(self.totals)
            .saturating_add(self.headings)
    }
}

/// Why nothing of a file is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The kind it was read as.
    pub kind: Kind,
    /// The SHA-256 of its bytes.
    pub sha256: FileHash,
    /// Why: at least one reason.
    pub faults: Vec<Fault>,
}

/// Reads a file.
///
/// # Errors
/// [`Refused`], if nothing of it can be taken. A file of which every row is rejected is read.
pub fn read(bytes: &[u8], kind: Kind) -> Result<Reading, Refused> {
    let sha256 = FileHash::of(Sha256::digest(bytes).into());
    let refused = |faults: Vec<Fault>| Refused {
        kind,
        sha256: sha256.clone(),
        faults,
    };
    let found = read::read(bytes, kind).map_err(|fault| refused(vec![fault]))?;
    let headings = heading::find(&found.table, kind).map_err(refused)?;
    let below = headings.at.saturating_add(1);
    let data = found.table.rows.get(below..).unwrap_or_default();
    if data.is_empty() {
        return Err(refused(vec![Fault::NoRows]));
    }
    let sheet = kind::Sheet {
        places: &headings.places,
        epoch: found.table.epoch,
    };
    let mut ignored = Ignored::default();
    let mut rows = Vec::new();
    for row in data {
        let counted = match kind::passed_over(row, &sheet) {
            Some(kind::PassedOver::Example) => &mut ignored.examples,
            Some(kind::PassedOver::Total) => &mut ignored.totals,
            Some(kind::PassedOver::Headings) => &mut ignored.headings,
            None => {
                rows.push(row);
                continue;
            }
        };
        *counted = counted.saturating_add(1);
    }
    let mut outcome = kind::read(kind, &rows, &sheet);
    ignored.duplicates = outcome.duplicates;
    let rejected: BTreeSet<u32> = outcome.rejects.iter().map(|reject| reject.row).collect();
    let rejects_total = count(outcome.rejects.len());
    outcome.rejects.truncate(limits::IMPORT_REJECTS_MAX);
    Ok(Reading {
        kind,
        format: found.format,
        sheet: found.sheet,
        rows: count(data.len()),
        rows_rejected: count(rejected.len()),
        ignored,
        items: outcome.items,
        rejects: outcome.rejects,
        rejects_total,
        sha256,
    })
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
