//! The worked example: what is invented says so, its report is verified, and one whose figure was
//! changed is not.

use std::{fs, path::Path};

use calamine::{Data, Reader, open_workbook_auto};
use serde_json::{Value, json};

use crate::{
    files::{head, lines},
    support::program::{Program, after, complaint, printed, run},
};

const VIGNY: &str = "experiment-00000000-0000-7000-8000-000000000101";
const NOTICE: &str = "Données synthétiques";
/// Events that the demonstration has, which its sources tell.
const TOLD: usize = 32;

/// A directory whose `data` holds the example.
fn example() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let told = printed(place.path(), &["example", "--data-dir", "data"]);
    assert!(
        told.contains("32 événements que disent les sources"),
        "{told}"
    );
    place
}

/// Drafts the report on Vigny's first three months.
fn draft(place: &Path, file: &str, more: &[&str]) {
    let of = ["--experiment", VIGNY, "--from", "2021-04-27"];
    let until = ["--until", "2021-07-26", "--data-dir", "data"];
    printed(
        place,
        &[&["report", "draft", file], &of[..], &until, more].concat(),
    );
}

/// Changes one digit of the first figure that has a value; answers its indicator.
fn change_a_digit(content: &mut Value) -> String {
    let figures = content["figures"].as_array_mut().unwrap();
    for figure in figures {
        let code = figure["indicator"].as_str().unwrap().to_owned();
        for measure in figure["measures"].as_array_mut().unwrap() {
            if let Some(value) = measure["value"].as_str() {
                let at = value.find(|letter: char| letter.is_ascii_digit()).unwrap();
                let other = if &value[at..=at] == "7" { "8" } else { "7" };
                measure["value"] = format!("{}{other}{}", &value[..at], &value[at + 1..]).into();
                return code;
            }
        }
    }
    panic!("no figure has a value: {content}")
}

/// Catches: something invented that passes for what a source told, also on one sheet of a workbook.
#[test]
fn what_the_example_invents_says_so() {
    let place = example();
    let events = lines(place.path(), "data");
    assert!(events.len() > 10 * TOLD, "{} events", events.len());
    for (index, line) in events.iter().enumerate() {
        let event: Value = serde_json::from_str(line).unwrap();
        let label = event["meta"]["source"]["label"].as_str().unwrap();
        let invented = index >= TOLD;
        assert_eq!(event["meta"]["synthetic"] == true, invented, "{event}");
        assert_eq!(
            label == "Exemple synthétique, graine 42",
            invented,
            "{event}"
        );
    }
    draft(place.path(), "rapport.xlsx", &[]);
    let mut workbook = open_workbook_auto(place.path().join("rapport.xlsx")).unwrap();
    let sheets = workbook.worksheets();
    assert!(sheets.len() > 3, "{} sheets", sheets.len());
    for (name, cells) in sheets {
        let mut texts = cells.used_cells().filter_map(|(_, _, cell)| {
            if let Data::String(text) = cell {
                Some(text)
            } else {
                None
            }
        });
        assert!(texts.any(|text| text.starts_with(NOTICE)), "{name}");
    }
}

/// Catches: a verification that lets a changed figure pass, or that refuses the right one.
#[test]
fn a_report_on_the_example_is_verified_and_a_changed_one_is_not() {
    let place = example();
    draft(place.path(), "contenu.json", &["--format", "contenu"]);
    let verify = ["report", "verify", "contenu.json", "--data-dir", "data"];
    let told = printed(place.path(), &verify);
    let (same, _) = told.split_once(" chiffres recalculés").unwrap();
    let same: usize = same.lines().last().unwrap().parse().unwrap();
    assert!(same > 20, "{told}");
    assert!(!told.contains("ÉCART"), "{told}");

    let path = place.path().join("contenu.json");
    let mut content: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let notice = content["document"]["synthetic"].as_str().unwrap();
    assert!(notice.starts_with(NOTICE), "{notice}");
    let changed = change_a_digit(&mut content);
    fs::write(&path, content.to_string()).unwrap();
    let output = run(place.path(), &verify);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    let complained = after(&told, "ÉCART : ");
    assert!(complained.starts_with(&changed), "{told}");
    // The figure, and the report as it is composed.
    assert_eq!(told.matches("ÉCART").count(), 2, "{told}");
}

/// Catches: a verification that looks at figures only, and lets the text say otherwise, or that takes
/// a report without figures, with other definitions or fewer entries cited, for one that is right.
#[test]
fn whatever_else_is_changed_of_a_report_is_found() {
    let place = example();
    draft(place.path(), "contenu.json", &["--format", "contenu"]);
    let path = place.path().join("contenu.json");
    let right = fs::read_to_string(&path).unwrap();
    let content = || -> Value { serde_json::from_str(&right).unwrap() };
    let mut without = content();
    without["figures"] = json!([]);
    let mut defined = content();
    defined["definitions"][0]["text"] = json!("Tout va bien.");
    let mut withheld = content();
    for figure in withheld["figures"].as_array_mut().unwrap() {
        for measure in figure["measures"].as_array_mut().unwrap() {
            measure["suppressed"] = json!(true);
        }
    }
    let text = right.replacen("Vigny", "Ailleurs", 1);
    let changed = [without, defined, withheld].map(|content| content.to_string());
    for changed in changed.into_iter().chain([text]) {
        assert_ne!(changed, right);
        fs::write(&path, changed).unwrap();
        let output = run(
            place.path(),
            &["report", "verify", "contenu.json", "--data-dir", "data"],
        );
        assert_eq!(output.status.code(), Some(1), "{output:?}");
    }
}

const REPORT: &str = "report-00000000-0000-7000-8000-000000000901";

/// Publishes a report on Vigny's first three months.
async fn publish(program: &Program) {
    let publishing = format!(
        r#"mutation {{ publishReport(input: {{
            commandId: "00000000-0000-7000-8001-000000000901"
            source: {{ label: "Exemple synthétique" }}
            synthetic: true
            reportId: "{REPORT}"
            experimentId: "{VIGNY}"
            period: {{ from: "2021-04-27", until: "2021-07-26" }}
            audience: EVALUATOR
            knownAt: "1319"
            validAt: "2021-07-27"
        }}) {{ userErrors {{ message }} }} }}"#
    );
    let told = program.data(&publishing, None).await;
    assert_eq!(told["publishReport"]["userErrors"], json!([]), "{told}");
}

/// Catches: a published report that is missing from the list, is written otherwise than it was
/// published, or is verified from anything but the log.
#[tokio::test(flavor = "multi_thread")]
async fn a_published_report_is_listed_exported_and_verified() {
    let place = example();
    let list = ["report", "list", "--data-dir", "data"];
    assert_eq!(
        printed(place.path(), &list),
        "Aucun rapport n'est publié.\n"
    );
    let program = Program::serve(place.path(), &[]);
    publish(&program).await;
    let path = format!("/reports/{REPORT}/contenu.json");
    let served = program.page(&path).await;
    program.stop();

    let told = printed(place.path(), &list);
    assert!(told.starts_with(REPORT), "{told}");
    assert!(
        told.ends_with("2021-04-27 – 2021-07-26  évaluateurs  Vigny\n"),
        "{told}"
    );
    let export = |file| {
        let contenu = ["--format", "contenu", "--data-dir", "data"];
        printed(
            place.path(),
            &[&["report", "export", REPORT, file], &contenu[..]].concat(),
        )
    };
    export("publie.json");
    let exported = fs::read_to_string(place.path().join("publie.json")).unwrap();
    assert_eq!(exported, served);
    let verify = |what| {
        printed(
            place.path(),
            &["report", "verify", what, "--data-dir", "data"],
        )
    };
    let verified = verify(REPORT);
    assert!(!verified.contains("ÉCART"), "{verified}");
    assert!(
        verified.contains(&format!("Publié : {REPORT}")),
        "{verified}"
    );
    assert_eq!(verified, verify("publie.json"));

    let other = REPORT.replace("901", "902");
    let told = complaint(
        place.path(),
        &["report", "verify", &other, "--data-dir", "data"],
    );
    assert!(told.contains("Aucun rapport n'est publié sous"), "{told}");
}

/// Catches: an invented activity beside the records of those who keep a notebook.
#[test]
fn the_example_is_played_into_an_empty_log_only() {
    let place = tempfile::tempdir().unwrap();
    printed(place.path(), &["demo", "--data-dir", "data"]);
    let before = head(place.path(), "data");
    let told = complaint(place.path(), &["example", "--data-dir", "data"]);
    assert!(told.contains("dans un journal neuf"), "{told}");
    assert_eq!(head(place.path(), "data"), before);
}

/// Catches: an example that is another each time, or the same whatever the seed.
#[test]
fn a_seed_gives_one_example() {
    let of = |seed| format!("{:?}", carnet::generate::example(seed).unwrap());
    assert_eq!(of(42), of(42));
    // Identities and sources tell the seed in any case; how much was done must too.
    let lengths = |seed| -> Vec<usize> {
        let pages = carnet::generate::example(seed).unwrap();
        pages.iter().map(|page| page.entries.len()).collect()
    };
    assert_ne!(lengths(42), lengths(43));
}
