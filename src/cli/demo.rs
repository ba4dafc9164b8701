//! `carnet demo`: plays the file of mutations on the three experiments of 2021, through the same
//! schema as any client. Playing it again changes nothing: each command has its identity.

use std::sync::Arc;

use async_graphql::{Request, Value, parser::parse_query};

use super::{CliError, bar, say};
use crate::{app::App, clock::Clock, config::Config};

/// What the sources tell of the three experiments of 2021, conflicts included.
const DEMO: &str = include_str!("../../demo/experimentations-2021.graphql");

pub(super) async fn run(config: &Config, clock: Arc<dyn Clock>) -> Result<(), CliError> {
    let app = App::open(config, clock).await?;
    let played = play(&app).await;
    let head = app.log.head();
    app.close().await;
    let (commands, written) = played?;
    say(&format!(
        "{commands} commandes jouées, {written} événements inscrits ; le journal en compte {}.",
        head.position
    ));
    say(&format!("Empreinte du journal : {}", head.hash));
    Ok(())
}

/// Plays the whole file; answers how many commands it has and how many events they wrote anew.
pub(super) async fn play(app: &App) -> Result<(usize, u64), CliError> {
    let before = app.log.head().position;
    let names = operations()?;
    let bar = bar(names.len() as u64, "Démonstration [{bar:30}] {pos}/{len}");
    for name in &names {
        let request = Request::new(DEMO)
            .operation_name(name)
            .data(app.caller.clone());
        let answer = app.schema.execute(request).await;
        if let Some(error) = answer.errors.first() {
            return Err(CliError::Other(format!("{name} : {}", error.message)));
        }
        if let Some(message) = refusal(&answer.data) {
            return Err(CliError::Other(format!("{name} : {message}")));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let written = app.log.head().position.0 - before.0;
    Ok((names.len(), written))
}

/// The names of the file's operations, in the file's order.
fn operations() -> Result<Vec<String>, CliError> {
    let document = parse_query(DEMO)
        .map_err(|error| CliError::Other(format!("La démonstration ne se lit pas : {error}")))?;
    let mut named: Vec<_> = document
        .operations
        .iter()
        .filter_map(|(name, operation)| Some((operation.pos, name?.to_string())))
        .collect();
    named.sort();
    Ok(named.into_iter().map(|(_, name)| name).collect())
}

/// The first `userErrors` message of an answer.
fn refusal(data: &Value) -> Option<String> {
    let Value::Object(fields) = data else {
        return None;
    };
    fields.values().find_map(|payload| {
        let Value::Object(payload) = payload else {
            return None;
        };
        let Value::List(errors) = payload.get("userErrors")? else {
            return None;
        };
        errors.first().map(ToString::to_string)
    })
}
