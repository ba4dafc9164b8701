//! The table itself: nothing of the schema without a row, no row without anything of the schema.

use std::collections::BTreeSet;

use carnet::{
    access::{
        page::page,
        policy::{Capability, ROLES},
        table::{FIELDS, SEALED, asked_for},
    },
    graphql::permit,
};

/// Would catch: a new field that nobody thought of who may see it.
#[test]
fn every_field_has_a_row() {
    let mut without = Vec::new();
    for (of, fields) in permit::fields() {
        for field in fields {
            if asked_for(of, field).is_none() {
                without.push(format!("{of}.{field}"));
            }
        }
    }
    assert_eq!(without, Vec::<String>::new(), "say who may see these");
}

/// Would catch: a row, or a name in one, of what was renamed or is gone, and that its new name is
/// governed by another.
#[test]
fn no_row_is_dead() {
    let schema = permit::fields();
    let mut dead = Vec::new();
    for row in FIELDS {
        let of: Vec<_> = schema.iter().filter(|(of, _)| row.tells_of(of)).collect();
        if of.is_empty() {
            dead.push(row.of.to_owned());
        }
        for (_, name) in row.named() {
            if !of.iter().any(|(_, fields)| fields.contains(&name)) {
                dead.push(format!("{}.{name}", row.of));
            }
        }
    }
    for (of, field) in SEALED {
        if !schema.get(of).is_some_and(|fields| fields.contains(field)) {
            dead.push(format!("{of}.{field}"));
        }
    }
    assert_eq!(dead, Vec::<String>::new(), "these are not in the schema");
}

/// Would catch: a field that is told of twice, and differently.
#[test]
fn nothing_is_told_of_twice() {
    let mut known = BTreeSet::new();
    for row in FIELDS {
        for (_, name) in row.named() {
            assert!(
                known.insert((row.of, name)),
                "{}.{name} stands twice",
                row.of
            );
        }
    }
    let types: Vec<&str> = permit::fields().into_keys().collect();
    for of in types {
        let rows = FIELDS.iter().filter(|row| row.tells_of(of));
        assert_eq!(rows.count(), 1, "{of} has not one row");
    }
}

/// Would catch: a type of which some field is open to strangers, and of which all new ones would be.
#[test]
fn what_is_open_is_named_field_by_field() {
    for row in FIELDS {
        let open = row.all == Some(Capability::Open);
        assert!(
            !open || row.of == "*Payload",
            "{} is open as a whole",
            row.of
        );
        let names = row.named().filter(|(asks, _)| *asks == Capability::Open);
        let open_in_part = names.count() > 0 && row.all.is_some();
        assert!(
            !open_in_part,
            "{} is open in part, and has a rule for the rest",
            row.of
        );
    }
}

/// Would catch: a capability that no line of the roles has, or one that has two.
#[test]
fn each_capability_has_one_line() {
    for capability in Capability::ALL {
        let lines = ROLES.iter().filter(|(line, _)| *line == capability);
        assert_eq!(lines.count(), 1, "{}", capability.name());
    }
}

/// Would catch: a page that tells readers of another policy than the program follows.
#[test]
fn the_committed_page_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.md");
    if std::env::var_os("CARNET_GUIDE").is_some_and(|asked| asked == "write") {
        std::fs::write(path, page()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == page(),
        "docs/policy.md is out of date: CARNET_GUIDE=write cargo test --test policy"
    );
}
