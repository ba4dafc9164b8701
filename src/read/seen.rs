//! What a [`Sight`](super::Sight) comes to at a moment: which experiments, and what beside them. It is
//! looked up once per position, and only for who does not see everything.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
};

use sqlx::{QueryBuilder, Sqlite};

use super::{
    At, Found, ReadError, ReadModels, Sight,
    history::as_column,
    parsed,
    sight::{Beside, Named, OWN_SUBJECTS, Part, Seen, Unseen, Witnessed, among_kinds},
};
use crate::{
    access::{
        Caller,
        policy::{Capabilities, Capability, Over},
    },
    domain::{
        adviser::AdviserEvent,
        agreement::Agreement,
        event::{Event, Recorded, StreamId},
        terms::{AdviserId, AgreementId, ExperimentId, Position, ReportId},
    },
};

impl ReadModels {
    /// What a caller sees.
    #[must_use]
    pub fn sight(&self, caller: &Caller) -> Sight {
        let (mut whole, mut partly) = (Capabilities::default(), false);
        for capability in Capability::ALL {
            match caller.over(capability) {
                Over::Everything => whole = whole.and(capability),
                over @ Over::Some { .. } => partly |= over != Over::NOTHING,
            }
        }
        if !partly {
            return Sight::of(whole, 0);
        }
        let number = self.sights.number(caller);
        Sight::of(whole, number)
    }

    /// What is seen by a capability at a moment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) async fn seen(&self, at: At, capability: Capability) -> Result<Seen, ReadError> {
        if at.sight.is_whole(capability) {
            return Ok(Seen::Everything);
        }
        let key = (at.sight.number(), capability, at.position);
        if let Some(kept) = self.sights.experiments.get(&key) {
            return Ok(Seen::Only(kept));
        }
        let part = self.sights.parts.get(&at.sight.number());
        let over = part.map_or(Over::NOTHING, |part| part.caller.over(capability));
        let experiments = Arc::new(self.experiments_over(at, over).await?);
        self.sights
            .experiments
            .insert(key, Arc::clone(&experiments));
        Ok(Seen::Only(experiments))
    }

    /// The experiments that lie within a reach, as known at a moment.
    async fn experiments_over(
        &self,
        at: At,
        over: Over,
    ) -> Result<BTreeSet<ExperimentId>, ReadError> {
        let Over::Some {
            organisations,
            mut experiments,
        } = over
        else {
            return Ok(BTreeSet::new());
        };
        if !organisations.is_empty() {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT id FROM experiment WHERE known_from <= ");
            query.push_bind(at.known()).push(" AND known_to > ");
            query.push_bind(at.known()).push(" AND carrier IN (");
            let mut list = query.separated(", ");
            for name in &organisations {
                list.push_bind(name.as_str().to_owned());
            }
            query.push(")");
            let pool = self.database.unseen(Unseen::Sight);
            let ids: Vec<String> = query.build_query_scalar().fetch_all(pool).await?;
            for id in ids {
                experiments.insert(parsed(&id)?);
            }
        }
        Ok(experiments)
    }

    /// What is seen of the history, and of what belongs to no experiment, by a capability.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) async fn witnessed(
        &self,
        at: At,
        capability: Capability,
    ) -> Result<Witnessed, ReadError> {
        let seen = self.seen(at, capability).await?;
        let Seen::Only(experiments) = &seen else {
            return Ok(Witnessed::new(at, seen, None));
        };
        let key = (at.sight.number(), capability, at.position);
        let beside = if let Some(kept) = self.sights.beside.get(&key) {
            kept
        } else {
            let part = self.sights.parts.get(&at.sight.number());
            let part = part.filter(|part| part.caller.over(capability) != Over::NOTHING);
            let beside = match part {
                Some(part) => self.beside(at, &part, &seen, experiments).await?,
                None => Beside::default(),
            };
            let beside = Arc::new(beside);
            self.sights.beside.insert(key, Arc::clone(&beside));
            beside
        };
        Ok(Witnessed::new(at, seen, Some(beside)))
    }

    async fn beside(
        &self,
        at: At,
        part: &Part,
        seen: &Seen,
        experiments: &BTreeSet<ExperimentId>,
    ) -> Result<Beside, ReadError> {
        let pool = self.database.unseen(Unseen::Sight);
        let mut beside = Beside::default();
        let known = |query: &mut QueryBuilder<Sqlite>| {
            query.push_bind(at.known()).push(" AND known_to > ");
            query.push_bind(at.known());
        };
        let mut query = QueryBuilder::new("SELECT id, body FROM agreement WHERE known_from <= ");
        known(&mut query);
        let rows: Vec<(String, String)> = query.build_query_as().fetch_all(pool).await?;
        for (id, body) in rows {
            let found = Found::<AgreementId, Agreement>::read(&id, &body)?;
            let signed = found.state.signed.as_ref();
            let covered = signed.map(|signed| &signed.what.experiments);
            if covered.is_some_and(|some| !some.is_empty() && some.is_subset(experiments)) {
                beside.subjects.insert(found.id.into());
            }
        }
        let mut query =
            QueryBuilder::new("SELECT id FROM report WHERE place <> '' AND known_from <= ");
        known(&mut query);
        seen.narrow_reports(&mut query);
        let reports: Vec<String> = query.build_query_scalar().fetch_all(pool).await?;
        for id in reports {
            beside.subjects.insert(parsed::<ReportId>(&id)?.into());
        }
        let mut query =
            QueryBuilder::new("SELECT DISTINCT id FROM adviser_experiment WHERE known_from <= ");
        known(&mut query);
        seen.narrow(&mut query, Named::Text("experiment_id"));
        let advisers: Vec<String> = query.build_query_scalar().fetch_all(pool).await?;
        for id in advisers {
            beside.subjects.insert(parsed::<AdviserId>(&id)?.into());
        }
        beside.subjects.extend(self.own(at, part).await?);
        beside.hidden = self.assigned_elsewhere(at, &beside.subjects, seen).await?;
        Ok(beside)
    }

    /// The advisers and imports that somebody recorded up to a moment.
    async fn own(&self, at: At, part: &Part) -> Result<BTreeSet<StreamId>, ReadError> {
        let from = {
            let own = part.own.lock().unwrap_or_else(PoisonError::into_inner);
            own.0
        };
        if at.position > from {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT body FROM history WHERE experiment = ");
            query.push_bind(Vec::<u8>::new()).push(" AND position > ");
            query.push_bind(as_column(from)).push(" AND position <= ");
            query.push_bind(at.known());
            query.push(" AND (");
            among_kinds(&mut query, &OWN_SUBJECTS);
            query.push(")");
            let pool = self.database.unseen(Unseen::Sight);
            let bodies: Vec<String> = query.build_query_scalar().fetch_all(pool).await?;
            let mut found = BTreeMap::new();
            for body in bodies {
                let recorded: Recorded = serde_json::from_str(&body)?;
                if recorded.actor == part.caller.actor {
                    found.insert(recorded.position, recorded.fact.event.stream());
                }
            }
            let mut own = part.own.lock().unwrap_or_else(PoisonError::into_inner);
            own.0 = own.0.max(at.position);
            own.1.extend(found);
        }
        let own = part.own.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(own.1.range(..=at.position).map(|(_, id)| *id).collect())
    }

    /// Where some advisers were assigned to, or left, an experiment that is not seen.
    async fn assigned_elsewhere(
        &self,
        at: At,
        subjects: &BTreeSet<StreamId>,
        seen: &Seen,
    ) -> Result<BTreeSet<Position>, ReadError> {
        let advisers: Vec<StreamId> = subjects
            .iter()
            .copied()
            .filter(|subject| AdviserId::try_from(*subject).is_ok())
            .collect();
        let (mut hidden, mut places) = (BTreeSet::new(), BTreeSet::new());
        for recorded in self.recorded_of(at, &advisers).await? {
            let elsewhere = match &recorded.fact.event {
                Event::Adviser(
                    _,
                    AdviserEvent::Assigned(assignment) | AdviserEvent::Unassigned(assignment),
                ) => !seen.has(assignment.experiment),
                Event::Retracted(_) => places.contains(&recorded.place),
                Event::Adviser(..)
                | Event::Experiment(..)
                | Event::Venue(..)
                | Event::Permanence(..)
                | Event::Session(..)
                | Event::Operator(..)
                | Event::Agreement(..)
                | Event::Cost(..)
                | Event::Import(..)
                | Event::Site(..)
                | Event::Report(..)
                | Event::Token(..)
                | Event::Holder(..) => false,
            };
            if elsewhere {
                places.insert(recorded.place);
                hidden.insert(recorded.position);
            }
        }
        Ok(hidden)
    }

    /// Whether a subject is seen by a capability. Open ones are by all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sees(
        &self,
        at: At,
        capability: Capability,
        subject: StreamId,
    ) -> Result<bool, ReadError> {
        if at.sight.is_whole(capability) {
            return Ok(true);
        }
        match subject {
            StreamId::Site(_) | StreamId::Operator(_) => Ok(true),
            // Who may do what, administrators see, who see all of it.
            StreamId::Token(_) | StreamId::Holder(_) => Ok(false),
            StreamId::Experiment(id) => Ok(self.seen(at, capability).await?.has(id)),
            StreamId::Venue(_)
            | StreamId::Permanence(_)
            | StreamId::Session(_)
            | StreamId::Cost(_) => {
                let seen = self.seen(at, capability).await?;
                Ok(seen.has_of(self.experiment_of(at, subject).await?))
            }
            StreamId::Adviser(_)
            | StreamId::Agreement(_)
            | StreamId::Import(_)
            | StreamId::Report(_) => Ok(self.witnessed(at, capability).await?.has_subject(subject)),
        }
    }

    /// Whether a subject is seen by whatever shows subjects of its kind.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn shows(&self, at: At, subject: StreamId) -> Result<bool, ReadError> {
        let by = match subject {
            StreamId::Experiment(_)
            | StreamId::Venue(_)
            | StreamId::Permanence(_)
            | StreamId::Report(_) => Capability::Read,
            StreamId::Agreement(_) | StreamId::Cost(_) => Capability::Money,
            StreamId::Session(_) | StreamId::Adviser(_) | StreamId::Import(_) => {
                Capability::Journal
            }
            StreamId::Operator(_) | StreamId::Site(_) => Capability::Open,
            StreamId::Token(_) | StreamId::Holder(_) => Capability::Administer,
        };
        self.sees(at, by, subject).await
    }

    /// Whether there is no subject that is not seen.
    #[must_use]
    pub fn shows_all(&self, at: At) -> bool {
        let by = [Capability::Read, Capability::Money, Capability::Journal];
        by.iter().all(|by| at.sight.is_whole(*by))
    }

    /// The experiment that a subject belongs to, as its first entry tells.
    async fn experiment_of(
        &self,
        at: At,
        subject: StreamId,
    ) -> Result<Option<ExperimentId>, ReadError> {
        let id: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT experiment FROM history WHERE subject = $1 AND position <= $2 \
             ORDER BY position LIMIT 1",
        )
        .bind(subject.to_bytes())
        .bind(at.known())
        .fetch_optional(self.database.unseen(Unseen::Sight))
        .await?;
        let id = id.and_then(|id| uuid::Uuid::from_slice(&id).ok());
        Ok(id.map(ExperimentId))
    }

    /// Whether all that names an adviser may be opened at a moment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn opens(&self, at: At, adviser: AdviserId) -> Result<bool, ReadError> {
        self.sees(at, Capability::Personal, adviser.into()).await
    }

    /// Whether an experiment is seen by a capability.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn sees_experiment(
        &self,
        at: At,
        capability: Capability,
        id: ExperimentId,
    ) -> Result<bool, ReadError> {
        Ok(self.seen(at, capability).await?.has(id))
    }
}
