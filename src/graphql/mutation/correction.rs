//! Mutations of any entry, whatever subject it is of.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{
    Asked, UserError, Written, answer,
    input::{Common, Fields, correction},
    reach::{self, Reached},
    refused, unnamed,
};
use crate::{
    domain::{
        entry::{Command, Entry},
        event::Event,
        experiment::ExperimentEvent,
        operator::OperatorEvent,
        permanence::PermanenceEvent,
        refusal::Refusal,
        site::SiteEvent,
        terms::Validity,
        venue::VenueEvent,
    },
    graphql::{
        api,
        fault::Fault,
        id::NodeId,
        now_of,
        query::{Node, Query, node},
        scalars::{Date, Position},
    },
    limits::READ_OWN_WRITE,
    read::{At, Sight},
};

/// Mutations of any entry.
#[derive(Default)]
pub(super) struct CorrectionMutation;

/// Mutations of any entry.
#[Object]
impl CorrectionMutation {
    /// Retract an entry: what it said was never so. It stays in the history, and what is known no
    /// longer rests on it. To say something else in its place, or of another day, record that with
    /// `correcting`.
    async fn retract_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RetractEntryInput,
    ) -> Result<RetractEntryPayload> {
        let written = input.write(ctx).await?;
        RetractEntryPayload::new(ctx, written).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RetractEntryInput {
    #[graphql(flatten)]
    common: Common,
    /// The position of the entry: the last one of its lineage.
    entry: Position,
    /// Why.
    reason: String,
    /// The day on which it was found out.
    on: Date,
}

impl RetractEntryInput {
    async fn write(self, ctx: &Context<'_>) -> Result<Written> {
        let api = api(ctx);
        let mut fields = Fields::default();
        let asked = Asked::of(&self.common);
        if self.common.correcting.is_some() {
            let elsewhere = Refusal::NothingToRetract;
            fields.note("correcting", elsewhere.code(), elsewhere.to_string());
        }
        let position = self.entry.0;
        let subject = api.commands.subject_at(position).await;
        let subject = subject.map_err(|error| api.failed_command(&error))?;
        let subject = match subject {
            Some(_) => match reach::of_entry(ctx, position).await? {
                Reached::Within => subject,
                Reached::Nowhere => None,
                Reached::Outside => return Ok(refused(ctx, None, vec![reach::forbidden()])),
            },
            None => None,
        };
        let subject = fields.take("entry", subject.ok_or(Refusal::NotCorrectable { position }));
        let corrects = correction(&mut fields, "reason", position, &self.reason);
        let saying = self
            .common
            .saying(&mut fields, Validity::from(self.on.0))
            .zip(corrects);
        let entry = subject.zip(saying).map(|(subject, (mut saying, why))| {
            saying.corrects = Some(why);
            Entry {
                saying,
                command: Command::Retract(subject),
            }
        });
        if let Some(entry) = &entry {
            unnamed::check_entry(api, &mut fields, entry).await?;
            rested_on(ctx, &mut fields, position).await?;
        }
        match asked.request(ctx, entry, fields).await? {
            Ok(request) => {
                let subject = request.entry.command.subject();
                answer(ctx, subject, api.commands.execute(request).await).await
            }
            Err(errors) => Ok(refused(ctx, subject, errors)),
        }
    }
}

/// Refuses to retract what makes a subject what it is while other subjects rest on it. A decision
/// reads the subjects it names, not those that name it: these are looked for among what the log holds
/// now, and what is recorded at the very same moment can escape it (ADR 12).
async fn rested_on(
    ctx: &Context<'_>,
    fields: &mut Fields,
    position: crate::domain::terms::Position,
) -> Result<()> {
    let api = api(ctx);
    let entry = api.commands.entry_at(position).await;
    let entry = entry.map_err(|error| api.failed_command(&error))?;
    let Some(event) = entry.map(|known| known.fact.event) else {
        return Ok(());
    };
    let code = if let Event::Operator(_, OperatorEvent::Joined(joining)) = &event {
        Some(joining.code.to_string())
    } else {
        None
    };
    let makes_the_subject = code.is_some()
        || matches!(
            event,
            Event::Experiment(_, ExperimentEvent::Launched(_))
                | Event::Venue(_, VenueEvent::Agreed(_))
                | Event::Permanence(_, PermanenceEvent::Scheduled(_))
                | Event::Site(_, SiteEvent::Labelled(_))
        );
    if !makes_the_subject {
        return Ok(());
    }
    let waited = api
        .reads
        .wait_for(api.commands.head(), READ_OWN_WRITE)
        .await;
    waited.map_err(Fault::from)?;
    // Whatever rests on it, seen or not.
    let now = At {
        sight: Sight::ALL,
        ..now_of(ctx)
    };
    let rested_on = api
        .reads
        .is_rested_on(now, event.stream(), code.as_deref())
        .await
        .map_err(|error| api.failed_read(&error))?;
    if rested_on {
        let message = format!(
            "D'autres inscriptions reposent sur l'inscription {position} (lieux, permanences, \
             séances, coûts, demandes ou expérimentations) : les retirer d'abord, ou corriger celle-ci."
        );
        fields.note("entry", "RESTED_ON", message);
    }
    Ok(())
}

/// What came of the mutation.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RetractEntryPayload {
    /// The subject as it now stands; absent where nothing is left that is known of it.
    subject: Option<Node>,
    /// Why nothing was recorded; empty where it was, or where it was already so.
    user_errors: Vec<UserError>,
    /// The position of the log that holds what was recorded: every answer from now on is of it or
    /// of a later one. Absent on a refusal.
    position: Option<Position>,
    /// The ids of the events that were recorded; empty where it was already so.
    event_ids: Vec<ID>,
    /// Whatever else is to be asked in the same breath.
    query: Query,
}

impl RetractEntryPayload {
    async fn new(ctx: &Context<'_>, written: Written) -> Result<Self> {
        let subject = match written.subject {
            Some(subject) => node(ctx, written.at, subject.into()).await.transpose()?,
            None => None,
        };
        let events = written.events.into_iter();
        Ok(Self {
            subject,
            user_errors: written.errors,
            position: written.position,
            event_ids: events
                .map(|position| NodeId::Event(position).into())
                .collect(),
            query: Query::at(written.at),
        })
    }
}
