//! Funding agreements, and what was paid under them.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::{common::Provenance, experiment::Experiment, page::EventConnection};
use crate::{
    domain::{
        agreement::{self as domain, Signature},
        event::{Stated, StreamId},
        terms::AgreementId,
    },
    graphql::{
        api,
        id::NodeId,
        scalars::{Cents, Date, Position, Uuid},
    },
    read::{At, Found, history::Of},
};

/// A funding agreement (convention).
pub(in crate::graphql) struct FundingAgreement {
    at: At,
    found: Found<AgreementId, domain::Agreement>,
}

impl FundingAgreement {
    pub(in crate::graphql) const fn new(
        at: At,
        found: Found<AgreementId, domain::Agreement>,
    ) -> Self {
        Self { at, found }
    }

    /// The agreement, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: AgreementId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.agreement(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn signature(&self) -> Option<&Signature> {
        self.found.state.signed.as_ref().map(|signed| &signed.what)
    }
}

/// A funding agreement (convention): who pays how much, for which experiments.
#[Object]
impl FundingAgreement {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Agreement(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// What it is called.
    async fn title(&self) -> &str {
        self.signature()
            .map_or("", |signature| signature.title.as_str())
    }

    /// Who pays.
    async fn funder(&self) -> &str {
        self.signature()
            .map_or("", |signature| signature.funder.as_str())
    }

    /// Who is paid.
    async fn beneficiary(&self) -> &str {
        self.signature()
            .map_or("", |signature| signature.beneficiary.as_str())
    }

    /// How much is paid, at most.
    async fn amount(&self) -> Option<Cents> {
        self.signature().map(|signature| signature.amount.into())
    }

    /// The day of the signature; how sure it is, its provenance tells.
    async fn signed_on(&self) -> Option<Date> {
        let signed = self.found.state.signed.as_ref()?;
        Some(Date(signed.valid.from))
    }

    /// The last day of the agreement, where it is known.
    async fn ends_on(&self) -> Option<Date> {
        self.found.state.signed.as_ref()?.valid.until.map(Date)
    }

    /// The experiments it pays for; none where it pays for the programme as a whole.
    async fn experiments(&self, ctx: &Context<'_>) -> Result<Vec<Experiment>> {
        Box::pin(self.read_experiments(ctx)).await
    }

    /// The payments made under it, by their day.
    async fn payments(&self) -> Vec<Payment> {
        self.found.state.payments.iter().map(Into::into).collect()
    }

    /// What was paid in all.
    async fn paid(&self) -> Cents {
        self.found.state.paid().into()
    }

    /// How its signature came to be known.
    async fn provenance(&self) -> Option<Provenance> {
        self.found.state.signed.as_ref().map(Into::into)
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Agreement(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

impl FundingAgreement {
    async fn read_experiments(&self, ctx: &Context<'_>) -> Result<Vec<Experiment>> {
        let api = api(ctx);
        let covered = self.signature().map(|known| &known.experiments);
        let ids: Vec<_> = covered.into_iter().flatten().copied().collect();
        let found = api.reads.some_experiments(self.at, &ids).await;
        let found = found.map_err(|error| api.failed_read(&error))?.into_iter();
        Ok(found.map(|found| Experiment::new(self.at, found)).collect())
    }
}

/// A payment under a funding agreement.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Payment {
    /// Its own identity within the agreement: what a correction of it names again.
    id: Uuid,
    /// The day.
    on: Date,
    /// How much.
    amount: Cents,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<domain::Payment>> for Payment {
    fn from(stated: &Stated<domain::Payment>) -> Self {
        Self {
            id: Uuid(stated.what.payment.0),
            on: Date(stated.valid.from),
            amount: stated.what.amount.into(),
            provenance: stated.into(),
        }
    }
}
