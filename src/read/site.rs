//! Labelled sites.

use std::collections::BTreeMap;

use super::{
    At, Found, ReadError, ReadModels,
    list::{List, Narrowed},
    page::{Page, Window},
    sight::Unseen,
};
use crate::domain::{event::StreamId, site::Site, terms::SiteId};

/// The order of labelled sites, as cursors name it: by name, without case or accents.
pub const BY_NAME: &str = "name";

impl ReadModels {
    /// One labelled site.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn site(&self, at: At, id: SiteId) -> Result<Option<Found<SiteId, Site>>, ReadError> {
        let row: Option<(String, String)> = sqlx::query_as(
            "SELECT id, body FROM site WHERE id = $1 AND known_from <= $2 AND known_to > $2",
        )
        .bind(id.to_string())
        .bind(at.known())
        .fetch_optional(self.database.unseen(Unseen::Open))
        .await?;
        row.map(|(id, body)| Found::read(&id, &body)).transpose()
    }

    /// A page of the labelled sites, by name.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sites(
        &self,
        at: At,
        window: &Window,
    ) -> Result<Page<Found<SiteId, Site>>, ReadError> {
        let list = List {
            order: BY_NAME,
            table: "site",
            column: "name_key",
            descending: false,
            only: Vec::new(),
            narrowed: Narrowed::Open,
        };
        self.list(at, &list, window).await
    }

    /// The names of some subjects, for sentences: of venues and of labelled sites. Others have
    /// none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn names(
        &self,
        at: At,
        subjects: impl IntoIterator<Item = StreamId>,
    ) -> Result<BTreeMap<StreamId, String>, ReadError> {
        let mut names = BTreeMap::new();
        for subject in subjects {
            if names.contains_key(&subject) {
                continue;
            }
            if let Some(name) = self.name(at, subject).await? {
                names.insert(subject, name);
            }
        }
        Ok(names)
    }

    async fn name(&self, at: At, subject: StreamId) -> Result<Option<String>, ReadError> {
        if let StreamId::Venue(id) = subject {
            let venue = self.venue(at, id).await?;
            let agreed = venue.as_ref().and_then(|venue| venue.state.agreed.as_ref());
            Ok(agreed.map(|agreed| agreed.what.name.to_string()))
        } else if let StreamId::Site(id) = subject {
            let site = self.site(at, id).await?;
            let labelling = site
                .as_ref()
                .and_then(|site| site.state.labelling_on(at.on));
            Ok(labelling.map(|labelling| labelling.what.name.to_string()))
        } else {
            Ok(None)
        }
    }
}
