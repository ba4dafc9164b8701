//! Lists of subjects in one order, page by page.

use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, Found, ReadError, ReadModels,
    page::{Cursor, Page, Window},
    sight::{Seen, Unseen, Witnessed},
};
use crate::domain::event::StreamId;

/// A list in the order of a column of text, and of identities where that is the same.
pub(super) struct List {
    /// What cursors name it.
    pub(super) order: &'static str,
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// Whether it begins with the greatest.
    pub(super) descending: bool,
    /// Only those that have one of these values in these columns.
    pub(super) only: Vec<(&'static str, Vec<String>)>,
    /// What is seen of it.
    pub(super) narrowed: Narrowed,
}

/// What is seen of a list.
pub(super) enum Narrowed {
    /// All of it: it is open.
    Open,
    /// Reports that are for all, or of an experiment that is seen.
    Reports(Seen),
    /// Those that have one of these ids; all where there are none.
    Ids(Option<Vec<String>>, Seen),
}

impl Narrowed {
    /// To the subjects of a kind that are seen.
    pub(super) fn to<I: TryFrom<StreamId> + ToString>(witnessed: &Witnessed) -> Self {
        Self::Ids(witnessed.ids::<I>(), witnessed.seen.clone())
    }
}

impl ReadModels {
    /// A page of a list.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) async fn list<I, D>(
        &self,
        at: At,
        list: &List,
        window: &Window,
    ) -> Result<Page<Found<I, D>>, ReadError>
    where
        I: std::str::FromStr,
        D: DeserializeOwned,
    {
        let List { table, column, .. } = list;
        let mut query = QueryBuilder::<Sqlite>::new(format!(
            "SELECT id, {column}, body FROM {table} WHERE known_from <= "
        ));
        query.push_bind(at.known()).push(" AND known_to > ");
        query.push_bind(at.known());
        for (column, values) in &list.only {
            query.push(format!(" AND {column} IN ("));
            let mut some = query.separated(", ");
            for value in values {
                some.push_bind(value.clone());
            }
            query.push(")");
        }
        let pool = match &list.narrowed {
            Narrowed::Open => self.database.unseen(Unseen::Open),
            Narrowed::Reports(seen) => {
                seen.narrow_reports(&mut query);
                self.database.of(seen)
            }
            Narrowed::Ids(ids, seen) => {
                if let Some(ids) = ids {
                    query.push(" AND id IN (");
                    let mut some = query.separated(", ");
                    for id in ids {
                        some.push_bind(id.clone());
                    }
                    query.push(")");
                }
                self.database.of(seen)
            }
        };
        let (later, earlier) = if list.descending {
            ("<", ">")
        } else {
            (">", "<")
        };
        for (cursor, sign) in [(&window.after, later), (&window.before, earlier)] {
            if let Some(cursor) = cursor {
                query.push(format!(" AND ({column}, id) {sign} ("));
                query.push_bind(cursor.key.clone()).push(", ");
                query.push_bind(cursor.id.clone()).push(")");
            }
        }
        let direction = if window.from_end == list.descending {
            "ASC"
        } else {
            "DESC"
        };
        query.push(format!(
            " ORDER BY {column} {direction}, id {direction} LIMIT "
        ));
        query.push_bind(i64::from(window.limit) + 1);
        let rows: Vec<(String, String, String)> = query.build_query_as().fetch_all(pool).await?;
        let found: Vec<(Cursor, Found<I, D>)> = rows
            .into_iter()
            .map(|(id, key, body)| {
                let found = Found::read(&id, &body)?;
                let cursor = Cursor {
                    order: list.order.to_owned(),
                    key,
                    id,
                    position: at.position,
                };
                Ok((cursor, found))
            })
            .collect::<Result<_, ReadError>>()?;
        Ok(Page::cut(found, window))
    }
}
