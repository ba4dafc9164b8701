//! What is told of an import: in French on a terminal, and in JSON.
//!
//! A report may quote what a cell holds, for whoever sent the file. What is stored of an import must
//! not: [`Reject::code`], the row and the heading are all there is to store of a reject.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Kind, Reading, Refused, reason::Reason};
use crate::domain::{event::StreamId, terms::Position};

/// A row, or a cell of it, that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The row, as a spreadsheet numbers it.
    pub row: u32,
    /// The heading of the column, where one is to blame.
    pub column: Option<&'static str>,
    /// Why.
    pub reason: Reason,
    /// What the cell holds, shortened; never to be stored.
    pub value: Option<String>,
}

impl Reject {
    /// The stable code of why, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        if let Reason::Refused { refusal } = &self.reason {
            refusal.code()
        } else {
            self.reason.code()
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "row": self.row,
            "column": self.column,
            "code": self.code(),
            "message": self.reason.to_string(),
            "value": self.value,
        })
    }

    fn in_french(&self) -> String {
        let mut line = format!("ligne {}", self.row);
        if let Some(column) = self.column {
            let _ = write!(line, ", colonne « {column} »");
        }
        if let Some(value) = &self.value {
            let _ = write!(line, " : « {value} »");
        }
        let _ = write!(line, " : {} [{}]", self.reason, self.code());
        line
    }
}

/// How far an import went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The file was read, and nothing was decided.
    Read,
    /// Everything was decided, and nothing written.
    Rehearsed(Tally),
    /// Everything was decided and written, the import itself at that position: of an earlier run,
    /// where the file came to its end before.
    Recorded {
        /// What became of the things it tells.
        tally: Tally,
        /// Where the import itself is recorded.
        batch: Position,
    },
}

/// What became of the things a file tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// So many are new.
    pub recorded: u32,
    /// So many were already so.
    pub already: u32,
}

/// A report.
#[derive(Debug)]
pub struct Report<'a> {
    /// What the file is called, where it has a name.
    pub file_name: Option<&'a str>,
    /// What was read, or why nothing was.
    pub read: Result<&'a Reading, &'a Refused>,
    /// How far it went.
    pub done: Done,
}

impl Report<'_> {
    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (state, tally, batch) = match self.done {
            Done::Read => ("read", None, None),
            Done::Rehearsed(tally) => ("rehearsed", Some(tally), None),
            Done::Recorded { tally, batch } => ("recorded", Some(tally), Some(batch)),
        };
        let reading = match self.read {
            Ok(reading) => reading,
            Err(refused) => {
                let faults = refused.faults.iter();
                let faults: Vec<Value> = faults
                    .map(|fault| json!({ "code": fault.code(), "message": fault.to_string() }))
                    .collect();
                return json!({
                    "file": self.file_name,
                    "sha256": refused.sha256,
                    "kind": refused.kind.code(),
                    "state": "refused",
                    "faults": faults,
                });
            }
        };
        let rejects: Vec<Value> = reading.rejects.iter().map(Reject::to_json).collect();
        json!({
            "file": self.file_name,
            "sha256": reading.sha256,
            "kind": reading.kind.code(),
            "format": reading.format.name(),
            "sheet": reading.sheet,
            "state": state,
            "rows": reading.rows,
            "rowsRejected": reading.rows_rejected,
            "rowsIgnored": {
                "examples": reading.ignored.examples,
                "totals": reading.ignored.totals,
                "headings": reading.ignored.headings,
                "duplicates": reading.ignored.duplicates,
            },
            "items": reading.items.len(),
            "recorded": tally.map(|tally| tally.recorded),
            "already": tally.map(|tally| tally.already),
            "batch": batch.map(|position| json!({
                "id": StreamId::Import(reading.import()).to_string(),
                "position": position.0,
            })),
            "rejectsTotal": reading.rejects_total,
            "rejects": rejects,
        })
    }

    /// For people, in lines.
    #[must_use]
    pub fn in_french(&self) -> String {
        let mut text = String::new();
        let name = self.file_name.unwrap_or("(sans nom)");
        let reading = match self.read {
            Ok(reading) => reading,
            Err(refused) => {
                let _ = writeln!(text, "{name} : fichier refusé, rien n'en est pris.");
                for fault in &refused.faults {
                    let _ = writeln!(text, "  {fault} [{}]", fault.code());
                }
                return text;
            }
        };
        let sheet = reading.sheet.as_ref();
        let sheet = sheet.map_or_else(String::new, |sheet| {
            format!(", feuille « {} »", super::words::quoted(sheet))
        });
        let _ = writeln!(text, "{name} ({}{sheet})", reading.format.name());
        let _ = writeln!(text, "  empreinte SHA-256 {}", reading.sha256);
        let _ = writeln!(
            text,
            "  {} lignes lues, {} rejetées{}",
            reading.rows,
            reading.rows_rejected,
            ignored(reading)
        );
        let _ = writeln!(
            text,
            "  {}",
            what(reading.kind, reading.items.len(), self.done)
        );
        if let Done::Recorded { batch, .. } = self.done {
            let import = StreamId::Import(reading.import());
            let _ = writeln!(text, "  import inscrit à la position {batch} : {import}");
        }
        if reading.rejects_total > 0 {
            let _ = writeln!(text, "Rejets :");
        }
        for reject in &reading.rejects {
            let _ = writeln!(text, "  {}", reject.in_french());
        }
        let shown = u32::try_from(reading.rejects.len()).unwrap_or(u32::MAX);
        let more = reading.rejects_total.saturating_sub(shown);
        if more > 0 {
            let _ = writeln!(text, "  ... et {more} autres.");
        }
        text
    }
}

fn ignored(reading: &Reading) -> String {
    let ignored = reading.ignored;
    let parts: Vec<String> = [
        (ignored.examples, "d'exemple"),
        (ignored.totals, "de total"),
        (ignored.headings, "d'en-têtes répétés"),
        (ignored.duplicates, "en double"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(", ignorées : {}", parts.join(", "))
    }
}

fn what(kind: Kind, items: usize, done: Done) -> String {
    let name = match (kind, items) {
        (Kind::Sessions, 0 | 1) => "séance",
        (Kind::Sessions, _) => "séances",
        (Kind::Accompaniments, 0 | 1) => "accompagnement",
        (Kind::Accompaniments, _) => "accompagnements",
        (Kind::Feedback, 0 | 1) => "retour",
        (Kind::Feedback, _) => "retours",
    };
    match done {
        Done::Read => format!("{items} {name} à inscrire"),
        Done::Rehearsed(tally) => format!(
            "{items} {name} : {} à inscrire, {} déjà inscrits ; à blanc, rien n'est écrit",
            tally.recorded, tally.already
        ),
        Done::Recorded { tally, .. } => format!(
            "{items} {name} : {} inscrits, {} l'étaient déjà",
            tally.recorded, tally.already
        ),
    }
}
