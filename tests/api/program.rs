//! The real program, command by command.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::support::program::{Program, after, command, complaint, printed};

const QUERIES: &str = include_str!("../../demo/trois-requetes.graphql");
const SCHEMA: &str = include_str!("../../schema.graphql");
const DATA: [&str; 2] = ["--data-dir", "data"];

async fn three_queries(program: &Program) -> Value {
    let mut answers = json!({});
    for operation in ["EnCours", "Calendrier", "Historique"] {
        answers[operation] = program.data(QUERIES, Some(operation)).await;
    }
    answers
}

#[tokio::test]
async fn the_demo_answers_its_three_queries_before_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path(), &["--demo"]);
    assert!(
        program.printed.contains("32 commandes, 32 événements"),
        "{}",
        program.printed
    );
    assert!(
        program.printed.contains(QUERIES.trim()),
        "{}",
        program.printed
    );
    assert!(
        program
            .printed
            .contains(&format!("http://{}/graphiql", program.address))
    );
    let hash = after(&program.printed, "empreinte du journal :").to_owned();
    assert!(
        hash.len() >= 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{hash}"
    );

    let answers = three_queries(&program).await;
    let running = &answers["EnCours"]["experiments"];
    assert_eq!(running["totalCount"], 3);
    let titles: Vec<&Value> = running["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| &node["title"])
        .collect();
    assert_eq!(titles, ["Agen", "Mortagne-du-Nord", "Vigny"]);
    assert_eq!(
        running["nodes"][2]["hub"]["commune"],
        json!({ "name": "Vigny", "code": "95658" })
    );

    let calendar = &answers["Calendrier"]["experiment"]["calendar"];
    let dates: Vec<&str> = calendar["occurrences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|occurrence| occurrence["date"].as_str().unwrap())
        .collect();
    // Tuesdays in Grisy, Wednesdays in Cormeilles.
    assert_eq!(
        dates,
        [
            "2021-05-04",
            "2021-05-05",
            "2021-05-11",
            "2021-05-12",
            "2021-05-18",
            "2021-05-19",
            "2021-05-25",
            "2021-05-26"
        ]
    );
    let ends = &answers["Calendrier"]["experiment"]["assertedEnds"];
    assert_eq!(ends[0]["words"], "trois mois minimum");

    let history = answers["Historique"]["experiment"]["history"]["edges"]
        .as_array()
        .unwrap();
    assert_eq!(history.len(), 9);
    assert!(
        history[5]["node"]["sentence"]
            .as_str()
            .unwrap()
            .contains("30 juin 2021"),
        "{}",
        history[5]
    );
    let ready = program.page("/health/ready").await;
    assert!(ready.contains("\"head\":33"), "{ready}");
    let metrics = program.page("/metrics").await;
    assert!(
        metrics.contains("carnet_log_events_total 33\n"),
        "{metrics}"
    );
    program.stop();

    // The demonstration is not played again, and nothing has changed.
    let program = Program::serve(directory.path(), &["--demo"]);
    assert!(
        !program.printed.contains("Démonstration"),
        "{}",
        program.printed
    );
    assert_eq!(after(&program.printed, "empreinte du journal :"), hash);
    assert_eq!(three_queries(&program).await, answers);
    program.stop();
}

/// Catches two writers on one log.
#[test]
fn a_second_process_on_the_same_data_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path(), &[]);
    let serve: &[&str] = &["serve", "--listen", "127.0.0.1:0"];
    for arguments in [serve, &["demo"], &["events"], &["rebuild"]] {
        let arguments = [arguments, &DATA].concat();
        let told = complaint(directory.path(), &arguments);
        assert!(
            told.contains("Un autre processus carnet tient ce journal ouvert"),
            "{told}"
        );
        assert!(told.contains("--data-dir"), "{told}");
    }
    program.stop();
    printed(directory.path(), &["events", "--data-dir", "data"]);
}

#[test]
fn the_demo_played_twice_writes_nothing_the_second_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = printed(directory.path(), &["demo", "--data-dir", "data"]);
    assert!(
        first.contains("32 commandes jouées, 32 événements inscrits ; le journal en compte 32."),
        "{first}"
    );
    let second = printed(directory.path(), &["demo", "--data-dir", "data"]);
    assert!(
        second.contains("32 commandes jouées, 0 événements inscrits ; le journal en compte 32."),
        "{second}"
    );
    let hash = |text| after(text, "Empreinte du journal :").to_owned();
    assert_eq!(hash(&first), hash(&second));
}

#[test]
fn a_rebuild_finds_what_was_served() {
    let directory = tempfile::tempdir().unwrap();
    printed(directory.path(), &["demo", "--data-dir", "data"]);
    let told = printed(directory.path(), &["rebuild", "--data-dir", "data"]);
    assert!(told.contains("jusqu'à la position 32."), "{told}");
    assert_eq!(
        told.matches("identique à ce qui était servi").count(),
        15,
        "{told}"
    );
    assert!(!told.contains("DIFFÉRENT"), "{told}");
}

#[test]
fn the_log_is_printed_for_people_and_for_programs() {
    let directory = tempfile::tempdir().unwrap();
    printed(directory.path(), &["demo", "--data-dir", "data"]);
    let text = printed(directory.path(), &["events", "--data-dir", "data"]);
    let told = after(&text, "     1  ");
    assert!(told.starts_with("2021-04-08  "), "{told}");
    assert_eq!(text.matches("inscrit le ").count(), 32, "{text}");
    assert!(
        text.contains("par opérateur local ; source : Préfecture du Nord"),
        "{text}"
    );

    let json = printed(
        directory.path(),
        &["events", "--json", "--data-dir", "data"],
    );
    let lines: Vec<Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 32);
    for (index, line) in lines.iter().enumerate() {
        assert_eq!(line["position"], index + 1, "{line}");
    }
    let from = printed(
        directory.path(),
        &["events", "--json", "--after", "19", "--data-dir", "data"],
    );
    let expected: Vec<&str> = json.lines().skip(19).collect();
    assert_eq!(from.lines().collect::<Vec<&str>>(), expected);
}

/// Catches `carnet events | head`: a reader who has read enough is no failure.
#[test]
fn a_reader_who_has_read_enough_is_no_failure() {
    let directory = tempfile::tempdir().unwrap();
    printed(directory.path(), &["demo", "--data-dir", "data"]);
    for arguments in [&["events"][..], &["events", "--json"], &["schema"]] {
        let mut process = command(directory.path(), &[arguments, &DATA].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Nobody reads a byte.
        drop(process.stdout.take());
        let mut complaint = String::new();
        let mut errors = BufReader::new(process.stderr.take().unwrap());
        while errors.read_line(&mut complaint).unwrap() > 0 {}
        let status = process.wait().unwrap();
        assert!(
            !complaint.contains("panicked"),
            "{arguments:?}: {complaint}"
        );
        assert_eq!(status.code(), Some(0), "{arguments:?}: {complaint}");
    }
}

#[test]
fn the_schema_that_is_printed_is_the_one_that_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(printed(directory.path(), &["schema"]), SCHEMA);
}

/// Catches a program that a damaged read model keeps from starting: it is only a copy.
#[tokio::test]
async fn a_damaged_read_model_is_built_anew_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let first = Program::serve(directory.path(), &["--demo"]);
    let answers = three_queries(&first).await;
    first.stop();
    let database = directory.path().join("data").join("read.sqlite");
    assert!(database.exists());
    std::fs::write(&database, b"no database at all, but some bytes").unwrap();
    let second = Program::serve(directory.path(), &[]);
    assert_eq!(three_queries(&second).await, answers);
    second.stop();
}
