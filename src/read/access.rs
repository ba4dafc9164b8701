//! Service tokens, and who was granted what.

use std::time::Duration;

use super::{
    At, Found, ReadError, ReadModels,
    list::{List, Narrowed},
    page::{Page, Window},
    sight::Unseen,
};
use crate::{
    access::policy::Capability,
    domain::{
        access::{holder::Holder, token::Token},
        terms::{HolderId, Position, TokenId},
    },
};

/// The `known_to` of a row that stands.
const STANDS: i64 = i64::MAX;

/// The order of tokens and of holders, as cursors name it: the oldest first.
pub const OLDEST_FIRST: &str = "oldest-first";

/// All that says who may do what, as it stands.
#[derive(Debug, Default)]
pub struct Standing {
    /// The position up to which it is known to hold everything.
    pub position: Position,
    /// The service tokens, those revoked among them.
    pub tokens: Vec<Found<TokenId, Token>>,
    /// The holders of grants, those without any left among them.
    pub holders: Vec<Found<HolderId, Holder>>,
}

impl ReadModels {
    /// The last position known to have changed who may do what.
    #[must_use]
    pub fn access_changed(&self) -> Position {
        self.progress.borrow().access_changed()
    }

    /// Waits until it is known who may do what up to a position; answers whether it is, in time.
    pub async fn access_reached(&self, position: Position, deadline: Duration) -> bool {
        let mut progress = self.progress.clone();
        let reached = progress.wait_for(|progress| progress.access_reached() >= position);
        matches!(tokio::time::timeout(deadline, reached).await, Ok(Ok(_)))
    }

    /// All that says who may do what, as it stands: what was committed last, for what is revoked
    /// is revoked whether or not other read models have come so far.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn access(&self) -> Result<Standing, ReadError> {
        // Noted before: what changes meanwhile is read again.
        let position = self.access_changed();
        let tokens: Vec<(String, String)> =
            sqlx::query_as("SELECT id, body FROM token WHERE known_to = $1")
                .bind(STANDS)
                .fetch_all(self.database.unseen(Unseen::Program))
                .await?;
        let holders: Vec<(String, String)> =
            sqlx::query_as("SELECT id, body FROM holder WHERE known_to = $1")
                .bind(STANDS)
                .fetch_all(self.database.unseen(Unseen::Program))
                .await?;
        let tokens = tokens.iter().map(|(id, body)| Found::read(id, body));
        let holders = holders.iter().map(|(id, body)| Found::read(id, body));
        Ok(Standing {
            position,
            tokens: tokens.collect::<Result<_, _>>()?,
            holders: holders.collect::<Result<_, _>>()?,
        })
    }

    /// One service token.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn token(
        &self,
        at: At,
        id: TokenId,
    ) -> Result<Option<Found<TokenId, Token>>, ReadError> {
        if !at.sight.is_whole(Capability::Administer) {
            return Ok(None);
        }
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM token WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.unseen(Unseen::Program))
        .await?;
        row.map(|(id, body)| Found::read(&id, &body)).transpose()
    }

    /// A page of the service tokens, the oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn tokens(
        &self,
        at: At,
        window: &Window,
    ) -> Result<Page<Found<TokenId, Token>>, ReadError> {
        self.list(at, &listed("token"), window).await
    }

    /// One holder of grants.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn holder(
        &self,
        at: At,
        id: HolderId,
    ) -> Result<Option<Found<HolderId, Holder>>, ReadError> {
        if !at.sight.is_whole(Capability::Administer) {
            return Ok(None);
        }
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM holder WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.unseen(Unseen::Program))
        .await?;
        row.map(|(id, body)| Found::read(&id, &body)).transpose()
    }

    /// A page of the holders of grants, the oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn holders(
        &self,
        at: At,
        window: &Window,
    ) -> Result<Page<Found<HolderId, Holder>>, ReadError> {
        self.list(at, &listed("holder"), window).await
    }
}

const fn listed(table: &'static str) -> List {
    List {
        order: OLDEST_FIRST,
        table,
        column: "place",
        descending: false,
        only: Vec::new(),
        // Handed out to administrators only, by who asks here.
        narrowed: Narrowed::Open,
    }
}
