//! What operations cost, and what a caller may still spend.

use std::time::Duration;

use async_graphql::{SimpleObject, Variables, parser::parse_query};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    graphql::{
        cost::{by_field, cost},
        fault::Fault,
        guard,
        scalars::Instant,
    },
    limits::COST_BUDGET,
};

/// What a caller may spend in a minute, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// In a minute.
    pub limit: u32,
    /// What is left.
    pub remaining: u32,
    /// In how long all of it is there again.
    pub resets_in: Duration,
}

/// What a caller may still spend.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RateLimit {
    /// What it may spend in a minute, in units of cost.
    limit: i32,
    /// What is left of it.
    remaining: i32,
    /// When all of it is there again, if nothing more is asked.
    resets_at: Instant,
}

impl RateLimit {
    pub(in crate::graphql) fn new(allowance: &Allowance, now: DateTime<Utc>) -> Self {
        let until = TimeDelta::from_std(allowance.resets_in).unwrap_or(TimeDelta::MAX);
        Self {
            limit: int(allowance.limit.into()),
            remaining: int(allowance.remaining.into()),
            resets_at: now.checked_add_signed(until).unwrap_or(now).into(),
        }
    }
}

/// What an operation costs.
#[derive(SimpleObject)]
pub(in crate::graphql) struct OperationCost {
    /// All of it together.
    requested: i32,
    /// What one operation is given.
    budget: i32,
    /// Whether it would be executed.
    within_budget: bool,
    /// What each field of its root costs with all that is below it, by name.
    fields: Vec<FieldCost>,
}

/// What a field costs with all that is below it.
#[derive(SimpleObject)]
pub(in crate::graphql) struct FieldCost {
    /// The name it is answered under.
    field: String,
    /// What it costs.
    requested: i32,
}

impl OperationCost {
    pub(in crate::graphql) fn explain(
        text: &str,
        variables: &Variables,
        operation: Option<&str>,
    ) -> Result<Self, Fault> {
        guard::check(text).map_err(Fault::TooMuch)?;
        let document = parse_query(text).map_err(|error| Fault::Document {
            why: error.to_string(),
        })?;
        guard::check_expanded(&document).map_err(Fault::TooMuch)?;
        let cost = cost(&document, operation, variables);
        let fields = by_field(&document, operation, variables).into_iter();
        Ok(Self {
            requested: int(cost.requested),
            budget: int(COST_BUDGET),
            within_budget: !cost.is_too_much(),
            fields: fields
                .map(|(field, requested)| FieldCost {
                    field,
                    requested: int(requested),
                })
                .collect(),
        })
    }
}

/// As an `Int`, or the greatest there is.
fn int(figure: u64) -> i32 {
    i32::try_from(figure).unwrap_or(i32::MAX)
}
