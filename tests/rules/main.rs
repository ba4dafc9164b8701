//! The rules of the domain, told as stories: given what was recorded, when somebody writes an
//! entry, then these facts follow, or it is refused. Accepted entries are asked twice, and the
//! second time must add nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod access;
mod adviser;
mod assignment;
mod calendar;
mod corrections;
mod counts;
mod course;
mod criteria;
mod ends;
mod funding;
mod given;
mod holiday;
mod hours;
mod impact;
mod import;
mod launch;
mod operator;
mod permanence;
mod report;
mod sentence;
mod sessions;
mod site;
mod status;
mod terms;
mod venue;

use carnet::domain::refusal::Refusal;

/// The bug it catches: a refusal is added, or a rule is dropped, and no test tells it.
#[test]
fn every_refusal_is_told_by_a_test() {
    let stories = [
        include_str!("access.rs"),
        include_str!("adviser.rs"),
        include_str!("assignment.rs"),
        include_str!("calendar.rs"),
        include_str!("corrections.rs"),
        include_str!("counts.rs"),
        include_str!("course.rs"),
        include_str!("criteria.rs"),
        include_str!("ends.rs"),
        include_str!("funding.rs"),
        include_str!("hours.rs"),
        include_str!("impact.rs"),
        include_str!("import.rs"),
        include_str!("launch.rs"),
        include_str!("operator.rs"),
        include_str!("permanence.rs"),
        include_str!("report.rs"),
        include_str!("sessions.rs"),
        include_str!("site.rs"),
        include_str!("terms.rs"),
        include_str!("venue.rs"),
    ]
    .concat();
    let untold: Vec<&str> = Refusal::CODES
        .iter()
        .copied()
        .filter(|code| {
            let name = pascal(code);
            ["refused(Refusal::", "Err(Refusal::"]
                .iter()
                .all(|told| !names(&stories, told, &name))
        })
        .collect();
    assert_eq!(untold, [""; 0], "refusals that no test expects");
}

/// Whether `told` is followed by exactly `name` somewhere.
fn names(stories: &str, told: &str, name: &str) -> bool {
    stories.match_indices(told).any(|(at, _)| {
        stories[at + told.len()..]
            .strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

fn pascal(code: &str) -> String {
    code.split('_')
        .map(|word| word[..1].to_owned() + &word[1..].to_lowercase())
        .collect()
}
