//! What figures are of: a scope, and how it is broken down.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{
    facts::{Facts, Known},
    indicator::{Grain, operator_names},
};
use crate::domain::{
    experiment::DeliveryModel,
    terms::{ExperimentId, Period, PermanenceId, Slug, place},
};

/// Which experiments, and what of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// One experiment only.
    pub experiment: Option<ExperimentId>,
    /// One permanence of it only.
    pub permanence: Option<PermanenceId>,
    /// The experiments of one model only.
    pub model: Option<DeliveryModel>,
    /// The experiments whose hub lies in one département only.
    pub departement: Option<String>,
    /// The requests to one operator only.
    pub operator: Option<Slug>,
}

/// What figures are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Experiments.
    Experiment,
    /// Permanences.
    Permanence,
    /// Models.
    Model,
    /// Départements, of the hub.
    Departement,
    /// Operators.
    Operator,
    /// Weeks, from Monday.
    Week,
    /// Months.
    Month,
}

/// What a group of figures is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its key: an identity, a code, the first day of a week or month.
    pub key: String,
    /// Its name, in French.
    pub label: String,
}

impl Scope {
    /// Whether an experiment is of it.
    #[must_use]
    pub fn has(&self, known: &Known) -> bool {
        let launch = known.experiment.launch.as_ref().map(|launch| &launch.what);
        self.experiment.is_none_or(|only| only == known.id)
            && self
                .permanence
                .is_none_or(|only| known.permanences.contains_key(&only))
            && self
                .model
                .is_none_or(|only| launch.is_some_and(|launch| launch.model == only))
            && self.departement.as_ref().is_none_or(|only| {
                launch.is_some_and(|launch| launch.hub.commune.departement() == only)
            })
    }

    /// What it can be asked of an indicator: all that it narrows must be a grain of it.
    #[must_use]
    pub const fn suits(&self, grain: Grain) -> bool {
        (self.permanence.is_none() || grain.permanence)
            && (self.operator.is_none() || grain.operator)
    }

    fn narrow<'a>(&'a self, facts: Facts<'a>) -> Facts<'a> {
        let facts = match self.permanence {
            Some(permanence) => facts.of_permanence(permanence),
            None => facts,
        };
        match &self.operator {
            Some(operator) => facts.of_operator(operator),
            None => facts,
        }
    }

    /// What is known of it in a period, as far as that is over on `on`.
    #[must_use]
    pub fn facts<'a>(&'a self, known: &'a [Known], period: Period, on: NaiveDate) -> Facts<'a> {
        let known: Vec<&Known> = known.iter().filter(|known| self.has(known)).collect();
        self.narrow(Facts::new(&known, period, on))
    }

    /// The same in groups, in the order of their keys.
    #[must_use]
    pub fn groups<'a>(
        &'a self,
        by: By,
        known: &'a [Known],
        period: Period,
        on: NaiveDate,
    ) -> Vec<(Group, Facts<'a>)> {
        let known: Vec<&Known> = known.iter().filter(|known| self.has(known)).collect();
        let of = |some: &[&'a Known]| self.narrow(Facts::new(some, period, on));
        match by {
            By::Experiment => known
                .iter()
                .map(|known| (experiment(known), of(&[known])))
                .collect(),
            By::Permanence => permanences(&known)
                .into_iter()
                .map(|(group, id, known)| (group, of(&[known]).of_permanence(id)))
                .collect(),
            By::Model | By::Departement => {
                let mut groups: BTreeMap<Group, Vec<&Known>> = BTreeMap::new();
                for known in known {
                    let group = if by == By::Model {
                        model(known)
                    } else {
                        departement(known)
                    };
                    groups.entry(group).or_default().push(known);
                }
                let groups = groups.into_iter();
                groups.map(|(group, some)| (group, of(&some))).collect()
            }
            By::Operator => {
                let facts = of(&known);
                let names = operator_names(&facts);
                let operators = facts.operators().into_iter();
                operators
                    .map(|code| {
                        let label = names.get(code).copied().unwrap_or(code.as_str());
                        let group = Group {
                            key: code.as_str().to_owned(),
                            label: label.to_owned(),
                        };
                        (group, facts.clone().of_operator(code))
                    })
                    .collect()
            }
            By::Week | By::Month => spans(by, period)
                .filter(|(_, span)| span.from <= on)
                .map(|(group, span)| (group, self.narrow(Facts::new(&known, span, on))))
                .collect(),
        }
    }
}

impl By {
    /// Whether an indicator can be broken down so.
    #[must_use]
    pub const fn suits(self, grain: Grain) -> bool {
        match self {
            Self::Experiment => true,
            Self::Permanence => grain.permanence,
            Self::Model | Self::Departement => grain.several,
            Self::Operator => grain.operator,
            Self::Week | Self::Month => grain.time,
        }
    }
}

fn experiment(known: &Known) -> Group {
    let title = known.experiment.title();
    Group {
        key: known.id.to_string(),
        label: title.map_or_else(|| known.id.to_string(), ToString::to_string),
    }
}

fn model(known: &Known) -> Group {
    let model = known
        .experiment
        .launch
        .as_ref()
        .map(|launch| launch.what.model);
    let model = model.unwrap_or(DeliveryModel::Other);
    Group {
        key: model.code().to_owned(),
        label: model.name().to_owned(),
    }
}

fn departement(known: &Known) -> Group {
    let launch = known.experiment.launch.as_ref();
    let code = launch.map_or("", |launch| launch.what.hub.commune.departement());
    let name = place::departement_name(code).unwrap_or("département inconnu");
    Group {
        key: code.to_owned(),
        label: format!("{name} ({code})"),
    }
}

/// The permanences of some experiments, by identity, each named by its venue.
fn permanences<'a>(known: &[&'a Known]) -> Vec<(Group, PermanenceId, &'a Known)> {
    let mut found = Vec::new();
    for known in known {
        for (id, permanence) in known.permanences.iter() {
            let venue = permanence.venues().next();
            let venue = venue.and_then(|venue| known.venues.get(&venue));
            let name = venue.and_then(|venue| venue.agreed.as_ref());
            let label = name.map_or_else(|| id.to_string(), |name| name.what.name.to_string());
            let key = id.to_string();
            found.push((Group { key, label }, *id, *known));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The weeks or months of a period, the first and the last as far as they lie in it.
fn spans(by: By, period: Period) -> impl Iterator<Item = (Group, Period)> {
    let monthly = by == By::Month;
    let mut next = if monthly {
        period.from.with_day(1)
    } else {
        let after_monday = period.from.weekday().num_days_from_monday();
        period.from.checked_sub_days(Days::new(after_monday.into()))
    };
    std::iter::from_fn(move || {
        let first = next.filter(|first| *first <= period.until)?;
        next = if monthly {
            first.checked_add_months(Months::new(1))
        } else {
            first.checked_add_days(Days::new(7))
        };
        let last = next
            .and_then(|next| next.pred_opt())
            .unwrap_or(period.until);
        let label = if monthly {
            "%m/%Y"
        } else {
            "semaine du %d/%m/%Y"
        };
        let group = Group {
            key: first.format("%Y-%m-%d").to_string(),
            label: first.format(label).to_string(),
        };
        let span = Period {
            from: first.max(period.from),
            until: last.min(period.until),
        };
        Some((group, span))
    })
}
