//! A funding agreement (*convention*): who pays how much, for which experiments, and what was paid
//! of it. It is not of one experiment: what one source of money buys can be told across all of
//! them. In the order Events / Fold / Decisions; what is asked is the event itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    event::{Event, Recorded, Saying, Stated},
    experiment,
    refusal::Refusal,
    subject::Key,
    terms::{AgreementId, Cents, Certainty, ExperimentId, PaymentId, Position, Title},
    world::World,
};

/// What can happen to a funding agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgreementEvent {
    /// It was signed; the validity begins on the day of the signature, and ends with the
    /// agreement, where that is known.
    Signed(Signature),
    /// A payment was made under it, on the first day of the validity.
    PaymentMade(Payment),
}

impl AgreementEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Signed(_) => "agreement-signed",
            Self::PaymentMade(_) => "payment-made",
        }
    }
}

/// Names a funding agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementKey {
    /// The agreement.
    pub agreement: AgreementId,
}

impl Key for AgreementKey {
    type Id = AgreementId;
    fn id(self) -> AgreementId {
        self.agreement
    }
    fn experiment(self) -> Option<ExperimentId> {
        None
    }
}

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// What it is called.
    pub title: Title,
    /// Who pays.
    pub funder: Title,
    /// Who is paid.
    pub beneficiary: Title,
    /// How much, at most.
    pub amount: Cents,
    /// For which experiments; none for the programme as a whole.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub experiments: BTreeSet<ExperimentId>,
}

/// A payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Which: two payments may be alike in all else.
    pub payment: PaymentId,
    /// How much.
    pub amount: Cents,
}

/// A funding agreement, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// What was signed.
    pub signed: Option<Stated<Signature>>,
    /// The payments, by their day; those of one day in the order they were recorded.
    pub payments: Vec<Stated<Payment>>,
}

impl Agreement {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, _: AgreementKey, event: &AgreementEvent, recorded: &Recorded) {
        match event {
            AgreementEvent::Signed(signature) => {
                self.signed = Some(recorded.stated(signature.clone()));
            }
            AgreementEvent::PaymentMade(payment) => {
                self.payments.push(recorded.stated(*payment));
                self.payments.sort_by_key(|payment| payment.valid.from);
            }
        }
    }

    /// What was paid.
    #[must_use]
    pub fn paid(&self) -> Cents {
        self.payments
            .iter()
            .map(|payment| payment.what.amount)
            .sum()
    }

    /// Whether it pays for an experiment.
    #[must_use]
    pub fn covers(&self, experiment: ExperimentId) -> bool {
        self.signed.as_ref().is_some_and(|signed| {
            let experiments = &signed.what.experiments;
            experiments.is_empty() || experiments.contains(&experiment)
        })
    }
}

/// The most experiments that one agreement names.
pub const EXPERIMENTS_MAX: usize = 100;

/// Decides whether an event can be recorded; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: AgreementId,
    asked: &AgreementEvent,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Agreement::default();
    let known = world.agreement(id).unwrap_or(&unknown);
    let new = match asked {
        AgreementEvent::Signed(signature) => sign(world, known, signature, saying)?,
        AgreementEvent::PaymentMade(payment) => pay(known, payment, saying)?,
    };
    let key = AgreementKey { agreement: id };
    Ok(new.then(|| Event::Agreement(key, asked.clone())))
}

fn sign(
    world: &World,
    known: &Agreement,
    signature: &Signature,
    saying: &Saying,
) -> Result<bool, Refusal> {
    if let Some(signed) = &known.signed {
        return if signed.says(signature, saying) {
            Ok(false)
        } else {
            Err(Refusal::AlreadySigned {
                on: signed.valid.from,
            })
        };
    }
    some(signature.amount)?;
    if signature.experiments.len() > EXPERIMENTS_MAX {
        return Err(Refusal::TooMany {
            max: EXPERIMENTS_MAX,
        });
    }
    for id in &signature.experiments {
        experiment::known(world, *id)?;
    }
    Ok(true)
}

fn pay(known: &Agreement, payment: &Payment, saying: &Saying) -> Result<bool, Refusal> {
    let Some(signed) = &known.signed else {
        return Err(Refusal::UnknownAgreement);
    };
    let mut payments = known.payments.iter();
    if let Some(made) = payments.find(|made| made.what.payment == payment.payment) {
        return if made.says(payment, saying) {
            Ok(false)
        } else {
            Err(Refusal::PaymentAlreadyRecorded)
        };
    }
    some(payment.amount)?;
    // An agreement that is only known to be no later may be older than any payment.
    if signed.valid.certainty == Certainty::Exact && saying.valid.from < signed.valid.from {
        return Err(Refusal::PaymentBeforeSignature {
            signed: signed.valid.from,
        });
    }
    let paid = known.paid().plus(payment.amount);
    if paid > signed.what.amount {
        return Err(Refusal::PaymentsExceedAmount {
            paid,
            amount: signed.what.amount,
        });
    }
    Ok(true)
}

fn some(amount: Cents) -> Result<(), Refusal> {
    if amount == Cents::ZERO {
        Err(Refusal::AmountZero)
    } else {
        Ok(())
    }
}
