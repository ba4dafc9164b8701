//! Imports of files.

use super::{
    At, Found, ReadError, ReadModels,
    list::{List, Narrowed},
    page::{Page, Window},
};
use crate::access::policy::Capability;
use crate::domain::{import::Import, terms::ImportId};

/// The order of imports, as cursors name it: the newest first.
pub const NEWEST_FIRST: &str = "newest-first";

impl ReadModels {
    /// One import.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn import(
        &self,
        at: At,
        id: ImportId,
    ) -> Result<Option<Found<ImportId, Import>>, ReadError> {
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        if !witnessed.has_subject(id) {
            return Ok(None);
        }
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM import WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.of(&witnessed.seen))
        .await?;
        row.map(|(id, body)| Found::read(&id, &body)).transpose()
    }

    /// A page of the imports, the newest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn imports(
        &self,
        at: At,
        window: &Window,
    ) -> Result<Page<Found<ImportId, Import>>, ReadError> {
        let witnessed = self.witnessed(at, Capability::Journal).await?;
        let list = List {
            order: NEWEST_FIRST,
            table: "import",
            column: "place",
            descending: true,
            only: Vec::new(),
            narrowed: Narrowed::to::<ImportId>(&witnessed),
        };
        self.list(at, &list, window).await
    }
}
