//! 15. Cost: of an hour held, of an accompaniment, of a request resolved.

use rust_decimal::Decimal;

use super::{Definition, Evidence, Grain, Indicator, Wording};
use crate::{
    domain::{
        cost::{Cost, CostNature, CostOrigin},
        session::RequestOutcome,
        terms::{Cents, Period, time::day_number},
    },
    evaluation::{
        facts::Facts,
        measure::{Bounds, Measure, Unit, quotient},
        statistics::Method,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    definition: Definition {
        number: 15,
        code: "cost",
        version: 1,
        french: Wording {
            name: "Coût",
            text: "Coûts de la période (ceux d’une période plus longue, au prorata des jours), divisés par \
                   les heures de permanence tenues, par les accompagnements ou par les demandes résolues \
                   sur place. Le coût complet est tout ce que l’expérimentation porte ; le coût marginal, \
                   ce qu’elle ajoute : là où aucune source ne dit si un coût est marginal, il n’y a \
                   qu’une fourchette, qui l’ôte puis le compte. Les permanences prévues dont on ne sait \
                   si elles furent tenues, et les demandes dont l’issue n’est pas connue, sont données \
                   comme manquantes. Réels et estimés ne sont jamais additionnés. Un coût unitaire \
                   ne classe pas des sites.",
        },
        english: Wording {
            name: "Cost",
            text: "Costs of the period (those of a longer period in proportion to its days), over hours \
                   held, accompaniments, or requests resolved on the spot. The full cost is all that the \
                   experiment bears; the marginal cost is what it adds: where no source says whether a \
                   cost is marginal, there is but a range, which leaves it out and counts it. \
                   Sessions of which it is not known whether they were held, and requests of unknown \
                   outcome, are given as missing. Actual and estimated costs are \
                   never added up. A unit cost ranks no sites.",
        },
        source: "Cour des comptes et Sénat (2022) : coûts complets et marginaux distingués ; pas de \
                 classement sur le seul coût unitaire",
        grain: Grain::EXPERIMENTS,
        evidence: &[
            Evidence::Costs,
            Evidence::Held,
            Evidence::Cancelled,
            Evidence::Accompaniments,
            Evidence::Experiment,
            Evidence::Schedule,
        ],
    },
    measure,
};

/// What costs of one nature come to in the period.
#[derive(Clone, Copy, Default)]
struct Sum {
    costs: u64,
    full: Cents,
    marginal: Cents,
    unknown: Cents,
}

fn measure(facts: &Facts<'_>) -> Vec<Measure> {
    let minutes = facts.sum(|it| it.held.iter().map(|held| u64::from(held.minutes)).sum());
    let accompaniments = facts.sum(|it| it.accompaniments.into());
    let requests = |wanted: fn(RequestOutcome) -> bool| {
        facts.sum(|it| {
            let requests = it.requests.iter().filter(|asked| wanted(asked.outcome));
            requests.map(|asked| u64::from(asked.count)).sum()
        })
    };
    let resolved = requests(|outcome| outcome == RequestOutcome::Resolved);
    // What is divided by is counted of what is known.
    let fates = facts.fates();
    let sessions = (fates.unknown, fates.all());
    let outcomes = (
        requests(|outcome| outcome == RequestOutcome::Unknown),
        requests(|_| true),
    );
    let sixty = Decimal::from(60);
    let units = [
        (
            Unit::EurosPerHour,
            "per-held-hour",
            quotient(minutes.into(), sixty).unwrap_or_default(),
            sessions,
        ),
        (
            Unit::EurosPerAccompaniment,
            "per-accompaniment",
            accompaniments.into(),
            sessions,
        ),
        (
            Unit::EurosPerRequest,
            "per-resolved-request",
            resolved.into(),
            outcomes,
        ),
    ];
    let mut figures = Vec::new();
    for (nature, nature_code, nature_name) in [
        (CostNature::Actual, "actual", "réel"),
        (CostNature::Estimated, "estimated", "estimé"),
    ] {
        let sum = sum(facts, nature);
        for (unit, per, divisor, (missing, expected)) in units {
            let label = format!("coût complet {nature_name}, en {}", unit.label());
            let told = |amount| figure(unit, sum, amount, divisor).missing_of(missing, expected);
            let full = told(sum.full);
            figures.push(full.part(format!("full-{nature_code}-{per}"), label));
            let label = format!("coût marginal {nature_name}, en {}", unit.label());
            let marginal = told(sum.marginal);
            let upper = quotient(euros(sum.marginal.plus(sum.unknown)), divisor);
            let open = sum.costs > 0 && sum.unknown > Cents::ZERO;
            let range = marginal.value.zip(upper).filter(|_| open);
            let marginal = Measure {
                // What is not known to be marginal, is not known not to be.
                value: marginal.value.filter(|_| !open),
                interval: range.map(|(lower, upper)| Bounds {
                    lower,
                    upper,
                    method: Method::Range,
                }),
                ..marginal
            };
            figures.push(marginal.part(format!("marginal-{nature_code}-{per}"), label));
        }
    }
    figures
}

fn figure(unit: Unit, sum: Sum, amount: Cents, divisor: Decimal) -> Measure {
    if sum.costs == 0 {
        return Measure::nothing(unit);
    }
    Measure {
        value: quotient(euros(amount), divisor),
        numerator: Some(euros(amount)),
        denominator: Some(divisor),
        n: sum.costs,
        expected: sum.costs,
        ..Measure::nothing(unit)
    }
}

fn euros(amount: Cents) -> Decimal {
    i64::try_from(amount.get()).map_or(Decimal::MAX, |cents| Decimal::new(cents, 2).normalize())
}

fn sum(facts: &Facts<'_>, nature: CostNature) -> Sum {
    let mut sum = Sum::default();
    let costs = facts
        .experiments
        .iter()
        .flat_map(|known| known.costs.values());
    for cost in costs {
        let Some((terms, allotted)) = within(cost, facts.period) else {
            continue;
        };
        if terms.nature != nature {
            continue;
        }
        sum.costs += 1;
        sum.full = sum.full.plus(allotted);
        match terms.origin {
            CostOrigin::Marginal => sum.marginal = sum.marginal.plus(allotted),
            CostOrigin::Unknown => sum.unknown = sum.unknown.plus(allotted),
            CostOrigin::Standing => {}
        }
    }
    sum
}

/// What a cost comes to in a period: in proportion to its days, in whole cents that add up to all of
/// it over any periods that follow each other.
fn within(cost: &Cost, period: Period) -> Option<(&crate::domain::cost::CostTerms, Cents)> {
    let recorded = cost.recorded.as_ref()?;
    let (from, until) = (recorded.valid.from, recorded.valid.until?);
    if until < period.from || period.until < from {
        return None;
    }
    let days = |last: chrono::NaiveDate| u32::try_from(day_number(last) - day_number(from) + 1);
    let all = days(until).ok().filter(|all| *all > 0)?;
    let by = |days: u32| recorded.what.allotted().share(days.min(all), all).get();
    let before = days(period.from).unwrap_or(0).saturating_sub(1);
    let amount = by(days(period.until).unwrap_or(0)).saturating_sub(by(before));
    Some((&recorded.what, Cents::of_sum(amount)))
}
