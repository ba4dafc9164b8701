//! Mutations of tokens and grants: an administrator's.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use secrecy::ExposeSecret;

use super::{
    Asked, Intent, UserError, Written, answer,
    input::{Common, Fields, experiment_id, valid_from},
    payloads, refused, write,
};
use crate::{
    domain::{
        access::{
            self as domain, Reach,
            holder::{Granting, HolderEvent, Who, Withdrawal},
            token::{Issue, Revocation, TokenEvent},
        },
        entry::{Command, Entry},
        event::StreamId,
        refusal::Refusal,
        terms::{FileHash, HolderId, Label, Siret, Title, TokenId, Words},
    },
    graphql::{
        api,
        fault::Fault,
        id::NodeId,
        query::Query,
        scalars::{Date, Instant, Position},
        types::access::{GrantHolder, GrantInput, ServiceToken, administrator},
    },
    identity,
};

payloads! {
    token: ServiceToken, Token, "The token as it now stands.";
    RevokeTokenPayload,
}

payloads! {
    holder: GrantHolder, Holder, "The holder as it now stands.";
    GrantRolePayload, RevokeRolePayload,
}

/// Mutations of tokens and grants.
#[derive(Default)]
pub(super) struct AccessMutation;

/// Mutations of tokens and grants.
#[Object]
impl AccessMutation {
    /// Issue a service token. It is told in this answer and never again: asked again under the same
    /// `commandId`, the answer says that it was shown.
    async fn issue_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: IssueTokenInput,
    ) -> Result<IssueTokenPayload> {
        administrator(ctx)?;
        IssueTokenPayload::of(ctx, input).await
    }

    /// Revoke a service token: from now on it proves nothing, and what it keeps open is closed.
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RevokeTokenInput,
    ) -> Result<RevokeTokenPayload> {
        administrator(ctx)?;
        RevokeTokenPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Grant a role to an account, or to every account of an organisation. Granted again, it ends
    /// when it is said to now.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: GrantRoleInput,
    ) -> Result<GrantRolePayload> {
        administrator(ctx)?;
        GrantRolePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Revoke a role: from now on it is not held, and what it keeps open is closed.
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RevokeRoleInput,
    ) -> Result<RevokeRolePayload> {
        administrator(ctx)?;
        RevokeRolePayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct IssueTokenInput {
    #[graphql(flatten)]
    common: Common,
    /// What it is for: a program's name, never a person's.
    name: String,
    /// What whoever has it may do.
    grants: Vec<GrantInput>,
    /// The day on which it is issued.
    on: Date,
    /// When it ends; never, unless told.
    expires: Option<Instant>,
}

impl IssueTokenInput {
    fn entry(&self, fields: &mut Fields, hash: FileHash) -> Option<Entry> {
        let name = fields.take("name", Title::try_new(&self.name));
        let grants: Vec<Option<domain::Grant>> = self
            .grants
            .iter()
            .enumerate()
            .map(|(index, asked)| grant(fields, &format!("grants.{index}"), asked))
            .collect();
        let grants: Option<BTreeSet<domain::Grant>> = grants.into_iter().collect();
        let id = fields.new_subject(&self.common, TokenId);
        let command = name.zip(grants).map(|(name, grants)| {
            let issue = Issue {
                name,
                hash,
                grants,
                expires: self.expires.map(|instant| instant.0.to_utc()),
            };
            Command::Token(id, TokenEvent::Issued(issue))
        });
        self.common.entry(fields, valid_from(self.on), command)
    }
}

/// A service token that was issued.
#[derive(SimpleObject)]
pub(in crate::graphql) struct IssuedToken {
    /// The token as it now stands.
    token: ServiceToken,
    /// The token itself, to be kept where only its program reads it. It is told here and never
    /// again: absent where it was shown before.
    secret: Option<String>,
    /// Whether it was shown before, in the first answer to this command.
    already_shown: bool,
}

/// What came of the mutation.
#[derive(SimpleObject)]
pub(in crate::graphql) struct IssueTokenPayload {
    /// What was issued.
    issued: Option<IssuedToken>,
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

impl IssueTokenPayload {
    async fn of(ctx: &Context<'_>, input: IssueTokenInput) -> Result<Self> {
        let api = api(ctx);
        let drawn = identity::ServiceToken::draw();
        let drawn = drawn.map_err(|error| Fault::internal(&error, api.clock.new_id()))?;
        let mut fields = Fields::default();
        let asked = Asked::of(&input.common);
        let entry = input.entry(&mut fields, drawn.hash());
        let written = match asked.request(ctx, entry, fields).await? {
            Ok(request) => {
                let subject = request.entry.command.subject();
                answer(ctx, subject, api.commands.execute(request).await).await?
            }
            Err(errors) => refused(ctx, None, errors),
        };
        Self::new(ctx, written, &drawn).await
    }

    async fn new(
        ctx: &Context<'_>,
        written: Written,
        drawn: &identity::ServiceToken,
    ) -> Result<Self> {
        let token = match written.subject {
            Some(StreamId::Token(id)) if written.position.is_some() => {
                ServiceToken::find(ctx, written.at, id).await.transpose()?
            }
            _ => None,
        };
        // The one that was drawn first is the one that was recorded: this one only if it is that.
        let issued = token.map(|token| {
            let ours = token.is(&drawn.hash());
            IssuedToken {
                token,
                secret: ours.then(|| drawn.expose_secret().to_owned()),
                already_shown: !ours,
            }
        });
        Ok(Self {
            issued,
            user_errors: written.errors,
            position: written.position,
            event_ids: written
                .events
                .into_iter()
                .map(|position| NodeId::Event(position).into())
                .collect(),
            query: Query::at(written.at),
        })
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RevokeTokenInput {
    #[graphql(flatten)]
    common: Common,
    /// The token.
    token_id: ID,
    /// The day on which it is revoked.
    on: Date,
    /// Why.
    reason: Option<String>,
}

impl Intent for RevokeTokenInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id: Result<TokenId, _> = NodeId::subject(&self.token_id).ok_or(Refusal::UnknownToken);
        let id = fields.take("tokenId", id);
        let reason = why(fields, self.reason.as_deref());
        let command = id.map(|id| Command::Token(id, TokenEvent::Revoked(Revocation { reason })));
        self.common.entry(fields, valid_from(self.on), command)
    }
}

/// An account, or an organisation.
#[derive(InputObject)]
pub(in crate::graphql) struct GrantHolderInput {
    /// One account of an identity provider.
    account: Option<AccountInput>,
    /// Every account of the organisation whose establishment has this Siret.
    siret: Option<String>,
}

/// One account of an identity provider. Neither part is kept, but a hash of both.
#[derive(InputObject)]
pub(in crate::graphql) struct AccountInput {
    /// The provider, as it names itself: its `iss`.
    issuer: String,
    /// Its name for the account: the `sub`.
    subject: String,
}

impl GrantHolderInput {
    fn parse(&self, fields: &mut Fields) -> Option<Who> {
        match (&self.account, &self.siret) {
            (Some(account), None) => Some(Who::Account(identity::account(
                &account.issuer,
                &account.subject,
            ))),
            (None, Some(siret)) => fields
                .take("holder.siret", Siret::try_new(siret))
                .map(Who::Organisation),
            (Some(_), Some(_)) | (None, None) => {
                let message = "Il faut un compte, ou un numéro Siret, et non les deux.";
                fields.note("holder", "ONE_HOLDER", message.to_owned());
                None
            }
        }
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct GrantRoleInput {
    #[graphql(flatten)]
    common: Common,
    /// To whom.
    holder: GrantHolderInput,
    /// What.
    grant: GrantInput,
    /// The day on which it is granted.
    on: Date,
    /// When it ends; never, unless told.
    expires: Option<Instant>,
}

impl Intent for GrantRoleInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let who = self.holder.parse(fields);
        let grant = grant(fields, "grant", &self.grant);
        let command = who.zip(grant).map(|(who, grant)| {
            let id = HolderId::of(&who);
            let granting = Granting {
                who,
                grant,
                expires: self.expires.map(|instant| instant.0.to_utc()),
            };
            Command::Holder(id, HolderEvent::Granted(granting))
        });
        self.common.entry(fields, valid_from(self.on), command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RevokeRoleInput {
    #[graphql(flatten)]
    common: Common,
    /// Whose.
    holder: GrantHolderInput,
    /// What.
    grant: GrantInput,
    /// The day on which it is revoked.
    on: Date,
    /// Why.
    reason: Option<String>,
}

impl Intent for RevokeRoleInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let who = self.holder.parse(fields);
        let grant = grant(fields, "grant", &self.grant);
        let reason = why(fields, self.reason.as_deref());
        let command = (|| {
            let (who, grant) = (who?, grant?);
            let id = HolderId::of(&who);
            let withdrawal = Withdrawal { who, grant, reason };
            Some(Command::Holder(id, HolderEvent::Revoked(withdrawal)))
        })();
        self.common.entry(fields, valid_from(self.on), command)
    }
}

/// Notes what is wrong with the reason, if one is told; then nothing is recorded.
fn why(fields: &mut Fields, reason: Option<&str>) -> Option<Words> {
    fields.take("reason", Words::try_new(reason?))
}

/// A role over some experiments.
fn grant(fields: &mut Fields, field: &str, asked: &GrantInput) -> Option<domain::Grant> {
    let over = match (&asked.organisation, &asked.experiment_id) {
        (None, None) => Some(Reach::Programme),
        (Some(name), None) => fields
            .take(&format!("{field}.organisation"), Label::try_new(name))
            .map(Reach::Organisation),
        (None, Some(id)) => {
            experiment_id(fields, &format!("{field}.experimentId"), id).map(Reach::Experiment)
        }
        (Some(_), Some(_)) => {
            let message = "Il faut une organisation ou une expérimentation, et non les deux.";
            fields.note(field, "ONE_REACH", message.to_owned());
            None
        }
    };
    Some(domain::Grant {
        role: asked.role.into(),
        over: over?,
    })
}
