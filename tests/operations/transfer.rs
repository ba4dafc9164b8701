//! `carnet log export` and `carnet log import`.

use std::{fs, path::Path, process::Stdio};

use serde_json::Value;

use crate::{
    files::{
        change, contents, demo, fails, fork, frames, generate, hash, head, lines, segments, whole,
    },
    support::program::{Program, command, complaint, printed},
};

fn export(place: &Path, to: &str) -> String {
    printed(place, &["log", "export", to, "--data-dir", "data"])
}

fn import<'a>(from: &'a str, data: &'a str) -> [&'a str; 5] {
    ["log", "import", from, "--data-dir", data]
}

/// Catches: anything that is not the same log afterwards.
#[test]
fn what_is_exported_comes_back_as_it_was() {
    let place = demo();
    let place = place.path();
    generate(place, "1");
    let told = export(place, "ailleurs/export");
    let was = head(place, "data");
    assert!(told.contains(was["logId"].as_str().unwrap()), "{told}");
    assert_eq!(hash(&told), was["hash"]);
    let told = printed(place, &import("ailleurs/export", "neuf"));
    assert_eq!(hash(&told), was["hash"]);
    assert_eq!(head(place, "neuf"), was);
    assert_eq!(lines(place, "neuf"), lines(place, "data"));
    whole(place, "neuf");
    // Again, and into the log it comes from: nothing changes.
    for data in ["neuf", "data"] {
        printed(place, &import("ailleurs/export", data));
        assert_eq!(head(place, data), was);
    }
    // A mirror is an export too.
    printed(place, &import("data/mirror", "autre"));
    assert_eq!(head(place, "autre"), was);
}

/// Catches: an import that was interrupted and can neither go on nor begin again.
#[test]
fn an_import_goes_on_where_one_stopped() {
    let place = demo();
    let place = place.path();
    export(place, "debut");
    printed(place, &import("debut", "neuf"));
    generate(place, "1");
    export(place, "tout");
    printed(place, &import("tout", "neuf"));
    assert_eq!(head(place, "neuf"), head(place, "data"));
    whole(place, "neuf");
    // The other way round, nothing is taken away.
    let was = head(place, "neuf");
    let told = complaint(place, &import("debut", "neuf"));
    assert!(told.contains("n'est pas le début"), "{told}");
    assert_eq!(head(place, "neuf"), was);
}

/// Catches: an import or a restoration that was killed and leaves what no other can complete.
#[test]
fn a_killed_import_is_completed_by_the_next() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let arguments = ["generate", "--experiments", "300", "--data-dir", "data"];
    printed(place, &arguments);
    printed(place, &["backup", "sauve", "--data-dir", "data"]);
    let was = head(place, "data");
    let all = lines(place, "data").len();
    let imports: [&[&str]; 2] = [&["log", "import", "sauve/log"], &["restore", "sauve"]];
    let mut cut = 0;
    for (n, arguments) in imports.iter().cycle().take(6).enumerate() {
        let data = format!("neuf-{n}");
        let arguments = [*arguments, &["--data-dir", &data]].concat();
        let mut import = command(place, &arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mirror = place
            .join(&data)
            .join("mirror")
            .join("00000000000000000001.segment");
        let enough = 300_000 * n as u64 / 2;
        while import.try_wait().unwrap().is_none() {
            if fs::metadata(&mirror).is_ok_and(|of| of.len() > enough) {
                // SIGKILL.
                import.kill().unwrap();
                import.wait().unwrap();
                break;
            }
        }
        cut += usize::from(lines(place, &data).len() < all);
        printed(place, &arguments);
        assert_eq!(head(place, &data), was, "{n}");
        whole(place, &data);
    }
    assert!(cut > 0, "no import was killed in time");
}

/// Catches: two logs made one.
#[test]
fn nothing_is_imported_into_another_log_or_another_story() {
    let (one, other) = fork();
    export(one.path(), "export");
    let export = one.path().join("export");
    let export = import(export.to_str().unwrap(), "data");
    let was = head(other.path(), "data");
    let told = complaint(other.path(), &export);
    assert!(told.contains("n'est pas le début"), "{told}");
    assert_eq!(head(other.path(), "data"), was);
    let stranger = demo();
    let was = head(stranger.path(), "data");
    let told = complaint(stranger.path(), &export);
    assert!(told.contains("un autre journal"), "{told}");
    assert_eq!(head(stranger.path(), "data"), was);
    whole(stranger.path(), "data");
}

/// Catches: a half of a log imported, or the beginning of one before the damage is seen.
#[test]
fn a_damaged_or_cut_export_is_refused_before_anything_is_written() {
    type Harm<'a> = &'a dyn Fn(&mut Vec<u8>);
    let place = demo();
    let place = place.path();
    export(place, "export");
    let file = segments(&place.join("export"))[0].clone();
    let bytes = fs::read(&file).unwrap();
    let starts = frames(&bytes);
    let harms: [Harm<'_>; 5] = [
        &|bytes| bytes[starts[12] + 50] ^= 1,
        &|bytes| bytes.truncate(starts[12] + 50),
        &|bytes| bytes[9] ^= 1,
        &|bytes| bytes.extend([1; 9]),
        &|bytes| bytes.truncate(60),
    ];
    for (n, harm) in harms.iter().enumerate() {
        change(&file, |bytes| harm(bytes));
        let told = complaint(place, &import("export", "neuf"));
        assert!(told.contains("export"), "{n}: {told}");
        assert!(!place.join("neuf").exists(), "{n}: {told}");
        fs::write(&file, &bytes).unwrap();
    }
    fs::remove_file(&file).unwrap();
    let told = complaint(place, &import("export", "neuf"));
    assert!(told.contains("export n'a pas de journal"), "{told}");
    let told = complaint(place, &import("nulle-part", "neuf"));
    assert!(told.contains("nulle-part"), "{told}");
    assert!(!place.join("neuf").exists());
}

#[test]
fn an_export_overwrites_nothing() {
    let place = demo();
    let place = place.path();
    export(place, "export");
    let before = contents(&place.join("export"));
    let told = complaint(place, &["log", "export", "export", "--data-dir", "data"]);
    assert!(told.contains("export n'est pas vide"), "{told}");
    assert_eq!(contents(&place.join("export")), before);
    let told = fails(place, &["log", "export", "ailleurs", "--data-dir", "rien"]);
    assert!(
        told.contains("Il n'y a pas de journal dans rien."),
        "{told}"
    );
    assert!(!place.join("ailleurs").exists());
}

#[test]
fn people_and_other_tools_get_a_line_for_each_event() {
    let place = demo();
    let place = place.path();
    let arguments = [
        "log",
        "export",
        "--jsonl",
        "journal.jsonl",
        "--data-dir",
        "data",
    ];
    let told = printed(place, &arguments);
    assert!(told.contains("32 événements dans journal.jsonl."), "{told}");
    let written = fs::read_to_string(place.join("journal.jsonl")).unwrap();
    assert_eq!(written.lines().collect::<Vec<_>>(), lines(place, "data"));
    for (line, position) in written.lines().zip(1_u64..) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["position"], position);
        assert!(line["meta"]["source"]["label"].is_string(), "{line}");
        assert!(line["payload"].is_object(), "{line}");
    }
    let told = complaint(place, &arguments);
    assert!(told.contains("journal.jsonl existe déjà"), "{told}");
}

#[test]
fn an_empty_log_has_nothing_to_export_or_back_up() {
    let place = tempfile::tempdir().unwrap();
    let serve = ["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
    Program::served(command(place.path(), &serve)).stop();
    for arguments in [["log", "export", "export"].as_slice(), &["backup", "sauve"]] {
        let told = complaint(place.path(), &[arguments, &["--data-dir", "data"]].concat());
        assert!(told.contains("encore aucun événement"), "{told}");
    }
    whole(place.path(), "data");
}
