//! Mutations: each names an intent, takes one input and returns one payload.

mod adviser;
mod agreement;
mod assignment;
mod correction;
mod cost;
mod count;
mod decision;
mod experiment;
mod impact;
mod input;
mod interruption;
mod operator;
mod permanence;
mod report;
mod session;
mod site;
mod unnamed;
mod venue;

use async_graphql::{Context, MergedObject, Result, SimpleObject};

use super::{Api, api, scalars::Position};
use crate::{
    access::Caller,
    command::{CommandError, Outcome, Request},
    domain::{entry::Entry, event::StreamId, terms::CommandId},
    limits::READ_OWN_WRITE,
    read::At,
};
use input::{Common, Fields, Intent};

/// What can be recorded.
#[derive(MergedObject, Default)]
pub struct Mutation(
    experiment::ExperimentMutation,
    decision::DecisionMutation,
    interruption::InterruptionMutation,
    venue::VenueMutation,
    permanence::PermanenceMutation,
    adviser::AdviserMutation,
    session::SessionMutation,
    assignment::AssignmentMutation,
    operator::OperatorMutation,
    agreement::AgreementMutation,
    cost::CostMutation,
    impact::ImpactMutation,
    count::CountMutation,
    site::SiteMutation,
    report::ReportMutation,
    correction::CorrectionMutation,
);

impl std::fmt::Debug for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mutation")
    }
}

/// Why nothing was recorded.
#[derive(SimpleObject, Clone)]
pub(super) struct UserError {
    /// The stable code, for programs.
    code: &'static str,
    /// The path of the input field it is about; absent where it is about the whole.
    field: Option<Vec<String>>,
    /// What is wrong, in French.
    message: String,
}

/// What came of an intent.
pub(super) struct Written {
    /// The moment at which the subject shows what was written.
    at: At,
    /// The subject; absent where the input did not even name one.
    subject: Option<StreamId>,
    errors: Vec<UserError>,
    position: Option<Position>,
    events: Vec<crate::domain::terms::Position>,
}

/// Carries an intent out, and waits until what it wrote can be read.
async fn write(ctx: &Context<'_>, intent: impl Intent) -> Result<Written> {
    let api = api(ctx);
    let mut fields = Fields::of(api, intent.common()).await?;
    let asked = Asked::of(intent.common());
    let entry = intent.entry(&mut fields);
    if let Some(entry) = &entry {
        unnamed::check_entry(api, &mut fields, entry).await?;
    }
    match asked.request(ctx, entry, fields)? {
        Ok(request) => {
            let subject = request.entry.command.subject();
            answer(api, subject, api.commands.execute(request).await).await
        }
        Err(errors) => Ok(refused(api, None, errors)),
    }
}

/// Under which identity, and on the sight of which version, an entry is asked for.
struct Asked {
    command_id: CommandId,
    expected_version: Option<u64>,
}

impl Asked {
    const fn of(common: &Common) -> Self {
        Self {
            command_id: CommandId(common.command_id.0),
            expected_version: common.expected_version,
        }
    }

    /// The request for an entry, or all that is wrong with its fields.
    fn request(
        self,
        ctx: &Context<'_>,
        entry: Option<Entry>,
        fields: Fields,
    ) -> Result<std::result::Result<Request, Vec<UserError>>> {
        Ok(match (entry, fields.into_errors()) {
            (Some(entry), errors) if errors.is_empty() => Ok(Request {
                command_id: self.command_id,
                actor: ctx.data::<Caller>()?.actor.clone(),
                expected_version: self.expected_version,
                entry,
            }),
            (_, errors) => Err(errors),
        })
    }
}

/// Tells what came of a command, once what it wrote can be read.
async fn answer(
    api: &Api,
    subject: StreamId,
    outcome: std::result::Result<Outcome, CommandError>,
) -> Result<Written> {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            let Some(error) = user_error(&error) else {
                return Err(api.failed_command(&error).into());
            };
            return Ok(refused(api, Some(subject), vec![error]));
        }
    };
    api.reads
        .wait_for(outcome.position, READ_OWN_WRITE)
        .await
        .map_err(super::fault::Fault::from)?;
    Ok(Written {
        at: api.now(),
        subject: Some(subject),
        errors: Vec::new(),
        position: Some(Position(outcome.position)),
        events: outcome.written,
    })
}

fn refused(api: &Api, subject: Option<StreamId>, errors: Vec<UserError>) -> Written {
    Written {
        at: api.now(),
        subject,
        errors,
        position: None,
        events: Vec::new(),
    }
}

/// What the sender can mend; `None` for a fault.
fn user_error(error: &CommandError) -> Option<UserError> {
    let (code, field) = match error {
        CommandError::Refused(refusal) => (refusal.code(), None),
        CommandError::VersionConflict { .. } => ("VERSION_CONFLICT", Some("expectedVersion")),
        CommandError::CommandReused => ("COMMAND_ID_REUSED", Some("commandId")),
        CommandError::Contended => ("CONTENDED", None),
        CommandError::TooLarge(_) => ("TOO_LARGE", None),
        CommandError::ReadOnly(_) | CommandError::Log(_) => return None,
    };
    Some(UserError {
        code,
        field: field.map(|field| vec!["input".to_owned(), field.to_owned()]),
        message: error.to_string(),
    })
}

/// Declares the payloads of mutations that concern one kind of subject.
macro_rules! payloads {
    ($field:ident: $entity:ty, $stream:ident, $doc:literal; $($name:ident),+ $(,)?) => {$(
        /// What came of the mutation.
        #[derive(async_graphql::SimpleObject)]
        pub(in crate::graphql) struct $name {
            #[doc = $doc]
            $field: Option<$entity>,
            /// Why nothing was recorded; empty where it was, or where it was already so.
            user_errors: Vec<crate::graphql::mutation::UserError>,
            /// The position of the log that holds what was recorded: every answer from now on is
            /// of it or of a later one. Absent on a refusal.
            position: Option<crate::graphql::scalars::Position>,
            /// The ids of the events that were recorded; empty where it was already so.
            event_ids: Vec<async_graphql::ID>,
            /// Whatever else is to be asked in the same breath.
            query: crate::graphql::query::Query,
        }

        impl $name {
            async fn new(
                ctx: &async_graphql::Context<'_>,
                written: crate::graphql::mutation::Written,
            ) -> async_graphql::Result<Self> {
                let entity = match written.subject {
                    Some(crate::domain::event::StreamId::$stream(id)) => {
                        <$entity>::find(ctx, written.at, id).await.transpose()?
                    }
                    _ => None,
                };
                Ok(Self {
                    $field: entity,
                    user_errors: written.errors,
                    position: written.position,
                    event_ids: written
                        .events
                        .into_iter()
                        .map(|position| crate::graphql::id::NodeId::Event(position).into())
                        .collect(),
                    query: crate::graphql::query::Query::at(written.at),
                })
            }
        }
    )+};
}

use payloads;
