//! What rests on a subject: the entries of other subjects that name it, and could not have been
//! recorded without it.

use sqlx::{QueryBuilder, Sqlite};

use super::{At, ReadError, ReadModels, sight::Unseen};
use crate::domain::event::StreamId;

impl ReadModels {
    /// Whether anything that stands of other subjects names a subject: of an experiment, its venues,
    /// permanences, sessions and costs; of a venue, the permanences held there; of a permanence,
    /// its sessions; of a labelled site, the experiments whose hub it is. A published report names an
    /// experiment and does not rest on it: it tells what was known, and stays so. `code` is that of
    /// an operator, which requests name.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn is_rested_on(
        &self,
        at: At,
        subject: StreamId,
        code: Option<&str>,
    ) -> Result<bool, ReadError> {
        match subject {
            StreamId::Experiment(id) => {
                let named = [
                    ("venue", "experiment_id"),
                    ("permanence", "experiment_id"),
                    ("cost", "experiment_id"),
                ];
                for (table, column) in named {
                    if self.stands(at, table, column, id.to_string()).await? {
                        return Ok(true);
                    }
                }
                self.acted(at, "experiment", id.0.as_bytes().to_vec()).await
            }
            StreamId::Permanence(id) => {
                self.acted(at, "permanence", id.0.as_bytes().to_vec()).await
            }
            StreamId::Venue(id) => {
                let Some(venue) = self.venue(at, id).await? else {
                    return Ok(false);
                };
                let Some(experiment) = venue.state.experiment else {
                    return Ok(false);
                };
                let permanences = self.permanences_of(at, experiment).await?;
                let mut venues = permanences.iter().flat_map(|known| known.state.venues());
                Ok(venues.any(|venue| venue == id))
            }
            StreamId::Operator(_) => match code {
                Some(code) => {
                    self.stands(at, "request", "operator", code.to_owned())
                        .await
                }
                None => Ok(false),
            },
            StreamId::Site(id) => {
                self.stands(at, "experiment_hub", "site_id", id.to_string())
                    .await
            }
            StreamId::Adviser(_)
            | StreamId::Session(_)
            | StreamId::Agreement(_)
            | StreamId::Cost(_)
            | StreamId::Import(_)
            | StreamId::Report(_)
            | StreamId::Token(_)
            | StreamId::Holder(_) => Ok(false),
        }
    }

    /// Whether a row stands that names something.
    async fn stands(
        &self,
        at: At,
        table: &str,
        column: &str,
        name: String,
    ) -> Result<bool, ReadError> {
        let mut query = standing(at, table, column);
        query.push_bind(name).push(")");
        Ok(query
            .build_query_scalar::<i64>()
            .fetch_one(self.database.unseen(Unseen::Program))
            .await?
            != 0)
    }

    /// Whether anything stands that was done there.
    async fn acted(&self, at: At, column: &str, id: Vec<u8>) -> Result<bool, ReadError> {
        for table in super::activity::TABLES {
            let mut query = standing(at, table, column);
            query.push_bind(id.clone()).push(")");
            if query
                .build_query_scalar::<i64>()
                .fetch_one(self.database.unseen(Unseen::Program))
                .await?
                != 0
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn standing(at: At, table: &str, column: &str) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(format!(
        "SELECT EXISTS (SELECT 1 FROM {table} WHERE known_from <= "
    ));
    query.push_bind(at.known()).push(" AND known_to > ");
    query.push_bind(at.known());
    query.push(format!(" AND {column} = "));
    query
}
