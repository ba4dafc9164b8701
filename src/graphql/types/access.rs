//! Service tokens, and who was granted what. Only an administrator is shown any of it.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::{common::Provenance, page::EventConnection};
use crate::{
    access::Caller,
    domain::{
        access::{
            self as domain, Reach,
            holder::{self, Granting, Who},
            token,
        },
        event::{Stated, StreamId},
        terms::{FileHash, HolderId, Siret, Title, TokenId},
    },
    graphql::{
        api,
        fault::Fault,
        id::NodeId,
        scalars::{Date, Instant},
    },
    read::{At, Found, history::Of},
};

/// Refuses whoever is no administrator.
pub(in crate::graphql) fn administrator<'a>(ctx: &Context<'a>) -> Result<&'a Caller, Fault> {
    let caller = ctx.data_opt::<Caller>();
    let caller = caller.filter(|caller| caller.is_administrator());
    caller.ok_or(Fault::Forbidden)
}

/// What somebody is to the programme.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Role")]
pub(in crate::graphql) enum Role {
    /// Reads everything but sealed personal data; publishes reports.
    Evaluator,
    /// Records for its own experiments, and reads them.
    Carrier,
    /// Reads experiments, agreements and costs; records agreements.
    Funder,
    /// Does everything, and says who may do what.
    Administrator,
}

/// A role over some experiments: those of an organisation, one, or, where neither is told, the whole
/// programme.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Grant {
    /// What.
    role: Role,
    /// Over the experiments that an organisation of this name carries.
    organisation: Option<String>,
    /// Over the experiment of this id.
    experiment_id: Option<ID>,
}

impl From<&domain::Grant> for Grant {
    fn from(grant: &domain::Grant) -> Self {
        let (organisation, experiment) = match &grant.over {
            Reach::Programme => (None, None),
            Reach::Organisation(name) => (Some(name.to_string()), None),
            Reach::Experiment(id) => (None, Some(*id)),
        };
        Self {
            role: grant.role.into(),
            organisation,
            experiment_id: experiment.map(|id| NodeId::from(StreamId::Experiment(id)).into()),
        }
    }
}

/// A role over some experiments: those of an organisation, one, or, where neither is told, the whole
/// programme.
#[derive(InputObject)]
pub(in crate::graphql) struct GrantInput {
    /// What.
    pub role: Role,
    /// Over the experiments that an organisation of this name carries.
    pub organisation: Option<String>,
    /// Over the experiment of this id.
    pub experiment_id: Option<ID>,
}

/// Who asks.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Viewer {
    /// Under which name what it records is recorded.
    actor: String,
    /// What was granted to it.
    grants: Vec<Grant>,
    /// When that ends, if it does.
    expires: Option<Instant>,
}

impl From<&Caller> for Viewer {
    fn from(caller: &Caller) -> Self {
        Self {
            actor: caller.actor.to_string(),
            grants: caller.grants.iter().map(Into::into).collect(),
            expires: caller.until.map(Into::into),
        }
    }
}

/// A service token.
pub(in crate::graphql) struct ServiceToken {
    at: At,
    found: Found<TokenId, token::Token>,
}

impl ServiceToken {
    pub(in crate::graphql) const fn new(at: At, found: Found<TokenId, token::Token>) -> Self {
        Self { at, found }
    }

    /// The token, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: TokenId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.token(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn issue(&self) -> Option<&token::Issue> {
        self.found.state.issued.as_ref().map(|known| &known.what)
    }

    /// Whether it is the one with this hash.
    pub(in crate::graphql) fn is(&self, hash: &FileHash) -> bool {
        self.issue().is_some_and(|issue| issue.hash == *hash)
    }
}

/// A service token: what a program proves itself with. It is told once, when it is issued; all that
/// is kept of it is a hash, which is nowhere shown.
#[Object]
impl ServiceToken {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Token(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// What it is for.
    async fn name(&self) -> &str {
        self.issue().map_or("", |issue| Title::as_str(&issue.name))
    }

    /// What whoever has it may do.
    async fn grants(&self) -> Vec<Grant> {
        let grants = self.issue().into_iter().flat_map(|issue| &issue.grants);
        grants.map(Into::into).collect()
    }

    /// When it ends, if it does.
    async fn expires(&self) -> Option<Instant> {
        Some(self.issue()?.expires?.into())
    }

    /// The day on which it was revoked, if it was.
    async fn revoked(&self) -> Option<Date> {
        let revoked = self.found.state.revoked.as_ref()?;
        Some(Date(revoked.valid.from))
    }

    /// Why it was revoked, where that was said.
    async fn revocation_reason(&self) -> Option<String> {
        let revoked = self.found.state.revoked.as_ref()?;
        revoked.what.reason.as_ref().map(ToString::to_string)
    }

    /// How it came to be known.
    async fn provenance(&self) -> Option<Provenance> {
        self.found.state.issued.as_ref().map(Into::into)
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<
            crate::graphql::scalars::Position,
        >,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Token(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

/// A holder of grants.
pub(in crate::graphql) struct GrantHolder {
    at: At,
    found: Found<HolderId, holder::Holder>,
}

impl GrantHolder {
    pub(in crate::graphql) const fn new(at: At, found: Found<HolderId, holder::Holder>) -> Self {
        Self { at, found }
    }

    /// The holder, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: HolderId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.holder(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }
}

/// A holder of grants: an account of an identity provider, or an organisation, all of whose accounts
/// then hold them.
#[Object]
impl GrantHolder {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Holder(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// The account, by the SHA-256 of its provider and of its name there; absent of an organisation.
    async fn account(&self) -> Option<&str> {
        match self.found.state.who.as_ref()? {
            Who::Account(hash) => Some(FileHash::as_str(hash)),
            Who::Organisation(_) => None,
        }
    }

    /// The organisation, by the Siret of its establishment; absent of an account.
    async fn siret(&self) -> Option<&str> {
        match self.found.state.who.as_ref()? {
            Who::Account(_) => None,
            Who::Organisation(siret) => Some(Siret::as_str(siret)),
        }
    }

    /// What it holds.
    async fn grants(&self) -> Vec<HeldGrant> {
        self.found.state.grants.iter().map(Into::into).collect()
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<
            crate::graphql::scalars::Position,
        >,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Holder(self.found.id));
        Some(EventConnection::read(ctx, self.at, subject, first, after).await)
    }
}

/// A role that somebody holds.
#[derive(SimpleObject)]
pub(in crate::graphql) struct HeldGrant {
    /// What.
    grant: Grant,
    /// When it ends, if it does.
    expires: Option<Instant>,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stated<Granting>> for HeldGrant {
    fn from(stated: &Stated<Granting>) -> Self {
        Self {
            grant: (&stated.what.grant).into(),
            expires: stated.what.expires.map(Into::into),
            provenance: stated.into(),
        }
    }
}
