//! Mutations of funding agreements.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{Common, Fields, agreement_id, experiment_id, valid_from_about, valid_over},
    payloads, write,
};
use crate::{
    domain::{
        agreement::{AgreementEvent, Payment, Signature},
        entry::{Command, Entry},
        event::Event,
        terms::{self, AgreementId, ExperimentId, PaymentId, Title},
    },
    graphql::{
        scalars::{Cents, Date, Uuid},
        types::{agreement::FundingAgreement, common::DateCertainty},
    },
};

payloads! {
    agreement: FundingAgreement, Agreement, "The agreement as it now stands.";
    SignFundingAgreementPayload, RecordPaymentPayload,
}

/// Mutations of funding agreements.
#[derive(Default)]
pub(super) struct AgreementMutation;

/// Mutations of funding agreements.
#[Object]
impl AgreementMutation {
    /// Record that a funding agreement (convention) is signed.
    async fn sign_funding_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: SignFundingAgreementInput,
    ) -> Result<SignFundingAgreementPayload> {
        SignFundingAgreementPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record a payment under a funding agreement; all of them together never exceed its amount.
    async fn record_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RecordPaymentInput,
    ) -> Result<RecordPaymentPayload> {
        RecordPaymentPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct SignFundingAgreementInput {
    #[graphql(flatten)]
    common: Common,
    /// The agreement, if its id is already chosen; else the answer tells its new one.
    agreement_id: Option<ID>,
    /// What it is called.
    title: String,
    /// Who pays.
    funder: String,
    /// Who is paid.
    beneficiary: String,
    /// How much is paid, at most.
    amount: Cents,
    /// The day of the signature.
    signed_on: Date,
    /// What is known of that day.
    #[graphql(default_with = "DateCertainty::Exact")]
    signed_on_certainty: DateCertainty,
    /// The last day of the agreement, where it is known.
    until: Option<Date>,
    /// The experiments it pays for; none for the programme as a whole.
    #[graphql(default)]
    experiment_ids: Vec<ID>,
}

impl Intent for SignFundingAgreementInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = match &self.agreement_id {
            Some(id) => agreement_id(fields, "agreementId", id),
            None => Some(fields.new_subject(&self.common, AgreementId)),
        };
        let title = fields.take("title", Title::try_new(&self.title));
        let funder = fields.take("funder", Title::try_new(&self.funder));
        let beneficiary = fields.take("beneficiary", Title::try_new(&self.beneficiary));
        let amount = fields.take("amount", terms::Cents::try_new(self.amount.0));
        let experiments: Vec<Option<ExperimentId>> = self
            .experiment_ids
            .iter()
            .enumerate()
            .map(|(index, id)| experiment_id(fields, &format!("experimentIds.{index}"), id))
            .collect();
        let command = (|| {
            let signature = Signature {
                title: title?,
                funder: funder?,
                beneficiary: beneficiary?,
                amount: amount?,
                experiments: experiments.into_iter().collect::<Option<_>>()?,
            };
            Some(Command::Agreement(id?, AgreementEvent::Signed(signature)))
        })();
        let valid = valid_over(self.signed_on, self.until, self.signed_on_certainty);
        self.common.entry(fields, valid, command)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RecordPaymentInput {
    #[graphql(flatten)]
    common: Common,
    /// The agreement.
    agreement_id: ID,
    /// The payment's own identity, if it is already chosen; else that of the command.
    payment_id: Option<Uuid>,
    /// The day.
    paid_on: Date,
    /// What is known of that day.
    #[graphql(default_with = "DateCertainty::Exact")]
    paid_on_certainty: DateCertainty,
    /// How much.
    amount: Cents,
}

impl Intent for RecordPaymentInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = agreement_id(fields, "agreementId", &self.agreement_id);
        let payment = fields.identity(&self.common, "paymentId", self.payment_id, |event| {
            if let Event::Agreement(_, AgreementEvent::PaymentMade(made)) = event {
                Some(made.payment.0)
            } else {
                None
            }
        });
        let amount = fields.take("amount", terms::Cents::try_new(self.amount.0));
        let command = (|| {
            let payment = Payment {
                payment: PaymentId(payment?),
                amount: amount?,
            };
            Some(Command::Agreement(
                id?,
                AgreementEvent::PaymentMade(payment),
            ))
        })();
        let valid = valid_from_about(self.paid_on, self.paid_on_certainty);
        self.common.entry(fields, valid, command)
    }
}
