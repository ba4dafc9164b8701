//! `docs/operations.md` is true: what it tells to type is typed, in order, and prints what it says;
//! and it knows every message it must.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::support::program::{Program, command};

const RUNBOOK: &str = include_str!("../../docs/operations.md");

/// The blocks of a page: what stands behind the fence, and what is in it.
fn blocks(page: &'static str) -> Vec<(&'static str, &'static str)> {
    let parts: Vec<&str> = page.split("```").collect();
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .map(|block| block.split_once('\n').unwrap())
        .collect()
}

/// What is another each time: identities, hashes.
fn masked(line: &str) -> String {
    let of_a_name = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    let mut masked = String::new();
    let mut name = String::new();
    for letter in line.trim_end().chars().chain(['\n']) {
        if of_a_name(letter) {
            name.push(letter);
            continue;
        }
        masked += if name.len() >= 32 { "#" } else { &name };
        name.clear();
        masked.push(letter);
    }
    masked.trim_end().to_owned()
}

/// Whether a printed line is the one that is told; `…` stands for anything at either end.
fn is_told(printed: &str, told: &str) -> bool {
    let (printed, told) = (masked(printed), masked(told));
    match (told.strip_prefix('…'), told.strip_suffix('…')) {
        (Some(_), Some(_)) => printed.contains(told.trim_matches('…').trim()),
        (Some(end), None) => printed.ends_with(end.trim()),
        (None, Some(begin)) => printed.starts_with(begin.trim()),
        (None, None) => printed == told,
    }
}

/// Types the commands of a block, and compares what they print with what stands under them.
fn type_in(place: &Path, block: &str) {
    let programs = Path::new(env!("CARGO_BIN_EXE_carnet")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display());
    let mut typed = block.split("$ ");
    assert_eq!(typed.next(), Some(""), "a block begins with a command");
    for command in typed {
        let (line, told) = command.split_once('\n').unwrap();
        let output = Command::new("/bin/sh")
            .args(["-c", line])
            .env_clear()
            .env("PATH", &path)
            .current_dir(place)
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let printed = errors + &String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{line}\n{printed}");
        let mut printed_lines = printed.lines();
        for told in told.lines() {
            let found = printed_lines.by_ref().any(|line| is_told(line, told));
            assert!(
                found,
                "{line}\nwas to print « {told} », and printed\n{printed}"
            );
        }
    }
}

#[tokio::test]
async fn the_runbook_is_rehearsed() {
    let place = tempfile::tempdir().unwrap();
    let mut rehearsed = 0;
    for (fence, block) in blocks(RUNBOOK) {
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let serving = fence
            .ends_with(" while-serving")
            .then(|| Program::served(command(place.path(), &serve)));
        match (fence.split(' ').next().unwrap(), &serving) {
            ("console", _) => type_in(place.path(), block),
            ("graphql", Some(program)) => {
                let answer: Value = program.data(block, None).await;
                assert_eq!(answer["logHead"]["position"], "32", "{answer}");
            }
            // Not a command of ours, but one of ours is in it.
            ("cron", None) => assert!(block.contains("&& carnet backup /"), "{block}"),
            _ => panic!("nobody rehearses ```{fence}"),
        }
        rehearsed += 1;
        if let Some(program) = serving {
            program.stop();
        }
    }
    assert!(rehearsed >= 13, "{rehearsed}");
}

/// Catches: a message at the start that nobody is told what to do about.
#[test]
fn the_runbook_knows_every_message_of_a_mended_or_refused_log() {
    let sources = [
        include_str!("../../src/log/mirrored/copies.rs"),
        include_str!("../../src/log/mirrored/decide.rs"),
        include_str!("../../src/log/mirrored/mend.rs"),
        include_str!("../../src/log/mirrored/survey.rs"),
    ];
    let mut known = 0;
    for source in sources {
        for literal in source.split('"').skip(1).step_by(2) {
            let beginnings = [
                "the mirror is",
                "the store is d",
                "the store cannot",
                "what the",
                "le ",
            ];
            let more = ["les deux copies", "{} et son miroir", "{} : {why} ; sans"];
            let told = beginnings
                .iter()
                .chain(&more)
                .any(|with| literal.starts_with(with));
            if !told {
                continue;
            }
            // Between what is filled in and what is broken over lines.
            let part = literal
                .trim_start_matches("{} : {why} ; ")
                .trim_start_matches("{} ");
            let part = part.split(['{', '(', '\\', ';']).next().unwrap().trim();
            assert!(
                RUNBOOK.contains(part),
                "« {part} » is not in docs/operations.md"
            );
            known += 1;
        }
    }
    assert!(known >= 17, "{known}");
}
