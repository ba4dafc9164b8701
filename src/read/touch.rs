//! What touched some subjects, and when: not what was said of them. Who sees a subject but not its
//! history learns so much, that what it sees may be another.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, ReadError, ReadModels,
    history::as_column,
    sight::{Named, among_kinds},
};
use crate::{
    access::policy::Capability,
    domain::terms::{ExperimentId, Position},
};

/// What is looked at.
#[derive(Debug, Clone, Default)]
pub struct Touching {
    /// What belongs to these experiments; to any that is seen, where none are told.
    pub experiments: Option<Vec<ExperimentId>>,
    /// Only subjects of these kinds, by the beginnings of their names; all that belong to an
    /// experiment, where none are told.
    pub kinds: &'static [&'static str],
    /// Whether what is open and belongs to no experiment is looked at too.
    pub open: bool,
}

/// That something was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// By the event at this position.
    pub position: Position,
    /// Which was recorded then.
    pub recorded_at: DateTime<Utc>,
    /// What it belongs to, if to any.
    pub experiment: Option<ExperimentId>,
}

/// Which touches are told, where there are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first ones first.
    Oldest,
    /// The last ones first.
    Newest,
}

/// The kinds of subjects that are open to all, and belong to no experiment.
const OPEN: &[&str] = &["operator", "site"];

impl ReadModels {
    /// Up to `limit` events after a position that touched something, none beyond the moment's.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn touches(
        &self,
        at: At,
        of: &Touching,
        after: Position,
        (order, limit): (Order, u32),
    ) -> Result<Vec<Touch>, ReadError> {
        let seen = self.seen(at, Capability::Read).await?;
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT position, recorded_at, experiment FROM history WHERE position > ",
        );
        query.push_bind(as_column(after));
        query.push(" AND position <= ").push_bind(at.known());
        query
            .push(" AND ((experiment <> ")
            .push_bind(Vec::<u8>::new());
        query.push(" AND ");
        seen.or_nothing(&mut query, Named::Bytes("experiment"));
        if let Some(experiments) = &of.experiments {
            query.push(" AND experiment IN (");
            let mut list = query.separated(", ");
            for id in experiments {
                list.push_bind(id.0.as_bytes().to_vec());
            }
            query.push(")");
        }
        if !of.kinds.is_empty() {
            query.push(" AND (");
            among_kinds(&mut query, of.kinds);
            query.push(")");
        }
        query.push(")");
        if of.open {
            query.push(" OR (experiment = ").push_bind(Vec::<u8>::new());
            query.push(" AND (");
            among_kinds(&mut query, OPEN);
            query.push("))");
        }
        query.push(match order {
            Order::Oldest => ") ORDER BY position LIMIT ",
            Order::Newest => ") ORDER BY position DESC LIMIT ",
        });
        query.push_bind(i64::from(limit));
        let pool = self.database.of(&seen);
        let rows: Vec<(i64, i64, Vec<u8>)> = query.build_query_as().fetch_all(pool).await?;
        let touch = |(position, micros, experiment): (i64, i64, Vec<u8>)| Touch {
            position: Position(u64::try_from(position).unwrap_or_default()),
            recorded_at: DateTime::from_timestamp_micros(micros).unwrap_or_default(),
            experiment: uuid::Uuid::from_slice(&experiment).ok().map(ExperimentId),
        };
        Ok(rows.into_iter().map(touch).collect())
    }
}
