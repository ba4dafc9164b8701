//! Published reports, and what they said.

use super::{
    At, Found, ReadError, ReadModels,
    gather::Answers,
    list::{List, Narrowed},
    page::{Page, Window},
    parsed,
};
use crate::{
    access::policy::Capability,
    domain::{
        event::{Event, StreamId},
        report::{Audience, Report, ReportEvent},
        terms::{ContentText, ExperimentId, ReportId},
    },
    limits::GATHERED_MAX,
    pack::unpack,
};

/// The order of reports, as cursors name it: the newest first.
pub const BY_PUBLICATION: &str = "publication";

/// Which reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one experiment.
    pub experiment: Option<ExperimentId>,
    /// For one audience.
    pub audience: Option<Audience>,
}

impl ReadModels {
    /// One report, if it is published.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn report(
        &self,
        at: At,
        id: ReportId,
    ) -> Result<Option<Found<ReportId, Report>>, ReadError> {
        self.one_report(at, "id", id).await
    }

    /// The report that took the place of another.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn replaced_by(
        &self,
        at: At,
        id: ReportId,
    ) -> Result<Option<Found<ReportId, Report>>, ReadError> {
        self.one_report(at, "replaces", id).await
    }

    /// The published report of which a column holds an id.
    async fn one_report(
        &self,
        at: At,
        column: &'static str,
        id: ReportId,
    ) -> Result<Option<Found<ReportId, Report>>, ReadError> {
        let read = |ids: Vec<ReportId>| async move {
            let seen = self.seen(at, Capability::Read).await?;
            let mut found = Answers::new();
            for some in ids.chunks(GATHERED_MAX) {
                let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new(format!(
                    "SELECT {column}, id, body FROM report WHERE place <> '' AND known_from <= "
                ));
                query.push_bind(at.known()).push(" AND known_to > ");
                query.push_bind(at.known());
                query.push(format!(" AND {column} IN ("));
                let mut list = query.separated(", ");
                for id in some {
                    list.push_bind(id.to_string());
                }
                query.push(")");
                seen.narrow_reports(&mut query);
                let pool = self.database.of(&seen);
                let rows: Vec<(String, String, String)> =
                    query.build_query_as().fetch_all(pool).await?;
                for (named, id, body) in &rows {
                    found.insert(parsed(named)?, Some(Found::read(id, body)?));
                }
            }
            Ok(found)
        };
        self.one(|loads| &loads.report, (at, column), id, read)
            .await
    }

    /// A page of the reports that pass `filter`, the newest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn reports(
        &self,
        at: At,
        filter: Filter,
        window: &Window,
    ) -> Result<Page<Found<ReportId, Report>>, ReadError> {
        // What has an audience is published.
        let audiences = match &filter.audience {
            Some(audience) => std::slice::from_ref(audience),
            None => &Audience::ALL[..],
        };
        let audiences = audiences.iter().map(|audience| audience.code().to_owned());
        let mut only = vec![("audience", audiences.collect())];
        if let Some(experiment) = filter.experiment {
            only.push(("experiment_id", vec![experiment.to_string()]));
        }
        let list = List {
            order: BY_PUBLICATION,
            table: "report",
            column: "place",
            descending: true,
            only,
            narrowed: Narrowed::Reports(self.seen(at, Capability::Read).await?),
        };
        self.list(at, &list, window).await
    }

    /// What a report said, byte for byte, whose hash is the one it was published with; nothing where
    /// it is not published.
    ///
    /// # Errors
    /// [`ReadError::Content`] where its parts do not make up what was published.
    pub async fn report_content(&self, at: At, id: ReportId) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(found) = self.report(at, id).await? else {
            return Ok(None);
        };
        let Some(published) = &found.state.published else {
            return Ok(None);
        };
        // Whoever sees the report sees what it says.
        let events = self.recorded_of(at, &[StreamId::Report(id)]).await?;
        // In the order they were recorded, which is that of their index.
        let mut parts: Vec<ContentText> = Vec::new();
        for event in events {
            if let Event::Report(_, ReportEvent::PartStored(part)) = event.fact.event {
                parts.push(part.text);
            }
        }
        let (bytes, hash) = (published.what.bytes, &published.what.hash);
        Ok(Some(unpack(&parts, bytes, hash)?))
    }
}
