//! Labelled sites.

use std::collections::BTreeMap;

use super::{
    At, Found, ReadError, ReadModels,
    gather::Answers,
    list::{List, Narrowed},
    loads::by_id,
    page::{Page, Window},
    sight::Unseen,
};
use crate::domain::{
    event::StreamId,
    site::Site,
    terms::{SiteId, VenueId},
};

/// The order of labelled sites, as cursors name it: by name, without case or accents.
pub const BY_NAME: &str = "name";

impl ReadModels {
    /// One labelled site.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn site(&self, at: At, id: SiteId) -> Result<Option<Found<SiteId, Site>>, ReadError> {
        let mut found = self.some_sites(at, &[id]).await?;
        Ok(found.remove(&id).flatten())
    }

    /// Some labelled sites, by id.
    pub(super) async fn some_sites(
        &self,
        at: At,
        ids: &[SiteId],
    ) -> Result<Answers<SiteId, Option<Found<SiteId, Site>>>, ReadError> {
        let read = |ids: Vec<SiteId>| async move {
            let on = (at, self.database.unseen(Unseen::Open));
            Ok(by_id(self.documents(on, "site", &ids).await?))
        };
        self.each(|loads| &loads.site, at, ids, read).await
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
        let subjects: Vec<StreamId> = subjects.into_iter().collect();
        let (venues, sites): (Vec<VenueId>, Vec<SiteId>) = (named(&subjects), named(&subjects));
        let mut names = BTreeMap::new();
        if !venues.is_empty() {
            let found = self.some_venues(at, &venues).await?;
            names.extend(found.into_values().flatten().filter_map(|venue| {
                let agreed = venue.state.agreed.as_ref()?;
                Some((StreamId::Venue(venue.id), agreed.what.name.to_string()))
            }));
        }
        if !sites.is_empty() {
            let found = self.some_sites(at, &sites).await?;
            names.extend(found.into_values().flatten().filter_map(|site| {
                let labelling = site.state.labelling_on(at.on)?;
                Some((StreamId::Site(site.id), labelling.what.name.to_string()))
            }));
        }
        Ok(names)
    }
}

/// Those of some subjects that are of one kind.
fn named<I: TryFrom<StreamId>>(subjects: &[StreamId]) -> Vec<I> {
    let subjects = subjects.iter().copied();
    subjects.filter_map(|id| I::try_from(id).ok()).collect()
}
