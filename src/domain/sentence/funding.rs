//! Operators, agreements, payments and costs, told in French.

use super::{by, counted, day, ended, over};
use crate::domain::{
    agreement::{AgreementEvent, Signature},
    cost::{Allocation, CostCategory, CostEvent, CostNature, CostOrigin, CostTerms},
    operator::OperatorEvent,
    terms::Validity,
};

pub(super) fn operator(event: &OperatorEvent, valid: Validity) -> String {
    match event {
        OperatorEvent::Joined(joining) => match valid.until {
            None => format!(
                "L'opérateur « {} » entre dans le bouquet de services {}.",
                joining.name,
                by(valid)
            ),
            Some(until) => format!(
                "L'opérateur « {} » entre dans le bouquet de services {}, jusqu'au {} inclus.",
                joining.name,
                by(valid),
                day(until)
            ),
        },
        OperatorEvent::Renamed(change) => format!(
            "L'opérateur prend le nom « {} » à compter du {}.",
            change.name,
            day(valid.from)
        ),
        OperatorEvent::Left(departure) => match &departure.reason {
            None => format!(
                "L'opérateur quitte le bouquet de services à compter du {}.",
                day(valid.from)
            ),
            Some(reason) => format!(
                "L'opérateur quitte le bouquet de services à compter du {} : {}",
                day(valid.from),
                ended(reason)
            ),
        },
    }
}

pub(super) fn agreement(event: &AgreementEvent, valid: Validity) -> String {
    match event {
        AgreementEvent::Signed(signature) => signed(signature, valid),
        AgreementEvent::PaymentMade(payment) => {
            format!("Versement de {} {}.", payment.amount, by(valid))
        }
    }
}

fn signed(signature: &Signature, valid: Validity) -> String {
    let Signature {
        title,
        funder,
        beneficiary,
        amount,
        experiments,
    } = signature;
    let scope = match experiments.len() {
        0 => "pour l'ensemble du programme".to_owned(),
        count => format!("pour {}", counted(count, "expérimentation")),
    };
    let end = valid
        .until
        .map(|until| format!(", jusqu'au {} inclus", day(until)))
        .unwrap_or_default();
    format!(
        "Convention « {title} » signée {}{end} : {funder} verse à {beneficiary} {amount} au plus, \
         {scope}.",
        by(valid)
    )
}

pub(super) fn cost(event: &CostEvent, valid: Validity) -> String {
    let CostEvent::Recorded(terms) = event;
    let nature = match terms.nature {
        CostNature::Estimated => "Coût estimé",
        CostNature::Actual => "Coût réel",
    };
    let period = over(valid);
    let told = format!(
        "{nature} ({}, {period}) : {}{}",
        category(terms.category),
        terms.amount,
        part(terms)
    );
    match &terms.words {
        None => format!("{told}."),
        Some(words) => format!("{told} ; {}", ended(words)),
    }
}

/// What a cost is for.
pub(crate) const fn category(category: CostCategory) -> &'static str {
    match category {
        CostCategory::Staff => "personnel",
        CostCategory::Travel => "déplacements",
        CostCategory::Premises => "locaux",
        CostCategory::Equipment => "matériel",
        CostCategory::Training => "formation",
        CostCategory::Communication => "communication",
        CostCategory::Other => "autre",
    }
}

/// What falls to the experiment, and whether there would be none of it otherwise.
fn part(terms: &CostTerms) -> String {
    let origin = match terms.origin {
        CostOrigin::Marginal => ", propre à l'expérimentation",
        CostOrigin::Standing => ", supporté de toute façon",
        CostOrigin::Unknown => "",
    };
    match &terms.allocation {
        Allocation::Direct => origin.to_owned(),
        Allocation::Share { parts, of, key } => format!(
            ", dont {} pour l'expérimentation ({parts}/{of} selon « {key} »){origin}",
            terms.allotted()
        ),
    }
}
