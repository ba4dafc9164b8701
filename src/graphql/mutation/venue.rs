//! Mutations of host venues.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, Fields, experiment_id, reason, valid_from, valid_from_about, venue_id},
    payloads, write,
};
use crate::{
    domain::{
        entry::{Command, Entry},
        terms::{self, Label, Title, VenueId},
        venue::{VenueCommand, VenueTerms},
    },
    graphql::{
        scalars::{Date, InseeCode},
        types::{
            common::DateCertainty,
            venue::{HostVenue, Known, VenueKind},
        },
    },
};

payloads! {
    venue: HostVenue, Venue, "The venue as it now stands.";
    AgreeVenuePayload, WithdrawVenuePayload,
}

/// Mutations of host venues.
#[derive(Default)]
pub(super) struct VenueMutation;

/// Mutations of host venues.
#[Object]
impl VenueMutation {
    /// Record that a venue agrees to host permanences of an experiment.
    async fn agree_venue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: AgreeVenueInput,
    ) -> Result<AgreeVenuePayload> {
        AgreeVenuePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that a venue withdraws its agreement.
    async fn withdraw_venue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: WithdrawVenueInput,
    ) -> Result<WithdrawVenuePayload> {
        WithdrawVenuePayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct AgreeVenueInput {
    #[graphql(flatten)]
    common: Common,
    /// The experiment it serves.
    experiment_id: ID,
    /// The venue, if its id is already chosen; else the answer tells its new one.
    venue_id: Option<ID>,
    /// The first day it may host.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// Its name.
    name: String,
    /// What kind of place it is.
    kind: VenueKind,
    /// Its commune.
    commune: InseeCode,
    /// Its address.
    address: Option<String>,
    /// Whether a talk there stays between the two who have it. A venue that does not allow it is
    /// refused.
    #[graphql(default_with = "Known::Unknown")]
    confidential_space: Known,
}

impl Intent for AgreeVenueInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let experiment = experiment_id(fields, "experimentId", &self.experiment_id);
        let id = match &self.venue_id {
            Some(id) => venue_id(fields, "venueId", id),
            None => Some(fields.new_subject(&self.common, VenueId)),
        };
        let name = fields.take("name", Title::try_new(&self.name));
        let commune = fields.take("commune", terms::InseeCode::try_new(&self.commune.0));
        let address = fields.take(
            "address",
            self.address.as_deref().map(Label::try_new).transpose(),
        );
        let command = (|| {
            Some(Command::Venue(
                id?,
                VenueCommand::Agree {
                    experiment: experiment?,
                    terms: VenueTerms {
                        name: name?,
                        kind: self.kind.into(),
                        commune: commune?,
                        address: address?,
                        confidential_space: self.confidential_space.into(),
                    },
                },
            ))
        })();
        let valid = valid_from_about(self.from, self.from_certainty);
        self.common.entry(fields, valid, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct WithdrawVenueInput {
    #[graphql(flatten)]
    common: Common,
    /// The venue.
    venue_id: ID,
    /// The first day it no longer hosts.
    from: Date,
    /// Why.
    reason: String,
}

impl Intent for WithdrawVenueInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = venue_id(fields, "venueId", &self.venue_id);
        let reason = reason(fields, &self.reason);
        let command = id
            .zip(reason)
            .map(|(id, reason)| Command::Venue(id, VenueCommand::Withdraw(reason)));
        self.common.entry(fields, valid_from(self.from), command)
    }
}
