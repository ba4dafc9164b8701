//! A disk without room: what was acknowledged stays, and what cannot be written is told.
#![cfg(unix)]

use serde_json::{Value, json};

use crate::support::{
    carnet::{command_id, merge, number},
    program::Program,
    words::launch,
};

const LAUNCH: &str = "mutation ($input: LaunchExperimentInput!) { launchExperiment(input: $input) { \
                      position userErrors { code } } }";
const HEAD: &str = "{ position }";
/// More than any disk of that size holds.
const LAUNCHES_MAX: u64 = 6000;

/// The `n`th launch, several kilobytes of it.
fn big(n: u64) -> Value {
    let id = format!("experiment-{}", command_id(n));
    let mut input = launch(json!({
        "commandId": command_id(n),
        "source": { "label": "Essai d'un disque plein" },
        "experimentId": id,
        "modelDetail": "é".repeat(4000),
    }));
    merge(&mut input, json!({ "synthetic": true }));
    json!({ "input": input })
}

const SUSPEND: &str = "mutation ($input: SuspendExperimentInput!) { \
                       suspendExperiment(input: $input) { position } }";

/// The suspension of the `n`th experiment.
fn suspension(n: u64) -> Value {
    json!({ "input": {
        "commandId": command_id(LAUNCHES_MAX + n),
        "source": { "label": "Essai d'un disque plein" },
        "experimentId": format!("experiment-{}", command_id(n)),
        "from": "2021-05-01",
        "reason": "Essai",
    }})
}

/// What the log begins with.
const FIRST_TOKEN: u64 = 1;

/// Catches a lost event, a false promise (\"nothing was written\"), a server that dies or will not
/// start again, or one that serves no more queries.
#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve_in_little_room(directory.path());
    let mut acknowledged = 0;
    let refused = loop {
        let answer = program.answer(LAUNCH, big(acknowledged + 1)).await;
        if answer.get("errors").is_some() {
            break answer;
        }
        acknowledged += 1;
        let position = number(&answer["data"]["launchExperiment"]["position"]);
        assert_eq!(position, FIRST_TOKEN + acknowledged);
        assert!(acknowledged < LAUNCHES_MAX, "the disk is never full");
    };
    assert!(acknowledged > 0);
    // Also what comes later, to a subject there is and to a new one.
    let of_the_first = program.answer(SUSPEND, suspension(1)).await;
    let of_a_new_one = program.answer(LAUNCH, big(LAUNCHES_MAX)).await;
    for answer in [&refused, &of_the_first, &of_a_new_one] {
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "LOG_READ_ONLY", "{answer}");
    }
    // Whoever only asks is served.
    assert_eq!(
        number(&program.data(HEAD, None).await["position"]),
        FIRST_TOKEN + acknowledged
    );
    let ready: Value = serde_json::from_str(&program.page("/health/ready").await).unwrap();
    assert_eq!(ready["readOnly"], true);
    let metrics = program.page("/metrics").await;
    assert!(metrics.contains("carnet_log_read_only 1"), "{metrics}");
    program.stop();

    // With room again: all that was acknowledged is there, and what was refused can be sent again.
    let program = Program::serve(directory.path(), &[]);
    let head = number(&program.data(HEAD, None).await["position"]) - FIRST_TOKEN;
    assert!(
        head == acknowledged || head == acknowledged + 1,
        "{acknowledged} were acknowledged, one more may have been written: {head}"
    );
    let again = program.answer(LAUNCH, big(acknowledged + 1)).await;
    let position = number(&again["data"]["launchExperiment"]["position"]);
    assert_eq!(position, FIRST_TOKEN + acknowledged + 1, "{again}");
    assert_eq!(
        number(&program.data(HEAD, None).await["position"]),
        position
    );
    program.stop();
}
