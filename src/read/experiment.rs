//! Experiments: lists and one.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, Found, ReadError, ReadModels,
    kept::Asked,
    loads::by_id,
    page::{Cursor, Page, Window},
    sight::{Named, Seen},
};
use crate::{
    access::policy::Capability,
    domain::{
        experiment::{DeliveryModel, Experiment, Status},
        terms::ExperimentId,
    },
    limits::GATHERED_MAX,
};

/// Which experiments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Of one of these models.
    pub models: Option<Vec<DeliveryModel>>,
    /// Having one of these statuses on the day of the question.
    pub statuses: Option<Vec<Status>>,
    /// Serving a commune of this département.
    pub departement: Option<String>,
    /// Running on that day.
    pub running_on: Option<NaiveDate>,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Order {
    /// By what.
    pub by: OrderBy,
    /// The other way round.
    pub descending: bool,
}

impl Order {
    /// A name, for cursors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match (self.by, self.descending) {
            (OrderBy::Title, false) => "title",
            (OrderBy::Title, true) => "title-descending",
            (OrderBy::Start, false) => "start",
            (OrderBy::Start, true) => "start-descending",
        }
    }
}

/// What experiments are ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OrderBy {
    /// Title, without case or accents.
    #[default]
    Title,
    /// First day; those not launched first.
    Start,
}

impl OrderBy {
    const fn column(self) -> &'static str {
        match self {
            Self::Title => "title_key",
            Self::Start => "start_on",
        }
    }
}

impl ReadModels {
    /// One experiment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn experiment(
        &self,
        at: At,
        id: ExperimentId,
    ) -> Result<Option<Found<ExperimentId, Experiment>>, ReadError> {
        let found = self.some_experiments(at, &[id]).await?;
        Ok(found.into_iter().next())
    }

    /// Some experiments, in the order of `ids`; those that are not known left out.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn some_experiments(
        &self,
        at: At,
        ids: &[ExperimentId],
    ) -> Result<Vec<Found<ExperimentId, Experiment>>, ReadError> {
        let read = |mut ids: Vec<ExperimentId>| async move {
            let seen = self.seen(at, Capability::Read).await?;
            ids.retain(|id| seen.has(*id));
            let mut found = Vec::new();
            for some in ids.chunks(GATHERED_MAX) {
                let mut query = QueryBuilder::<Sqlite>::new(
                    "SELECT id, known_from FROM experiment WHERE known_from <= ",
                );
                query.push_bind(at.known()).push(" AND known_to > ");
                query.push_bind(at.known()).push(" AND id IN (");
                let mut list = query.separated(", ");
                for id in some {
                    list.push_bind(id.to_string());
                }
                query.push(")");
                let pool = self.database.of(&seen);
                let rows: Vec<(String, i64)> = query.build_query_as().fetch_all(pool).await?;
                found.extend(self.kept_experiments(&seen, &rows).await?);
            }
            Ok(by_id(found))
        };
        let mut found = self.each(|loads| &loads.experiment, at, ids, read).await?;
        let found = ids.iter().filter_map(|id| found.remove(id).flatten());
        Ok(found.collect())
    }

    /// A page of the experiments that pass `filter`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn experiments(
        &self,
        at: At,
        filter: &Filter,
        order: Order,
        window: &Window,
    ) -> Result<Arc<Page<Found<ExperimentId, Experiment>>>, ReadError> {
        let asked = Asked {
            position: at.position,
            on: at.on,
            sight: at.sight.by(Capability::Read),
            filter: filter.clone(),
            order,
            window: window.clone(),
        };
        if let Some(page) = self.kept.pages.get(&asked) {
            return Ok(page);
        }
        let page = Arc::new(self.read_experiments(at, filter, order, window).await?);
        self.kept.pages.insert(asked, Arc::clone(&page));
        Ok(page)
    }

    async fn read_experiments(
        &self,
        at: At,
        filter: &Filter,
        order: Order,
        window: &Window,
    ) -> Result<Page<Found<ExperimentId, Experiment>>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        let column = order.by.column();
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("SELECT e.id, e.{column}, e.known_from"));
        matching(&mut query, at, filter, &seen);
        for (cursor, later) in [(&window.after, true), (&window.before, false)] {
            if let Some(cursor) = cursor {
                let sign = if later == order.descending { "<" } else { ">" };
                query.push(format!(" AND (e.{column}, e.id) {sign} ("));
                query.push_bind(cursor.key.clone()).push(", ");
                query.push_bind(cursor.id.clone()).push(")");
            }
        }
        let direction = if order.descending == window.from_end {
            "ASC"
        } else {
            "DESC"
        };
        query.push(format!(
            " ORDER BY e.{column} {direction}, e.id {direction} LIMIT "
        ));
        query.push_bind(i64::from(window.limit) + 1);
        let rows: Vec<(String, String, i64)> = query
            .build_query_as()
            .fetch_all(self.database.of(&seen))
            .await?;
        let (keys, rows): (Vec<String>, Vec<(String, i64)>) = rows
            .into_iter()
            .map(|(id, key, known_from)| (key, (id, known_from)))
            .unzip();
        let experiments = self.kept_experiments(&seen, &rows).await?;
        let found = keys
            .into_iter()
            .zip(experiments)
            .map(|(key, found)| {
                let cursor = Cursor {
                    order: order.name().to_owned(),
                    key,
                    id: found.id.to_string(),
                    position: at.position,
                };
                (cursor, found)
            })
            .collect();
        Ok(Page::cut(found, window))
    }

    /// The experiments as some rows tell them, in their order; those that were not read lately by
    /// one more statement, however many they are.
    async fn kept_experiments(
        &self,
        seen: &Seen,
        rows: &[(String, i64)],
    ) -> Result<Vec<Found<ExperimentId, Experiment>>, ReadError> {
        let kept = |id: &str, known_from: i64| {
            let id = id.parse().ok()?;
            let state = self.kept.experiments.get(&(id, known_from))?;
            Some(Found { id, state })
        };
        let mut found: Vec<Option<Found<_, _>>> = rows
            .iter()
            .map(|(id, known_from)| kept(id, *known_from))
            .collect();
        if found.iter().any(Option::is_none) {
            let missing = rows.iter().zip(&found).filter(|(_, found)| found.is_none());
            let mut query = QueryBuilder::<Sqlite>::new(
                "SELECT id, known_from, body FROM experiment WHERE (id, known_from) IN (",
            );
            query.push_values(missing, |mut row, ((id, known_from), _)| {
                row.push_bind(id.clone()).push_bind(*known_from);
            });
            query.push(")");
            let bodies: Vec<(String, i64, String)> = query
                .build_query_as()
                .fetch_all(self.database.of(seen))
                .await?;
            let mut read = HashMap::new();
            for (id, known_from, body) in bodies {
                let experiment = Found::<ExperimentId, Experiment>::read(&id, &body)?;
                let name = (experiment.id, known_from);
                self.kept
                    .experiments
                    .insert(name, Arc::clone(&experiment.state));
                read.insert((id, known_from), experiment);
            }
            for (row, found) in rows.iter().zip(&mut found) {
                if found.is_none() {
                    *found = read.remove(row);
                }
            }
        }
        // Rows never go away: each that was listed has its document.
        found
            .into_iter()
            .map(|found| found.ok_or(ReadError::Database(sqlx::Error::RowNotFound)))
            .collect()
    }

    /// How many experiments pass `filter`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn count_experiments(&self, at: At, filter: &Filter) -> Result<u64, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        let mut query = QueryBuilder::<Sqlite>::new("SELECT count(*)");
        matching(&mut query, at, filter, &seen);
        let count: i64 = query
            .build_query_scalar()
            .fetch_one(self.database.of(&seen))
            .await?;
        Ok(count.unsigned_abs())
    }
}

fn matching(query: &mut QueryBuilder<Sqlite>, at: At, filter: &Filter, seen: &Seen) {
    query.push(" FROM experiment e WHERE e.known_from <= ");
    query.push_bind(at.known()).push(" AND e.known_to > ");
    query.push_bind(at.known());
    seen.narrow(query, Named::Text("e.id"));
    if let Some(models) = &filter.models {
        query.push(" AND e.model IN (");
        among(query, models.iter().map(|model| model.code()));
    }
    if let Some(statuses) = &filter.statuses {
        in_phase(query, at.on, statuses.iter().map(|status| status.code()));
    }
    if let Some(day) = filter.running_on {
        in_phase(query, day, [Status::Running.code()].into_iter());
    }
    if let Some(departement) = &filter.departement {
        query.push(
            " AND EXISTS (SELECT 1 FROM experiment_departement d \
             WHERE d.id = e.id AND d.known_from = e.known_from AND d.departement = ",
        );
        query.push_bind(departement.clone()).push(")");
    }
}

fn in_phase(
    query: &mut QueryBuilder<Sqlite>,
    day: NaiveDate,
    statuses: impl Iterator<Item = &'static str>,
) {
    query.push(
        " AND EXISTS (SELECT 1 FROM experiment_phase p \
         WHERE p.id = e.id AND p.known_from = e.known_from AND p.valid_from <= ",
    );
    query.push_bind(day.to_string()).push(" AND p.valid_to > ");
    query.push_bind(day.to_string()).push(" AND p.status IN (");
    among(query, statuses);
    query.push(")");
}

/// A list of values and its closing parenthesis.
fn among(query: &mut QueryBuilder<Sqlite>, values: impl Iterator<Item = &'static str>) {
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value);
    }
    list.push_unseparated(")");
}
