//! One operation, whatever it is, from what was sent to all that it tells.

use std::{pin::pin, sync::Arc};

use async_graphql::{Response as Answer, ServerError};
use futures_util::{Stream, StreamExt};
use tokio::{sync::watch, task::JoinHandle};
use tracing::Instrument;

use super::{Standing, Subscriber, Told};
use crate::{
    access::Caller,
    graphql,
    http::{
        Server,
        operation::tell_cost,
        parameters::{Admitted, Parameters, request_error},
        rate::Purse,
        stopping,
        traced::Traced,
    },
    limits,
};

/// What comes of an operation, step by step.
pub(in crate::http) enum Outcome {
    /// It goes on: where it stands is told by this.
    Follows(Standing),
    /// What it tells.
    Told(Told),
    /// There is nothing to come.
    Complete,
    /// There is more to come, but not from here: the server stops.
    Cut,
}

/// What an operation has become once it was admitted.
enum Begun {
    Told(Told),
    Follows(Subscriber, Traced),
}

/// A task that ends with whoever waits for it.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Carries an operation out in a task of its own, so that it is not held up in its midst by whoever takes
/// what it tells.
pub(in crate::http) fn carry_out(
    server: Arc<Server>,
    (caller, purse, traced): (Caller, Purse, Traced),
    parameters: Result<Parameters, ServerError>,
    span: tracing::Span,
) -> impl Stream<Item = Outcome> + Send + 'static {
    let stop = server.stop.clone();
    let begin = begin(server, (caller, purse, traced), parameters);
    let mut task = Task(tokio::spawn(begin.instrument(span)));
    async_stream::stream! {
        match (&mut task.0).await {
            Ok(Begun::Follows(subscriber, traced)) => {
                yield Outcome::Follows(subscriber.standing());
                let mut outcomes = pin!(follow(subscriber, stop, traced));
                while let Some(outcome) = outcomes.next().await {
                    yield outcome;
                }
            }
            Ok(Begun::Told(told)) => {
                let ends = matches!(told, Told::Failed(_));
                yield Outcome::Told(told);
                if !ends {
                    yield Outcome::Complete;
                }
            }
            Err(error) => {
                tracing::error!(%error, "an operation had panicked");
                let message = "Une erreur interne est survenue.";
                yield Outcome::Told(request_error("INTERNAL", message).into());
            }
        }
    }
}

/// All that one who follows is told, until the server stops.
pub(in crate::http) fn follow(
    mut subscriber: Subscriber,
    mut stop: watch::Receiver<bool>,
    mut traced: Traced,
) -> impl Stream<Item = Outcome> + Send + 'static {
    async_stream::stream! {
        loop {
            let told = tokio::select! {
                biased;
                () = stopping(&mut stop) => {
                    traced.completed();
                    yield Outcome::Cut;
                    return;
                }
                told = subscriber.next() => told,
            };
            match told {
                Some(told @ Told::Failed(_)) => {
                    if let Told::Failed(errors) = &told {
                        errors.iter().take(1).for_each(|error| traced.error(error));
                    }
                    yield Outcome::Told(told);
                    return;
                }
                Some(told) => {
                    traced.followed();
                    yield Outcome::Told(told);
                }
                None => {
                    traced.completed();
                    yield Outcome::Complete;
                    return;
                }
            }
        }
    }
}

async fn begin(
    server: Arc<Server>,
    (caller, purse, mut traced): (Caller, Purse, Traced),
    parameters: Result<Parameters, ServerError>,
) -> Begun {
    let at = graphql::now(&server.schema, &caller);
    let admitted = match (purse.spend(limits::REQUEST_COST), parameters) {
        (Ok(_), Ok(parameters)) => {
            let at = (at, &traced);
            parameters.admit(&server, &caller, &purse, at).await
        }
        (Ok(_), Err(refused)) => Err(refused.into()),
        (Err(wait), _) => Err(wait.into()),
    };
    match admitted.map_err(ServerError::from) {
        Err(error) => {
            traced.error(&error);
            Begun::Told(error.into())
        }
        Ok(admitted) if admitted.kind.follows => {
            let followed = server.live.follow(&server.schema, &caller, admitted, None);
            match followed {
                Ok(subscriber) => Begun::Follows(subscriber, traced),
                Err(error) => {
                    traced.error(&error);
                    Begun::Told(error.into())
                }
            }
        }
        Ok(admitted) => {
            let answer = graphql::finish_for(answered(&server, admitted).await, &caller);
            traced.answered(&answer);
            Begun::Told(Told::one(answer, None, &caller, true))
        }
    }
}

/// The one answer to what does not go on, within the time that an operation has.
pub(in crate::http) async fn answered(server: &Server, admitted: Admitted) -> Answer {
    let cost = admitted.cost;
    let executed = server.schema.execute(admitted.request);
    let executed = tokio::time::timeout(limits::OPERATION, executed).await;
    let mut answer = executed.unwrap_or_else(|_| {
        Answer::from_errors(vec![request_error(
            "DEADLINE",
            "L'opération a dépassé le temps qui lui est donné.",
        )])
    });
    tell_cost(&mut answer, cost);
    answer
}
