//! Mutations of operators. An operator is named by its code.

use async_graphql::{Context, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, Fields, operator_id, valid_from, valid_over},
    payloads, write,
};
use crate::{
    domain::{
        entry::{Command, Entry},
        operator::{Departure, Joining, NameChange, OperatorEvent},
        terms::{OperatorId, Slug, Title, Words},
    },
    graphql::{
        scalars::Date,
        types::{common::DateCertainty, operator::Operator},
    },
};

payloads! {
    operator: Operator, Operator, "The operator as it now stands.";
    RecordOperatorJoinedPayload, RenameOperatorPayload, RecordOperatorLeftPayload,
}

/// Mutations of operators.
#[derive(Default)]
pub(super) struct OperatorMutation;

/// Mutations of operators.
#[Object]
impl OperatorMutation {
    /// Record that an operator joined the bundle of services. It may join again after it left.
    async fn record_operator_joined(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordOperatorJoinedInput,
    ) -> Result<RecordOperatorJoinedPayload> {
        RecordOperatorJoinedPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that an operator bears another name.
    async fn rename_operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RenameOperatorInput,
    ) -> Result<RenameOperatorPayload> {
        RenameOperatorPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that an operator left the bundle of services.
    async fn record_operator_left(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordOperatorLeftInput,
    ) -> Result<RecordOperatorLeftPayload> {
        RecordOperatorLeftPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordOperatorJoinedInput {
    #[graphql(flatten)]
    common: Common,
    /// Its code, which never changes: 2 to 60 characters among a-z, 0-9 and the hyphen.
    code: String,
    /// The name it bears then.
    name: String,
    /// Its first day in the bundle.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// Its last day in the bundle, where it is known already.
    until: Option<Date>,
}

impl Intent for RecordOperatorJoinedInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let code = fields.take("code", Slug::try_new(&self.code));
        let name = fields.take("name", Title::try_new(&self.name));
        let command = code.zip(name).map(|(code, name)| {
            let id = OperatorId::of(&code);
            Command::Operator(id, OperatorEvent::Joined(Joining { code, name }))
        });
        let valid = valid_over(self.from, self.until, self.from_certainty);
        self.common.entry(fields, valid, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RenameOperatorInput {
    #[graphql(flatten)]
    common: Common,
    /// Its code.
    code: String,
    /// The name.
    name: String,
    /// The first day of that name.
    from: Date,
}

impl Intent for RenameOperatorInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = operator_id(fields, "code", &self.code);
        let name = fields.take("name", Title::try_new(&self.name));
        let command = id
            .zip(name)
            .map(|(id, name)| Command::Operator(id, OperatorEvent::Renamed(NameChange { name })));
        self.common.entry(fields, valid_from(self.from), command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordOperatorLeftInput {
    #[graphql(flatten)]
    common: Common,
    /// Its code.
    code: String,
    /// The first day without it.
    from: Date,
    /// Why, where a source says.
    reason: Option<String>,
}

impl Intent for RecordOperatorLeftInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = operator_id(fields, "code", &self.code);
        let reason = self.reason.as_deref().map(Words::try_new).transpose();
        let reason = fields.take("reason", reason);
        let command = id
            .zip(reason)
            .map(|(id, reason)| Command::Operator(id, OperatorEvent::Left(Departure { reason })));
        self.common.entry(fields, valid_from(self.from), command)
    }
}
