//! Whether an entry lies within the reach of whoever asks for it. This is looked at before anything is
//! decided, in one place for all mutations: what lies outside leaves no trace.
//!
//! What is not even seen was turned into what never was before the mutation began
//! ([`admit`](crate::graphql::admit)), so that it is refused as unknown; what is seen and is not to be
//! written to is refused as such.

use async_graphql::{Context, Result};

use super::UserError;
use crate::{
    access::{
        Caller,
        policy::{Capability, Over},
    },
    domain::{
        access::{holder::HolderEvent, token::TokenEvent},
        adviser::AdviserCommand,
        agreement::AgreementEvent,
        entry::{Command, Entry},
        event::StreamId,
        experiment::ExperimentCommand,
        permanence::PermanenceCommand,
        terms::Position,
        venue::VenueCommand,
    },
    graphql::{admit::Nowhere, api, fault::Fault, now_of},
    limits::READ_OWN_WRITE,
    read::At,
};

/// That an entry lies outside the reach of whoever asks for it.
pub(super) fn forbidden() -> UserError {
    UserError {
        code: "FORBIDDEN",
        field: None,
        message: "Vos habilitations ne s'étendent pas à ce que cette inscription concerne."
            .to_owned(),
    }
}

/// Where an entry lies.
pub(super) enum Reached {
    /// Within what may be written.
    Within,
    /// Outside of it; it is seen.
    Outside,
    /// It is not seen: it is as one that is not there.
    Nowhere,
}

/// What it takes to record a command; of a retraction, what was retracted says.
const fn asked_for(command: &Command) -> Capability {
    match command {
        Command::Experiment(_, command) => match command {
            ExperimentCommand::Launch(_)
            | ExperimentCommand::Suspend(_)
            | ExperimentCommand::Resume(_)
            | ExperimentCommand::CloseHub(_)
            | ExperimentCommand::ReopenHub(_)
            | ExperimentCommand::DesignateHub(_) => Capability::Record,
            ExperimentCommand::FixCriteria(_)
            | ExperimentCommand::AssertEnd(_)
            | ExperimentCommand::RecordStatement(_)
            | ExperimentCommand::DesignateComparisonZone(_)
            | ExperimentCommand::MeasureBaseline(_)
            | ExperimentCommand::AssertCount(_) => Capability::Evidence,
            ExperimentCommand::Extend(_)
            | ExperimentCommand::RefuseExtension(_)
            | ExperimentCommand::MakePermanent(_)
            | ExperimentCommand::Close(_) => Capability::Decide,
        },
        Command::Adviser(_, AdviserCommand::Erase(_))
        | Command::Operator(..)
        | Command::Site(..)
        | Command::Import(..)
        | Command::Token(..)
        | Command::Holder(..) => Capability::Administer,
        Command::Venue(..)
        | Command::Permanence(..)
        | Command::Adviser(..)
        | Command::Session(..)
        | Command::Cost(..) => Capability::Record,
        Command::Agreement(..) => Capability::Fund,
        Command::Report(..) => Capability::Publish,
        Command::Retract(_) => Capability::Retract,
    }
}

/// The subjects that a command writes to or belongs to. What it names beside, it may see and no more.
fn concerned(command: &Command) -> Vec<StreamId> {
    let mut subjects = match command {
        // A day's session is its permanence's.
        Command::Session(session, _) => return vec![session.permanence.into()],
        Command::Experiment(..)
        | Command::Venue(..)
        | Command::Permanence(..)
        | Command::Adviser(..)
        | Command::Operator(..)
        | Command::Agreement(..)
        | Command::Cost(..)
        | Command::Import(..)
        | Command::Site(..)
        | Command::Report(..)
        | Command::Token(..)
        | Command::Holder(..)
        | Command::Retract(_) => vec![command.subject()],
    };
    if let Command::Venue(_, VenueCommand::Agree { experiment, .. })
    | Command::Permanence(_, PermanenceCommand::Schedule { experiment, .. }) = command
    {
        subjects.push((*experiment).into());
    } else if let Command::Cost(key, _) = command {
        subjects.push(key.experiment.into());
    } else if let Command::Adviser(
        _,
        AdviserCommand::Assign(assignment) | AdviserCommand::Unassign(assignment),
    ) = command
    {
        subjects.push(assignment.experiment.into());
    } else if let Command::Agreement(_, AgreementEvent::Signed(signature)) = command {
        subjects.extend(signature.experiments.iter().copied().map(StreamId::from));
    }
    subjects
}

/// Whether a command begins a subject.
fn begins(command: &Command) -> bool {
    matches!(
        command,
        Command::Experiment(
            _,
            ExperimentCommand::Launch(_) | ExperimentCommand::FixCriteria(_)
        ) | Command::Venue(_, VenueCommand::Agree { .. })
            | Command::Permanence(_, PermanenceCommand::Schedule { .. })
            | Command::Adviser(_, AdviserCommand::Register(_))
            | Command::Agreement(_, AgreementEvent::Signed(_))
            | Command::Cost(..)
            | Command::Token(_, TokenEvent::Issued(_))
            | Command::Holder(_, HolderEvent::Granted(_))
    )
}

/// Why an entry is refused for lying outside; nothing where it lies within, or where the decision says
/// that there is no such subject.
pub(super) async fn check(ctx: &Context<'_>, entry: &Entry) -> Result<Option<UserError>> {
    let at = now_of(ctx);
    let command = &entry.command;
    let capability = asked_for(command);
    if at.sight.is_whole(capability) {
        return Ok(None);
    }
    if let Command::Retract(_) = command {
        // Looked at where its entry is.
        return Ok(None);
    }
    let hidden = ctx.data_opt::<Nowhere>();
    if begins(command) && hidden.is_some_and(|hidden| hidden.has(command.subject())) {
        // The one thing that cannot be told as if it never was: the identity is taken.
        return Ok(Some(forbidden()));
    }
    let within = ctx.data_opt::<Caller>().map(|it| it.over(capability));
    let Some(Over::Some {
        organisations,
        experiments,
    }) = within
    else {
        return Ok(Some(forbidden()));
    };
    if let Command::Experiment(id, ExperimentCommand::Launch(launch)) = command
        && !organisations
            .iter()
            .any(|it| it.as_str() == launch.carrier.as_str())
        && !experiments.contains(id)
    {
        return Ok(Some(forbidden()));
    }
    if let Command::Agreement(_, AgreementEvent::Signed(signature)) = command
        && signature.experiments.is_empty()
    {
        // It is of the whole programme.
        return Ok(Some(forbidden()));
    }
    for subject in concerned(command) {
        if !is_within(ctx, at, capability, subject).await? {
            return Ok(Some(forbidden()));
        }
    }
    Ok(None)
}

/// Whether a subject lies within, or there is none.
async fn is_within(
    ctx: &Context<'_>,
    at: At,
    capability: Capability,
    subject: StreamId,
) -> Result<bool> {
    let api = api(ctx);
    let seen = api.reads.sees(at, capability, subject).await;
    if seen.map_err(|error| api.failed_read(&error))? {
        return Ok(true);
    }
    let version = api.commands.version(subject).await;
    if version.map_err(|error| api.failed_command(&error))? == 0 {
        return Ok(true);
    }
    // It may have been recorded a moment ago.
    let head = api.commands.head();
    let waited = api.reads.wait_for(head, READ_OWN_WRITE).await;
    waited.map_err(Fault::from)?;
    let seen = api.reads.sees(now_of(ctx), capability, subject).await;
    Ok(seen.map_err(|error| api.failed_read(&error))?)
}

/// Where the entry at a position lies, for whoever would retract it.
pub(super) async fn of_entry(ctx: &Context<'_>, position: Position) -> Result<Reached> {
    let at = now_of(ctx);
    let api = api(ctx);
    let said = api.commands.said_at(position).await;
    let said = said.map_err(|error| api.failed_command(&error))?;
    let Some(command) = said.as_ref().and_then(Command::of) else {
        return Ok(if at.sight.is_whole(Capability::Administer) {
            Reached::Within
        } else {
            Reached::Nowhere
        });
    };
    let capability = asked_for(&command);
    if at.sight.is_whole(capability) {
        return Ok(Reached::Within);
    }
    for subject in concerned(&command) {
        if !is_within(ctx, at, capability, subject).await? {
            let seen = is_seen(ctx, subject).await?;
            return Ok(if seen {
                Reached::Outside
            } else {
                Reached::Nowhere
            });
        }
    }
    Ok(Reached::Within)
}

/// Whether a subject is seen at all.
pub(super) async fn is_seen(ctx: &Context<'_>, subject: StreamId) -> Result<bool> {
    let api = api(ctx);
    let seen = api.reads.shows(now_of(ctx), subject).await;
    Ok(seen.map_err(|error| api.failed_read(&error))?)
}
