//! What a subscription tells, as it is handed from whoever executes it to whoever delivers it.

use std::sync::Arc;

use async_graphql::{Response as Answer, ServerError, Value};

use super::super::answer::is_request_error;
use crate::{
    access::Caller,
    domain::terms::Position,
    graphql::{Following, finish_for},
};

/// What an operation tells. Its copies share their bytes.
#[derive(Debug, Clone)]
pub(in crate::http) enum Told {
    /// An answer, as JSON.
    Next {
        /// Its bytes.
        payload: Arc<str>,
        /// The position it is of, where it is one of several.
        position: Option<Position>,
        /// Whether there are errors in it.
        errors: bool,
    },
    /// It could not even begin, or go on: nothing follows.
    Failed(Arc<[ServerError]>),
}

impl Told {
    /// Of one answer of a subscription; `first` where nothing was told before.
    pub(super) fn of(answer: Answer, following: &Following, caller: &Caller, first: bool) -> Self {
        Self::one(answer, Some(following.position()), caller, first)
    }

    /// Of one answer.
    pub(super) fn one(
        answer: Answer,
        position: Option<Position>,
        caller: &Caller,
        first: bool,
    ) -> Self {
        let answer = finish_for(answer, caller);
        if first && is_request_error(&answer) {
            return Self::Failed(answer.errors.into());
        }
        match serde_json::to_string(&answer) {
            Ok(payload) => Self::Next {
                payload: payload.into(),
                // Of what could not be told, nobody goes on after it.
                position: position.filter(|_| answer.data != Value::Null),
                errors: !answer.errors.is_empty(),
            },
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                Self::Failed(Arc::new([]))
            }
        }
    }

    /// Whether nothing follows it.
    pub(in crate::http) const fn is_last(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    pub(super) fn is_error(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Next { errors: true, .. })
    }

    /// How many bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Next { payload, .. } => payload.len(),
            Self::Failed(errors) => errors.len() * size_of::<ServerError>(),
        }
    }
}

impl From<ServerError> for Told {
    fn from(error: ServerError) -> Self {
        Self::Failed(Arc::new([error]))
    }
}
