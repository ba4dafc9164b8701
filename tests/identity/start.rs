//! The start: nobody is known by less than what was recorded before.

use std::sync::Arc;

use carnet::{
    access::Caller,
    app::App,
    clock::FixedClock,
    config::Config,
    domain::terms::{Label, Position},
    identity::Callers,
    projection::{Progress, Standing, store},
    read::ReadModels,
};
use futures_util::FutureExt;
use tokio::sync::watch;

use crate::harness::{in_time, start};

fn progress(position: u64) -> Progress {
    let standing = |name| Standing {
        name,
        position: Position(position),
        changed: Position(position),
        paused: None,
    };
    Progress {
        standings: vec![standing("token"), standing("holder")],
    }
}

/// Catches: a token that was revoked right before a crash, and holds again while the read models
/// catch up.
#[tokio::test]
async fn nobody_is_known_before_the_read_models_hold_what_was_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config {
        data_dir: directory.path().join("data"),
        ..Config::default()
    };
    let clock = Arc::new(FixedClock::new(start()));
    let app = App::open(&config, Arc::clone(&clock) as _).await.unwrap();
    let left = app.first_token().await.unwrap().unwrap();
    let recorded = app.log.head().position;
    app.close().await;
    let token = std::fs::read_to_string(left).unwrap();
    let shown = format!("Bearer {}", token.trim());

    let pool = store::open_readers(&config.read_models(), 1).await.unwrap();
    let (behind, seen) = watch::channel(progress(0));
    let reads = ReadModels::new(pool, seen);
    let callers = Callers::new(
        (reads, recorded),
        clock,
        Caller::stranger(Label::try_new("anonyme").unwrap()),
        None,
    )
    .unwrap();
    // Read already, so that nothing else is waited for.
    assert!(!callers.untouched().await.unwrap());
    let mut asked = Box::pin(callers.of(Some(&shown)));
    assert!((&mut asked).now_or_never().is_none(), "known by less");
    // Who shows nothing does not wait.
    assert!(callers.of(None).await.is_ok());
    behind.send_replace(progress(recorded.0));
    let known = in_time("who it is", asked).await.unwrap();
    assert!(known.caller.is_administrator());
}
