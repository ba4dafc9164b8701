//! What a caller sees of the data: all of it, or the experiments it reaches and what is open.
//!
//! Every moment ([`At`](super::At)) carries the [`Sight`] of whoever asks, and no SQL is run without
//! saying what is seen: the database is behind [`Database`], which hands itself out for a [`Seen`], or
//! for a reason why none is needed. Who sees everything costs nothing: no statement is longer, and no
//! other one is run.
//!
//! **Invariant.** What is not seen is as what never was: the same answers, counts and errors.
//!
//! Who carries an experiment is what its launch tells, as known at the moment asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use moka::sync::Cache;
use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::{At, history::as_column};
use crate::{
    access::{
        Caller, Grant,
        policy::{Capabilities, Capability},
    },
    domain::{
        event::StreamId,
        report::Audience,
        terms::{ExperimentId, Label, Position},
    },
    limits::{SIGHTS_KEPT, SIGHTS_RESOLVED_KEPT},
};

/// What somebody sees of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sight {
    /// What is allowed over everything.
    whole: Capabilities,
    /// Who is allowed more over a part; 0 for nobody.
    number: u64,
}

impl Sight {
    /// Everything: what the program sees for itself.
    pub const ALL: Self = Self {
        whole: Capabilities::ALL,
        number: 0,
    };

    /// What is open to all, and nothing else.
    pub const OPEN: Self = Self {
        whole: Capabilities::OPEN,
        number: 0,
    };

    pub(super) const fn of(whole: Capabilities, number: u64) -> Self {
        Self { whole, number }
    }

    pub(super) const fn number(self) -> u64 {
        self.number
    }

    /// The same for all who see everything by a capability: so that they share what is kept.
    pub(super) const fn by(self, capability: Capability) -> Self {
        if self.whole.has(capability) {
            Self::ALL
        } else {
            self
        }
    }

    /// Whether everything is seen by a capability.
    #[must_use]
    pub const fn is_whole(self, capability: Capability) -> bool {
        self.whole.has(capability)
    }
}

/// What is seen by one capability at one moment.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// Everything.
    Everything,
    /// Only what belongs to these experiments.
    Only(Arc<BTreeSet<ExperimentId>>),
}

/// How a column names an experiment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    /// As text.
    Text(&'static str),
    /// As bytes.
    Bytes(&'static str),
}

impl Seen {
    /// Whether an experiment is seen.
    pub(super) fn has(&self, id: ExperimentId) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(experiments) => experiments.contains(&id),
        }
    }

    /// Whether what belongs to an experiment, or to none, is seen.
    pub(super) fn has_of(&self, experiment: Option<ExperimentId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Only(_) => experiment.is_some_and(|id| self.has(id)),
        }
    }

    /// Narrows a question to rows of which a column names an experiment that is seen.
    pub(super) fn narrow(&self, query: &mut QueryBuilder<Sqlite>, column: Named) {
        if let Self::Only(_) = self {
            query.push(" AND ");
            self.or_nothing(query, column);
        }
    }

    /// That a column names an experiment that is seen: true, where everything is.
    pub(super) fn or_nothing(&self, query: &mut QueryBuilder<Sqlite>, column: Named) {
        let (name, bytes) = match column {
            Named::Text(name) => (name, false),
            Named::Bytes(name) => (name, true),
        };
        match self {
            Self::Everything => {
                query.push("1 = 1");
            }
            Self::Only(experiments) if experiments.is_empty() => {
                query.push("1 = 0");
            }
            Self::Only(experiments) => {
                query.push(name).push(" IN (");
                let mut list = query.separated(", ");
                for id in experiments.iter() {
                    if bytes {
                        list.push_bind(id.0.as_bytes().to_vec());
                    } else {
                        list.push_bind(id.to_string());
                    }
                }
                query.push(")");
            }
        }
    }

    /// Narrows a question to published reports that are for all, or of an experiment that is seen.
    pub(super) fn narrow_reports(&self, query: &mut QueryBuilder<Sqlite>) {
        if let Self::Only(_) = self {
            query.push(" AND (audience = ");
            query.push_bind(Audience::Public.code()).push(" OR ");
            self.or_nothing(query, Named::Text("experiment_id"));
            query.push(")");
        }
    }
}

/// Why a question is asked without saying what is seen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unseen {
    /// What is read is open to all.
    Open,
    /// It is the program that asks, for itself: nobody is answered with it.
    Program,
    /// It is asked what is seen.
    Sight,
}

/// The database: handed out only to who says what is seen.
#[derive(Debug, Clone)]
pub(super) struct Database(SqlitePool);

impl Database {
    pub(super) const fn new(pool: SqlitePool) -> Self {
        Self(pool)
    }

    /// To read what is seen.
    pub(super) const fn of(&self, _seen: &Seen) -> &SqlitePool {
        &self.0
    }

    /// To read what everybody sees, or nobody is told.
    pub(super) const fn unseen(&self, _why: Unseen) -> &SqlitePool {
        &self.0
    }
}

/// The sights of callers who see a part, and what they came to lately.
#[derive(Debug, Clone)]
pub(super) struct Sights {
    numbers: Cache<(Label, Vec<Grant>), u64>,
    pub(super) parts: Cache<u64, Arc<Part>>,
    last: Arc<AtomicU64>,
    pub(super) experiments: Cache<(u64, Capability, Position), Arc<BTreeSet<ExperimentId>>>,
    pub(super) beside: Cache<(u64, Capability, Position), Arc<Beside>>,
}

impl Default for Sights {
    fn default() -> Self {
        Self {
            numbers: Cache::new(SIGHTS_KEPT),
            parts: Cache::new(SIGHTS_KEPT),
            last: Arc::default(),
            experiments: Cache::new(SIGHTS_RESOLVED_KEPT),
            beside: Cache::new(SIGHTS_RESOLVED_KEPT),
        }
    }
}

impl Sights {
    /// The number of a caller who sees a part: always the same, until it is let go of for room. It is
    /// never given to another.
    pub(super) fn number(&self, caller: &Caller) -> u64 {
        let key = (caller.actor.clone(), caller.grants.clone());
        let known = self.numbers.get(&key);
        let known = known.filter(|number| self.parts.contains_key(number));
        known.unwrap_or_else(|| {
            let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
            let part = Part {
                caller: caller.clone(),
                own: Mutex::default(),
            };
            self.parts.insert(number, Arc::new(part));
            self.numbers.insert(key, number);
            number
        })
    }
}

/// What somebody is allowed over a part of the experiments.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) caller: Caller,
    /// The advisers and imports that it recorded itself, by position, and up to which position they
    /// were looked for: they are seen before they belong to an experiment.
    pub(super) own: Mutex<(Position, BTreeMap<Position, StreamId>)>,
}

/// What is seen beside what belongs to an experiment.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Advisers, agreements, imports, reports.
    pub(super) subjects: BTreeSet<StreamId>,
    /// Entries of those that tell of an experiment which is not seen.
    pub(super) hidden: BTreeSet<Position>,
}

/// What is seen of the history by a capability.
#[derive(Debug, Clone)]
pub(super) struct Witnessed {
    pub(super) seen: Seen,
    beside: Option<Arc<Beside>>,
    /// Whether what only administrators see is seen.
    administers: bool,
}

/// The subjects whose history is open to whoever sees any: the beginnings of their names.
const OPEN_SUBJECTS: [&str; 2] = ["operator", "site"];
/// The subjects whose history is for administrators: who was granted what.
const ADMINISTERED_SUBJECTS: [&str; 2] = ["token", "holder"];
/// The subjects that whoever recorded them sees before they belong to an experiment.
pub(super) const OWN_SUBJECTS: [&str; 2] = ["adviser", "import"];

/// That an entry is of a subject of one of these kinds.
pub(super) fn among_kinds(query: &mut QueryBuilder<Sqlite>, kinds: &[&'static str]) {
    for (index, kind) in kinds.iter().enumerate() {
        query.push(if index == 0 { "" } else { " OR " });
        query.push(format!("substr(subject, 1, {}) = ", kind.len()));
        query.push_bind(kind.as_bytes());
    }
}

impl Witnessed {
    pub(super) const fn new(at: At, seen: Seen, beside: Option<Arc<Beside>>) -> Self {
        let administers = at.sight.is_whole(Capability::Administer);
        Self {
            seen,
            beside,
            administers,
        }
    }

    /// Narrows a question about history to what is seen of it.
    pub(super) fn narrow(&self, query: &mut QueryBuilder<Sqlite>) {
        let Some(beside) = &self.beside else {
            if !self.administers {
                query.push(" AND NOT (");
                among_kinds(query, &ADMINISTERED_SUBJECTS);
                query.push(")");
            }
            return;
        };
        query.push(" AND (");
        self.seen.or_nothing(query, Named::Bytes("experiment"));
        query.push(" OR (experiment = ").push_bind(Vec::<u8>::new());
        query.push(" AND (");
        among_kinds(query, &OPEN_SUBJECTS);
        if !beside.subjects.is_empty() {
            query.push(" OR subject IN (");
            let mut list = query.separated(", ");
            for subject in &beside.subjects {
                list.push_bind(subject.to_bytes());
            }
            query.push(")");
        }
        query.push(")");
        if !beside.hidden.is_empty() {
            query.push(" AND position NOT IN (");
            let mut list = query.separated(", ");
            for position in &beside.hidden {
                list.push_bind(as_column(*position));
            }
            query.push(")");
        }
        query.push("))");
    }

    /// Whether a subject that belongs to no experiment is seen.
    pub(super) fn has_subject(&self, subject: impl Into<StreamId>) -> bool {
        let subject = subject.into();
        self.beside
            .as_ref()
            .is_none_or(|beside| beside.subjects.contains(&subject))
    }

    /// Those subjects of a kind, as columns name them; nothing where all are seen.
    pub(super) fn ids<I: TryFrom<StreamId> + ToString>(&self) -> Option<Vec<String>> {
        let subjects = self.beside.as_ref()?.subjects.iter();
        let ids = subjects.filter_map(|subject| I::try_from(*subject).ok());
        Some(ids.map(|id| id.to_string()).collect())
    }
}
