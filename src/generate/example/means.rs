//! What the example invents of money, and of what was counted before an experiment began and
//! elsewhere.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{AGEN, Author, NORD, Told, VIGNY, after, day};
use crate::{
    domain::{
        agreement::{AgreementEvent, Payment, Signature},
        cost::{Allocation, CostCategory, CostEvent, CostKey, CostNature, CostOrigin, CostTerms},
        entry::Command,
        experiment::{Baseline, BaselinePlace, ComparisonZone, ExperimentCommand, WeekCount},
        refusal::Refusal,
        terms::{
            AgreementId, Cents, CostId, ExperimentId, InseeCode, Label, PaymentId, Title, Validity,
            Words,
        },
    },
    generate::before,
};

/// Hours a week that a hub is open, of which some are given to the permanences.
const HUB_HOURS: u32 = 35;
/// Cents of an hour of staff.
const HOUR_OF_STAFF: u64 = 3_100;
/// Cents of a journey.
const JOURNEY: u64 = 1_200;
/// Weeks of three months.
const WEEKS: u64 = 13;
/// Weeks that were counted before the launch, and after it.
const WEEKS_COUNTED: u64 = 12;

/// The funding agreement. The press release tells of 300 000 euros for all the experiments, but of
/// no agreement and no payment.
pub(super) fn agreement(author: &mut Author) -> Result<AgreementId, Refusal> {
    let id = AgreementId(author.maker.uuid());
    let signed = day(4, 6);
    let signature = Signature {
        title: Title::try_new("Convention synthétique")?,
        funder: Title::try_new("Financeur synthétique")?,
        beneficiary: Title::try_new("La Poste")?,
        amount: Cents::try_new(30_000_000)?,
        experiments: [VIGNY, NORD, AGEN].map(ExperimentId).into(),
    };
    let sign = Command::Agreement(id, AgreementEvent::Signed(signature));
    author.write(signed, Validity::from(signed), sign);
    let paid = day(5, 17);
    let payment = Payment {
        payment: PaymentId(author.maker.uuid()),
        amount: Cents::try_new(10_000_000)?,
    };
    let pay = Command::Agreement(id, AgreementEvent::PaymentMade(payment));
    author.write(paid, Validity::from(paid), pay);
    Ok(id)
}

/// The costs of an experiment: estimated and actual; that there would be without it, and would not,
/// and of which no source says.
pub(super) fn costs(
    author: &mut Author,
    told: &Told,
    agreement: AgreementId,
) -> Result<(), Refusal> {
    let weekly = 3 * u64::try_from(told.held.len()).unwrap_or(1);
    let staff = weekly * WEEKS * HOUR_OF_STAFF;
    let tenths = u64::from(author.maker.below(4));
    let words = Words::try_new("Montant inventé pour l’exemple")?;
    let terms = CostTerms {
        category: CostCategory::Staff,
        nature: CostNature::Estimated,
        origin: CostOrigin::Marginal,
        amount: Cents::try_new(staff)?,
        allocation: Allocation::Direct,
        words: Some(words),
        agreement: Some(agreement),
        estimate: None,
    };
    let estimate = cost(author, told, terms.clone());
    let actual = CostTerms {
        nature: CostNature::Actual,
        ..terms
    };
    let spent = CostTerms {
        amount: Cents::try_new(staff + staff * tenths / 10)?,
        estimate: Some(estimate),
        ..actual.clone()
    };
    cost(author, told, spent);
    let travel = CostTerms {
        category: CostCategory::Travel,
        amount: Cents::try_new(weekly / 3 * WEEKS * JOURNEY)?,
        ..actual.clone()
    };
    cost(author, told, travel);
    let premises = CostTerms {
        category: CostCategory::Premises,
        origin: CostOrigin::Standing,
        amount: Cents::try_new(600_000)?,
        allocation: Allocation::Share {
            parts: u32::try_from(weekly).unwrap_or(1).min(HUB_HOURS),
            of: HUB_HOURS,
            key: Label::try_new("heures d’ouverture par semaine")?,
        },
        agreement: None,
        ..actual.clone()
    };
    cost(author, told, premises);
    let communication = CostTerms {
        category: CostCategory::Communication,
        nature: CostNature::Estimated,
        origin: CostOrigin::Unknown,
        amount: Cents::try_new(45_000)?,
        agreement: None,
        ..actual
    };
    cost(author, told, communication);
    Ok(())
}

/// A cost of the three months: estimates are written down at their beginning, what was spent at
/// their end.
fn cost(author: &mut Author, told: &Told, terms: CostTerms) -> CostId {
    let period = told.period;
    let cost = CostId(author.maker.uuid());
    let valid = Validity {
        until: Some(period.until),
        ..Validity::from(period.from)
    };
    let written = match terms.nature {
        CostNature::Estimated => period.from,
        CostNature::Actual => after(period.until, 1),
    };
    let key = CostKey {
        experiment: told.experiment,
        cost,
    };
    author.write(
        written,
        valid,
        Command::Cost(key, CostEvent::Recorded(terms)),
    );
    cost
}

/// What was counted at the hub of an experiment, and in a zone that it is compared with.
pub(super) fn baselines(author: &mut Author, told: &Told, zone: [&str; 3]) -> Result<(), Refusal> {
    let say = |author: &mut Author, on: NaiveDate, command: ExperimentCommand| {
        let command = Command::Experiment(told.experiment, command);
        author.write(on, Validity::from(on), command);
    };
    let launch = told.period.from;
    let compared = ComparisonZone {
        zone: zone
            .iter()
            .map(|code| InseeCode::try_new(code))
            .collect::<Result<_, _>>()?,
        reasons: Words::try_new(
            "Zone choisie pour l’exemple : des communes voisines, non desservies",
        )?,
    };
    say(
        author,
        launch,
        ExperimentCommand::DesignateComparisonZone(compared),
    );
    // The hub loses some of its users to the permanences; elsewhere nothing changes but by chance.
    for (place, usual, lost) in [
        (BaselinePlace::Hub, 112, 9),
        (BaselinePlace::ComparisonZone, 84, 0),
    ] {
        let mut monday = before(launch, 7 * WEEKS_COUNTED);
        while monday.weekday() != Weekday::Mon {
            monday = before(monday, 1);
        }
        let mut counts = Vec::new();
        while after(monday, 6) <= told.period.until {
            let fewer = if monday >= launch { lost } else { 0 };
            let count = usual - fewer + author.maker.below(17);
            counts.push(WeekCount { monday, count });
            monday = after(monday, 7);
        }
        let baseline = Baseline {
            place,
            unit: Label::try_new("visites")?,
            counts,
        };
        say(
            author,
            after(told.period.until, 1),
            ExperimentCommand::MeasureBaseline(baseline),
        );
    }
    Ok(())
}
