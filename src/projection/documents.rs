//! The engine that keeps versioned documents: what every read model of subjects shares.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::domain::{
    correction,
    event::{Recorded, StreamId},
    subject::Subject,
    terms::Position,
};
use crate::limits::PROJECTION_DOCUMENTS_KEPT;

/// The `known_to` of a row that stands.
pub const STANDS: i64 = i64::MAX;

/// A table of a read model, with the columns it has beside `id`, `known_from` and `known_to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its own columns.
    pub columns: &'static [&'static str],
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text: an id, a date, a document.
    Text(String),
    /// Text that stands for one value among few.
    Code(&'static str),
    /// The bytes of an id.
    Id(Uuid),
    /// Bytes that name something.
    Bytes(Vec<u8>),
    /// An integer.
    Int(i64),
    /// Nothing.
    Null,
}

impl<T: Into<String>> From<T> for Value {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// What was recorded of the subjects of some corrections: a correction takes the place of an earlier
/// entry, so that it cannot be folded onto what came after that one.
#[derive(Debug, Default, PartialEq)]
pub struct Past(HashMap<StreamId, Vec<Recorded>>);

impl Past {
    /// Notes what was recorded of a subject, all that a batch may ask for at least.
    pub fn note(&mut self, subject: StreamId, journal: Vec<Recorded>) {
        self.0.insert(subject, journal);
    }

    /// What was recorded of the subject of a correction, up to it and with it; nothing where that
    /// was not noted.
    #[must_use]
    pub fn up_to(&self, subject: StreamId, correction: Position) -> Option<&[Recorded]> {
        let journal = self.0.get(&subject)?;
        let end = journal.partition_point(|known| known.position <= correction);
        let journal = journal.get(..end)?;
        let last = journal.last()?;
        (last.position == correction).then_some(journal)
    }

    /// The same of an event that is there.
    fn journal(&self, event: &Recorded) -> Result<&[Recorded], Poison> {
        let position = event.position;
        let journal = self.up_to(event.fact.event.stream(), position);
        journal.ok_or_else(|| Poison(format!("what {position} corrects was not read")))
    }
}

/// A read model of subjects: for each, the state its standing entries add up to.
pub trait ReadModel: Send + Sync + 'static {
    /// Its name, also that of its checkpoint.
    const NAME: &'static str;
    /// Raised whenever its rows or its document change shape or meaning: the program then
    /// rebuilds it.
    const VERSION: i64;
    /// Its tables. The first holds the documents, its first own column being `body`.
    const TABLES: &'static [Table];
    /// What names one of its subjects: the key of its document.
    type Id: TryFrom<StreamId> + ToString;
    /// A document.
    type Document: Subject + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The rows of a document: for each, the index of its table and its own columns; those of the
    /// first table without `body`.
    fn rows(document: &Self::Document) -> Vec<(usize, Vec<Value>)>;
}

/// A change of rows, in the order it is to be carried out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What the standing rows that are closed have in the columns that name them
    /// ([`Projection::closed_by`]), in all tables, and at which position.
    pub closed: Vec<(Vec<Value>, Position)>,
    /// Rows to insert: index of the table, and all columns.
    pub inserted: Vec<(usize, Vec<Value>)>,
}

/// A document as its table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The document.
    pub body: String,
    /// Whether anything of it stands.
    pub stands: bool,
}

/// Why a projection could not fold a batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Poison(pub String);

/// A projection, as the runner sees it.
pub trait Projection: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// The version of its rows.
    fn version(&self) -> i64;
    /// Its tables, with all columns.
    fn tables(&self) -> Vec<(&'static str, Vec<&'static str>)>;
    /// The columns that name the rows to close.
    fn closed_by(&self) -> &'static [&'static str] {
        &["id"]
    }
    /// Whether a row takes the place of the one that has the same key, so that but the last is kept.
    fn replaces(&self) -> bool {
        false
    }
    /// Indexes that folding does without: where all rows are made at once, these are made after
    /// them.
    fn indexes_for_reading(&self) -> &'static [&'static str] {
        &[]
    }
    /// The keys of documents that folding `events` needs and that are not in memory.
    fn missing(&self, _events: &[Recorded]) -> Vec<String> {
        Vec::new()
    }
    /// Takes documents into memory; a key without one is taken as empty.
    ///
    /// # Errors
    /// A document that cannot be read back.
    fn take(&mut self, _documents: Vec<(String, Option<Kept>)>) -> Result<(), Poison> {
        Ok(())
    }
    /// Folds a batch; `past` has what was recorded of the subject of each correction in it.
    ///
    /// # Errors
    /// An event that cannot be folded, or a document that cannot be written.
    fn fold(&mut self, events: &[Recorded], past: &Past) -> Result<Changes, Poison>;
    /// Forgets what is in memory, after a batch that was not committed.
    fn forget(&mut self) {}
}

/// The projection of a read model.
#[must_use]
pub fn of<M: ReadModel>() -> Box<dyn Projection> {
    Box::new(Documents::<M> {
        known: HashMap::new(),
    })
}

struct Documents<M: ReadModel> {
    known: HashMap<String, Known<M::Document>>,
}

struct Known<D> {
    document: D,
    /// Whether a row of it stands in the tables.
    stands: bool,
}

impl<M: ReadModel> Projection for Documents<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn version(&self) -> i64 {
        M::VERSION
    }

    fn tables(&self) -> Vec<(&'static str, Vec<&'static str>)> {
        M::TABLES
            .iter()
            .map(|table| {
                let mut columns = vec!["id", "known_from", "known_to"];
                columns.extend(table.columns);
                (table.name, columns)
            })
            .collect()
    }

    fn missing(&self, events: &[Recorded]) -> Vec<String> {
        let mut keys: Vec<String> = events
            .iter()
            .filter_map(key::<M>)
            .filter(|key| !self.known.contains_key(key))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn take(&mut self, documents: Vec<(String, Option<Kept>)>) -> Result<(), Poison> {
        for (key, kept) in documents {
            let known = match kept {
                Some(kept) => Known {
                    document: serde_json::from_str(&kept.body).map_err(|error| {
                        Poison(format!("document {key} of {}: {error}", M::NAME))
                    })?,
                    stands: kept.stands,
                },
                None => Known {
                    document: M::Document::default(),
                    stands: false,
                },
            };
            self.known.insert(key, known);
        }
        Ok(())
    }

    fn fold(&mut self, events: &[Recorded], past: &Past) -> Result<Changes, Poison> {
        let mut changes = Changes::default();
        // Rows of this batch that a later event of it closes: where the last version of each
        // document begins among the inserted rows.
        let mut open: HashMap<String, std::ops::Range<usize>> = HashMap::new();
        for event in events {
            let Some(key) = key::<M>(event) else {
                continue;
            };
            let known = self
                .known
                .get_mut(&key)
                .ok_or_else(|| Poison(format!("document {key} of {} was not loaded", M::NAME)))?;
            let mut standing = true;
            if event.fact.saying.corrects.is_some() {
                let journal = past.journal(event)?;
                standing = !correction::standing(journal).is_empty();
                known.document = M::Document::of(journal);
            } else {
                known.document.apply(event);
            }
            let position = as_column(event.position);
            if let Some(rows) = open.remove(&key) {
                for (_, columns) in &mut changes.inserted[rows] {
                    columns[2] = Value::Int(position);
                }
            } else if known.stands {
                let key = vec![Value::Text(key.clone())];
                changes.closed.push((key, event.position));
            }
            known.stands = standing;
            // Where all that was said of it is retracted, nothing is known of it from here on: a row
            // that was so at no position keeps what must not be forgotten although it does not stand.
            let known_to = if standing { STANDS } else { position };
            let begin = changes.inserted.len();
            for (table, own) in M::rows(&known.document) {
                if !standing && table > 0 {
                    continue;
                }
                let mut columns = vec![
                    Value::Text(key.clone()),
                    Value::Int(position),
                    Value::Int(known_to),
                ];
                if table == 0 {
                    let body = serde_json::to_string(&known.document)
                        .map_err(|error| Poison(format!("document {key}: {error}")))?;
                    columns.push(Value::Text(body));
                }
                columns.extend(own);
                changes.inserted.push((table, columns));
            }
            if standing {
                open.insert(key, begin..changes.inserted.len());
            }
        }
        if self.known.len() > PROJECTION_DOCUMENTS_KEPT {
            self.known.clear();
        }
        Ok(changes)
    }

    fn forget(&mut self) {
        self.known.clear();
    }
}

fn key<M: ReadModel>(event: &Recorded) -> Option<String> {
    let id = M::Id::try_from(event.fact.event.stream()).ok()?;
    Some(id.to_string())
}

/// A position as it stands in a column.
#[must_use]
pub fn as_column(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(STANDS)
}
