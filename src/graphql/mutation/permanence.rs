//! Mutations of permanences.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{
        Common, Fields, experiment_id, permanence_id, reason, resumption, valid_from, venue_id,
    },
    payloads, write,
};
use crate::{
    domain::{
        entry::{Command, Entry},
        permanence::{self, PermanenceCommand, SlotChange, SlotTerms},
        refusal::Refusal,
        terms::{PermanenceId, Validity, WeeklyHours},
    },
    graphql::{
        scalars::{Date, OpeningHours},
        types::permanence::{AdviserRole, AppointmentPolicy, Permanence},
    },
};

payloads! {
    permanence: Permanence, Permanence, "The permanence as it now stands.";
    SchedulePermanencePayload, ReschedulePermanencePayload, SuspendPermanencePayload,
    ResumePermanencePayload, ClosePermanencePayload,
}

/// Mutations of permanences.
#[derive(Default)]
pub(super) struct PermanenceMutation;

/// Mutations of permanences.
#[Object]
impl PermanenceMutation {
    /// Record that a permanence is scheduled at a venue.
    async fn schedule_permanence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: SchedulePermanenceInput,
    ) -> Result<SchedulePermanencePayload> {
        SchedulePermanencePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that the terms of a permanence change from a day on; what is not given stays.
    async fn reschedule_permanence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ReschedulePermanenceInput,
    ) -> Result<ReschedulePermanencePayload> {
        ReschedulePermanencePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that a permanence is suspended.
    async fn suspend_permanence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: SuspendPermanenceInput,
    ) -> Result<SuspendPermanencePayload> {
        SuspendPermanencePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that a permanence is resumed.
    async fn resume_permanence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ResumePermanenceInput,
    ) -> Result<ResumePermanencePayload> {
        ResumePermanencePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that a permanence is closed.
    async fn close_permanence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ClosePermanenceInput,
    ) -> Result<ClosePermanencePayload> {
        ClosePermanencePayload::new(ctx, write(ctx, input).await?).await
    }
}

/// Who holds a permanence: a role and a head count, never a name.
#[derive(InputObject)]
struct HeldByInput {
    /// The role.
    role: AdviserRole,
    /// How many of them take turns or come together.
    count: i32,
}

impl HeldByInput {
    fn parse(&self, fields: &mut Fields) -> Option<permanence::HeldBy> {
        let count = u8::try_from(self.count).map_err(|_| Refusal::HeldByCount {
            count: self.count.into(),
            max: permanence::HELD_BY_MAX,
        });
        Some(permanence::HeldBy {
            role: self.role.into(),
            count: fields.take("heldBy.count", count)?,
        })
    }
}

pub(super) fn hours(fields: &mut Fields, hours: &OpeningHours) -> Option<WeeklyHours> {
    fields.take("hours", WeeklyHours::try_new(&hours.0))
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct SchedulePermanenceInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment it belongs to.
    experiment_id: ID,
    /// The permanence, if its id is already chosen; else the answer tells its new one.
    permanence_id: Option<ID>,
    /// The venue.
    venue_id: ID,
    /// The first day.
    from: Date,
    /// The weekly hours.
    hours: OpeningHours,
    /// Whether one needs an appointment.
    appointment: AppointmentPolicy,
    /// Who holds it.
    held_by: HeldByInput,
}

impl Intent for SchedulePermanenceInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let experiment = experiment_id(fields, "experimentId", &self.experiment_id);
        let id = match &self.permanence_id {
            Some(id) => permanence_id(fields, "permanenceId", id),
            None => Some(fields.new_subject(&self.common, PermanenceId)),
        };
        let venue = venue_id(fields, "venueId", &self.venue_id);
        let hours = hours(fields, &self.hours);
        let held_by = self.held_by.parse(fields);
        let command = (|| {
            Some(Command::Permanence(
                id?,
                PermanenceCommand::Schedule {
                    experiment: experiment?,
                    terms: SlotTerms {
                        venue: venue?,
                        hours: hours?,
                        appointment: self.appointment.into(),
                        held_by: held_by?,
                    },
                },
            ))
        })();
        self.common.entry(fields, valid_from(self.from), command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ReschedulePermanenceInput {
    #[graphql(flatten)]
    common: Common,
    /// The permanence.
    permanence_id: ID,
    /// The first day of the new terms.
    from: Date,
    /// Another venue.
    venue_id: Option<ID>,
    /// Other weekly hours.
    hours: Option<OpeningHours>,
    /// With or without appointment.
    appointment: Option<AppointmentPolicy>,
    /// Held by others.
    held_by: Option<HeldByInput>,
}

impl Intent for ReschedulePermanenceInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = permanence_id(fields, "permanenceId", &self.permanence_id);
        let venue = match &self.venue_id {
            None => Some(None),
            Some(id) => venue_id(fields, "venueId", id).map(Some),
        };
        let hours = match &self.hours {
            None => Some(None),
            Some(raw) => hours(fields, raw).map(Some),
        };
        let held_by = match &self.held_by {
            None => Some(None),
            Some(held_by) => held_by.parse(fields).map(Some),
        };
        let command = (|| {
            Some(PermanenceCommand::Reschedule(SlotChange {
                venue: venue?,
                hours: hours?,
                appointment: self.appointment.map(Into::into),
                held_by: held_by?,
            }))
        })();
        to_permanence(&self.common, fields, valid_from(self.from), id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct SuspendPermanenceInput {
    #[graphql(flatten)]
    common: Common,
    /// The permanence.
    permanence_id: ID,
    /// The first day.
    from: Date,
    /// The last day, where it is announced.
    until: Option<Date>,
    /// Why.
    reason: String,
}

impl Intent for SuspendPermanenceInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = permanence_id(fields, "permanenceId", &self.permanence_id);
        let command = reason(fields, &self.reason).map(PermanenceCommand::Suspend);
        let valid = Validity {
            until: self.until.map(|until| until.0),
            ..valid_from(self.from)
        };
        to_permanence(&self.common, fields, valid, id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ResumePermanenceInput {
    #[graphql(flatten)]
    common: Common,
    /// The permanence.
    permanence_id: ID,
    /// The first day it is held again.
    from: Date,
    /// A remark.
    remark: Option<String>,
}

impl Intent for ResumePermanenceInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = permanence_id(fields, "permanenceId", &self.permanence_id);
        let command = resumption(fields, self.remark.as_deref()).map(PermanenceCommand::Resume);
        to_permanence(&self.common, fields, valid_from(self.from), id, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ClosePermanenceInput {
    #[graphql(flatten)]
    common: Common,
    /// The permanence.
    permanence_id: ID,
    /// The first day without it.
    from: Date,
    /// Why.
    reason: String,
}

impl Intent for ClosePermanenceInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = permanence_id(fields, "permanenceId", &self.permanence_id);
        let command = reason(fields, &self.reason).map(PermanenceCommand::Close);
        to_permanence(&self.common, fields, valid_from(self.from), id, command)
    }
}

fn to_permanence(
    common: &Common,
    fields: &mut Fields,
    valid: Validity,
    id: Option<PermanenceId>,
    command: Option<PermanenceCommand>,
) -> Option<Entry> {
    let command = id
        .zip(command)
        .map(|(id, command)| Command::Permanence(id, command));
    common.entry(fields, valid, command)
}
