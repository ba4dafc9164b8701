//! Activity: what was done in sessions, counted.

use async_graphql::{Context, InputObject, Result, SimpleObject};

use super::session::{AppointmentOutcome, RequestOutcome};
use crate::{
    domain::{refusal::Refusal, session as domain, terms::Period},
    graphql::{
        api,
        fault::Fault,
        scalars::{Date, Position},
    },
    read::{At, activity as read},
};

/// A closed period of civil days.
#[derive(InputObject, Clone, Copy)]
pub(in crate::graphql) struct PeriodInput {
    /// The first day.
    from: Date,
    /// The last day, included.
    until: Date,
}

impl PeriodInput {
    pub(in crate::graphql) fn parse(self) -> Result<Period, Refusal> {
        Period::try_new(self.from.0, self.until.0)
    }
}

/// What was done in sessions, counted. Four units are never merged: sessions, accompaniments (one
/// visit of one user each), requests (one accompaniment may hold several), appointments.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Activity {
    /// The position of the log that the counts are of.
    position: Position,
    /// Sessions that were held.
    sessions_held: u64,
    /// Sessions that were cancelled.
    sessions_cancelled: u64,
    /// How long sessions were held in all, in minutes.
    held_minutes: u64,
    /// The same for each of those who held them, in minutes.
    adviser_minutes: u64,
    /// Accompaniments: one visit of one user each.
    accompaniments: u64,
    /// Requests: one accompaniment may hold several.
    requests: u64,
    /// Requests by operator and by what came of them.
    requests_by_operator: Vec<OperatorRequests>,
    /// Appointments booked.
    appointments_booked: u64,
    /// What became of appointments, where that was recorded.
    appointments_by_outcome: Vec<OutcomeAppointments>,
    /// Users turned away without being served.
    turned_away: u64,
    /// How often a user was asked for feedback.
    feedback_offered: u64,
    /// How often feedback was given.
    feedback_received: u64,
    /// How often a user who was asked declined.
    feedback_declined: u64,
}

/// Requests to one operator of which the same came.
#[derive(SimpleObject)]
pub(in crate::graphql) struct OperatorRequests {
    /// The code of the operator; absent where the requests lie out of the bundle of services.
    operator: Option<String>,
    /// What came of them.
    outcome: RequestOutcome,
    /// How many.
    requests: u64,
}

/// Appointments of which the same became.
#[derive(SimpleObject)]
pub(in crate::graphql) struct OutcomeAppointments {
    /// What became of them.
    outcome: AppointmentOutcome,
    /// How many.
    appointments: u64,
}

impl Activity {
    /// What was done in the sessions of a scope and period.
    pub(in crate::graphql) async fn read(
        ctx: &Context<'_>,
        at: At,
        scope: read::Scope,
        period: Option<PeriodInput>,
    ) -> Result<Self> {
        let api = api(ctx);
        let period = period.map(PeriodInput::parse).transpose();
        let period = period.map_err(Fault::from)?;
        let counted = api.reads.activity(at, scope, period).await;
        let counted = counted.map_err(|error| api.failed_read(&error))?;
        Ok(Self::new(at, &counted))
    }

    fn new(at: At, counted: &read::Activity) -> Self {
        let requests = |((operator, outcome), requests): (&(Option<String>, String), &u64)| {
            Some(OperatorRequests {
                operator: operator.clone(),
                outcome: domain::RequestOutcome::of_code(outcome)?.into(),
                requests: *requests,
            })
        };
        let appointments = |(outcome, appointments): (&String, &u64)| {
            Some(OutcomeAppointments {
                outcome: domain::AppointmentOutcome::of_code(outcome)?.into(),
                appointments: *appointments,
            })
        };
        Self {
            position: Position(at.position),
            sessions_held: counted.sessions_held,
            sessions_cancelled: counted.sessions_cancelled,
            held_minutes: counted.held_minutes,
            adviser_minutes: counted.adviser_minutes,
            accompaniments: counted.accompaniments,
            requests: counted.requests,
            requests_by_operator: counted.requests_by.iter().filter_map(requests).collect(),
            appointments_booked: counted.appointments_booked,
            appointments_by_outcome: counted
                .appointments_by
                .iter()
                .filter_map(appointments)
                .collect(),
            turned_away: counted.turned_away,
            feedback_offered: counted.feedback_offered,
            feedback_received: counted.feedback_received,
            feedback_declined: counted.feedback_declined,
        }
    }
}
