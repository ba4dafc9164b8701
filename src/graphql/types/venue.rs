//! Host venues.

use async_graphql::{Context, Enum, ID, Object, Result};

use super::{common::Provenance, decision::Closure, experiment::Experiment, place::Commune};
use crate::{
    domain::{
        event::StreamId,
        terms::{Text, VenueId},
        venue::{self as domain, VenueTerms},
    },
    graphql::{api, id::NodeId},
    read::{At, Found},
};

/// A host venue (lieu d'accueil): where permanences may be held.
pub(in crate::graphql) struct HostVenue {
    at: At,
    found: Found<VenueId, domain::Venue>,
}

impl HostVenue {
    pub(in crate::graphql) const fn new(at: At, found: Found<VenueId, domain::Venue>) -> Self {
        Self { at, found }
    }

    /// The venue, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: VenueId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.venue(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn terms(&self) -> Option<&VenueTerms> {
        self.found.state.agreed.as_ref().map(|agreed| &agreed.what)
    }
}

/// A host venue (lieu d'accueil): where permanences may be held.
#[Object]
impl HostVenue {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Venue(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// Its name.
    async fn name(&self) -> &str {
        self.terms().map_or("", |terms| terms.name.as_str())
    }

    /// What kind of place it is.
    async fn kind(&self) -> Option<VenueKind> {
        self.terms().map(|terms| terms.kind.into())
    }

    /// Its commune.
    async fn commune(&self) -> Option<Commune> {
        self.terms().map(|terms| terms.commune.into())
    }

    /// Its address.
    async fn address(&self) -> Option<&str> {
        self.terms()?.address.as_ref().map(Text::as_str)
    }

    /// Whether a talk there stays between the two who have it.
    async fn confidential_space(&self) -> Option<Known> {
        self.terms().map(|terms| terms.confidential_space.into())
    }

    /// How its agreement came to be known.
    async fn provenance(&self) -> Option<Provenance> {
        self.found.state.agreed.as_ref().map(Into::into)
    }

    /// Its withdrawal, if it was withdrawn.
    async fn withdrawal(&self) -> Option<Closure> {
        self.found.state.withdrawn.as_ref().map(Into::into)
    }

    /// The experiment it serves.
    async fn experiment(&self, ctx: &Context<'_>) -> Option<Result<Experiment>> {
        Experiment::find(ctx, self.at, self.found.state.experiment?).await
    }
}

/// A kind of host venue.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::VenueKind")]
pub(in crate::graphql) enum VenueKind {
    /// Mairie.
    TownHall,
    /// Agence postale communale.
    CommunalPostalAgency,
    /// Commerce partenaire.
    PartnerShop,
    /// Bureau de tabac.
    Tobacconist,
    /// Supermarche.
    Supermarket,
    /// Espace public numerique.
    DigitalSpace,
    /// Bureau de poste.
    PostOffice,
    /// Another place.
    Other,
}

/// A yes or no of which the answer may be unknown: unknown is never counted as no.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "KnownBoolean", remote = "domain::Known")]
pub(in crate::graphql) enum Known {
    /// Yes.
    Yes,
    /// No.
    No,
    /// No source says.
    Unknown,
}
