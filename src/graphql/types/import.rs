//! Imports of files.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::{common::Provenance, page::EventConnection};
use crate::{
    domain::{
        event::StreamId,
        import::{self as domain, ImportBatch as Batch, ImportReject as Reject},
        terms::{FileHash, ImportId, Label},
    },
    graphql::{
        api,
        id::NodeId,
        scalars::{Date, Position},
    },
    read::{At, Found, history::Of},
};

/// What a file tells of.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::ImportKind")]
pub(in crate::graphql) enum ImportKind {
    /// Sessions that were held or cancelled.
    Sessions,
    /// Accompaniments.
    Accompaniments,
    /// Feedback of users.
    Feedback,
}

/// The format of a file.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::ImportFormat")]
pub(in crate::graphql) enum ImportFormat {
    /// Separated values.
    Csv,
    /// Excel from 2007 on.
    Xlsx,
    /// The open format of office documents (ISO 26300).
    Ods,
}

/// The import of a file.
pub(in crate::graphql) struct ImportBatch {
    at: At,
    found: Found<ImportId, domain::Import>,
}

impl ImportBatch {
    pub(in crate::graphql) const fn new(at: At, found: Found<ImportId, domain::Import>) -> Self {
        Self { at, found }
    }

    /// The import, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: ImportId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.import(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn batch(&self) -> Option<&Batch> {
        self.found.state.recorded.as_ref().map(|known| &known.what)
    }
}

/// The import of a file, in one run or in several: which file it was, how much of it was taken, and
/// which rows were not. Nothing that a cell holds is kept of a rejected row, nor is the name of the
/// file.
#[Object]
impl ImportBatch {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Import(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// What the file tells of.
    async fn kind(&self) -> Option<ImportKind> {
        self.batch().map(|batch| batch.kind.into())
    }

    /// The format it was in.
    async fn format(&self) -> Option<ImportFormat> {
        self.batch().map(|batch| batch.format.into())
    }

    /// The SHA-256 of the file, in hexadecimal.
    async fn sha256(&self) -> &str {
        self.batch()
            .map_or("", |batch| FileHash::as_str(&batch.sha256))
    }

    /// The day on which it came to its end.
    async fn on(&self) -> Option<Date> {
        let recorded = self.found.state.recorded.as_ref()?;
        Some(Date(recorded.valid.from))
    }

    /// How many rows of the file under the headings hold anything.
    async fn rows(&self) -> u32 {
        self.batch().map_or(0, |batch| batch.rows)
    }

    /// How many of those rows were rejected.
    async fn rows_rejected(&self) -> u32 {
        self.batch().map_or(0, |batch| batch.rejected)
    }

    /// How many of those rows were passed over: examples, totals, headings once more.
    async fn rows_ignored(&self) -> u32 {
        self.batch().map_or(0, |batch| batch.ignored)
    }

    /// How many things (sessions, accompaniments, feedbacks) it recorded.
    async fn recorded(&self) -> u32 {
        self.batch().map_or(0, |batch| batch.recorded)
    }

    /// How many things the file told that were already so.
    async fn already(&self) -> u32 {
        self.batch().map_or(0, |batch| batch.already)
    }

    /// Why rows were rejected, by row: the first 200.
    async fn rejects(&self) -> Vec<ImportReject> {
        let rejects = self.batch().into_iter().flat_map(|batch| &batch.rejects);
        rejects.map(Into::into).collect()
    }

    /// How many rejects there are beside those.
    async fn rejects_left_out(&self) -> u32 {
        self.batch().map_or(0, |batch| batch.rejects_left_out)
    }

    /// How it came to be known.
    async fn provenance(&self) -> Option<Provenance> {
        self.found.state.recorded.as_ref().map(Into::into)
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Import(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

/// Why a row was rejected, and nothing of what it held.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ImportReject {
    /// The row, as a spreadsheet numbers it.
    row: u32,
    /// The heading of the column, as the templates have it, where one is to blame.
    column: Option<String>,
    /// The stable code of why.
    code: String,
}

impl From<&Reject> for ImportReject {
    fn from(reject: &Reject) -> Self {
        Self {
            row: reject.row,
            column: reject.column.as_ref().map(Label::to_string),
            code: reject.code.as_str().to_owned(),
        }
    }
}
