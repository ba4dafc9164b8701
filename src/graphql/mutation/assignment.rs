//! Mutations of where advisers work, and when they are absent. Nothing of them is sealed: a source
//! that names the adviser is refused.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Asked, Written, answer,
    input::{Common, Fields, adviser_id, experiment_id, permanence_id, valid_from, valid_over},
    payloads, refused, unnamed,
};
use crate::{
    domain::{
        adviser::{Absence, AdviserCommand, Assignment, Place},
        entry::{Command, Entry},
        event::StreamId,
        terms::{AdviserId, Validity},
    },
    graphql::{
        api,
        scalars::Date,
        types::{adviser::Adviser, common::DateCertainty},
    },
};

payloads! {
    adviser: Adviser, Adviser, "The adviser as it now stands.";
    AssignAdviserPayload, EndAdviserAssignmentPayload, RecordAdviserAbsencePayload,
}

/// Mutations of where advisers work.
#[derive(Default)]
pub(super) struct AssignmentMutation;

/// Mutations of where advisers work.
#[Object]
impl AssignmentMutation {
    /// Record that an adviser is assigned to the hub of an experiment, or to a permanence of it.
    async fn assign_adviser(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: AssignAdviserInput,
    ) -> Result<AssignAdviserPayload> {
        AssignAdviserPayload::new(ctx, input.write(ctx).await?).await
    }

    /// Record that an adviser is no longer assigned to a place.
    async fn end_adviser_assignment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: EndAdviserAssignmentInput,
    ) -> Result<EndAdviserAssignmentPayload> {
        EndAdviserAssignmentPayload::new(ctx, input.write(ctx).await?).await
    }

    /// Record that an adviser is absent. No reason is taken: it would often be one of health, and
    /// none may stand in the source either.
    async fn record_adviser_absence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordAdviserAbsenceInput,
    ) -> Result<RecordAdviserAbsencePayload> {
        RecordAdviserAbsencePayload::new(ctx, input.write(ctx).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct AssignAdviserInput {
    #[graphql(flatten)]
    common: Common,
    /// The adviser.
    adviser_id: ID,
    /// The experiment.
    experiment_id: ID,
    /// The permanence; the hub where there is none.
    permanence_id: Option<ID>,
    /// The first day there.
    from: Date,
    /// The last day there, where it is known already.
    until: Option<Date>,
}

impl AssignAdviserInput {
    async fn write(self, ctx: &Context<'_>) -> Result<Written> {
        let mut fields = Fields::default();
        let place = place(
            &mut fields,
            &self.experiment_id,
            self.permanence_id.as_ref(),
        );
        let said = Said {
            id: adviser_id(&mut fields, "adviserId", &self.adviser_id),
            common: self.common,
            valid: valid_over(self.from, self.until, DateCertainty::Exact),
            command: place.map(AdviserCommand::Assign),
        };
        said.write(ctx, fields).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct EndAdviserAssignmentInput {
    #[graphql(flatten)]
    common: Common,
    /// The adviser.
    adviser_id: ID,
    /// The experiment.
    experiment_id: ID,
    /// The permanence; the hub where there is none.
    permanence_id: Option<ID>,
    /// The first day elsewhere.
    from: Date,
}

impl EndAdviserAssignmentInput {
    async fn write(self, ctx: &Context<'_>) -> Result<Written> {
        let mut fields = Fields::default();
        let place = place(
            &mut fields,
            &self.experiment_id,
            self.permanence_id.as_ref(),
        );
        let said = Said {
            id: adviser_id(&mut fields, "adviserId", &self.adviser_id),
            common: self.common,
            valid: valid_from(self.from),
            command: place.map(AdviserCommand::Unassign),
        };
        said.write(ctx, fields).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordAdviserAbsenceInput {
    #[graphql(flatten)]
    common: Common,
    /// The adviser.
    adviser_id: ID,
    /// The first day.
    from: Date,
    /// The last day. An absence that goes on is recorded as another one.
    until: Date,
}

impl RecordAdviserAbsenceInput {
    async fn write(self, ctx: &Context<'_>) -> Result<Written> {
        let mut fields = Fields::default();
        let said = Said {
            id: adviser_id(&mut fields, "adviserId", &self.adviser_id),
            common: self.common,
            valid: valid_over(self.from, Some(self.until), DateCertainty::Exact),
            command: Some(AdviserCommand::NoteAbsence(Absence {})),
        };
        said.write(ctx, fields).await
    }
}

fn place(fields: &mut Fields, experiment: &ID, permanence: Option<&ID>) -> Option<Assignment> {
    let experiment = experiment_id(fields, "experimentId", experiment);
    let place = match permanence {
        None => Some(Place::Hub),
        Some(id) => permanence_id(fields, "permanenceId", id).map(Place::Permanence),
    };
    Some(Assignment {
        experiment: experiment?,
        place: place?,
    })
}

/// What is said of an adviser, without naming anybody.
struct Said {
    common: Common,
    id: Option<AdviserId>,
    valid: Validity,
    command: Option<AdviserCommand>,
}

impl Said {
    async fn write(self, ctx: &Context<'_>, mut fields: Fields) -> Result<Written> {
        let api = api(ctx);
        let asked = Asked::of(&self.common);
        let saying = self.common.saying(&mut fields, self.valid);
        let entry = (|| {
            Some(Entry {
                saying: saying?,
                command: Command::Adviser(self.id?, self.command?),
            })
        })();
        if let Some(entry) = &entry {
            unnamed::check_entry(api, &mut fields, entry).await?;
        }
        match asked.request(ctx, entry, fields).await? {
            Ok(request) => {
                let subject = request.entry.command.subject();
                answer(ctx, subject, api.commands.execute(request).await).await
            }
            Err(errors) => Ok(refused(ctx, self.id.map(StreamId::Adviser), errors)),
        }
    }
}
