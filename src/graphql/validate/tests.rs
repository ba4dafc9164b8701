//! Each rule, with what it refuses and what lies next to it. The whole is held against graphql-js in
//! `tests/web`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use async_graphql::parser::parse_query;

use super::*;
use types::{Kind, innermost};

/// What is wrong with a document; nothing where it is right.
fn wrong(text: &str) -> String {
    let document = parse_query(text).unwrap();
    let invalid = check(text, &document).err();
    invalid.map(|invalid| invalid.why).unwrap_or_default()
}

fn refused(why: &str, documents: &[&str]) {
    for text in documents {
        let said = wrong(text);
        assert!(said.contains(why), "{text}: {said}");
    }
}

fn allowed(documents: &[&str]) {
    for text in documents {
        assert_eq!(wrong(text), "", "{text}");
    }
}

#[test]
fn a_subscription_follows_one_field() {
    refused(
        "un seul champ",
        &[
            "subscription { a: events { position } b: events { position } }",
            "subscription { ...F } fragment F on Subscription { a: events { id } ... { b: events { id } } }",
            "subscription { __typename }",
        ],
    );
    allowed(&[
        "subscription { events { position } events { id } }",
        "query { a: position b: position }",
    ]);
}

#[test]
fn an_input_has_each_field_once() {
    refused(
        "deux fois",
        &[
            "{ experiments(filter: { departement: \"1\", departement: \"2\" }) { totalCount } }",
            "query($a: F = { a: [{ b: 1 } { b: 1, b: 2 }] }) { position }",
            "{ position @a(b: { c: \"}\" # }\n c: 1 }) }",
        ],
    );
    allowed(&[
        "{ a: position b: position }",
        "{ experiments(filter: { departement: \"{ a: 1, a: 1 }\" }) { a: totalCount b: totalCount } }",
        "query($a: F = { a: { b: 1 } b: { a: 1 } }) { position }",
        "{ experiments(filter: { departement: \"\"\"a: \\\"\"\" a:\"\"\" }) { totalCount } }",
    ]);
    let text = "{\n  experiments(filter: { a: 1\n  a: 2 }) { totalCount } }";
    let invalid = check(text, &parse_query(text).unwrap()).unwrap_err();
    assert_eq!(invalid.at, [Pos { line: 3, column: 3 }]);
}

#[test]
fn a_value_is_of_its_type() {
    refused(
        "n'est pas du type",
        &[
            "{ experiments(first: 2147483648) { totalCount } }",
            "{ experiments(filter: \"all\") { totalCount } }",
            "{ experiments(filter: { model: [ROVING_DESK, \"ROVING_DESK\"] }) { totalCount } }",
            "{ ...F } fragment F on Query { experiments(first: \"1\") { totalCount } }",
            "query($a: Int = 99999999999) { experiments(first: $a) { totalCount } }",
        ],
    );
    allowed(&[
        "{ experiments(first: 2147483647) { totalCount } }",
        "{ experiments(filter: { model: ROVING_DESK }) { totalCount } }",
        "query($a: Int) { experiments(first: $a, filter: null) { totalCount } }",
    ]);
}

#[test]
fn a_variable_stands_where_its_type_may() {
    refused(
        "ne va pas",
        &[
            "query($a: ID) { experiment(id: $a) { id } }",
            "query($a: ID = null) { experiment(id: $a) { id } }",
            "query($a: ID!) { nodes(ids: $a) { id } }",
            "query($a: ID) { nodes(ids: [$a]) { id } }",
            "query($a: Boolean) { position @skip(if: $a) }",
            "query($a: Boolean) { __schema { types { fields(includeDeprecated: 1) { name @skip(if: $a) } } } }",
            "query($a: ID) { ...F } fragment F on Query { ...G } fragment G on Query { experiment(id: $a) { id } }",
            "query A($a: ID!) { ...F } query B($a: ID) { ...F } fragment F on Query { experiment(id: $a) { id } }",
            "query($a: DeliveryModel) { experiments(filter: { model: [$a] }) { totalCount } }",
        ],
    );
    allowed(&[
        "query($a: ID = \"x\") { experiment(id: $a) { id } }",
        "query($a: [ID!]!) { nodes(ids: $a) { id } }",
        "query($a: Int!) { experiments(first: $a) { totalCount } }",
        "query($a: Boolean) { __schema { types { fields(includeDeprecated: $a) { name } } } }",
    ]);
}

#[test]
fn the_one_field_of_an_input_is_never_null() {
    refused(
        "nulle",
        &["query($a: Position = \"1\") { asOf(knownAt: { position: $a }) { position } }"],
    );
    allowed(&["query($a: Position!) { asOf(knownAt: { position: $a }) { position } }"]);
}

#[test]
fn no_directive_stands_on_a_variable() {
    refused(
        "n'est pas d'une variable",
        &["query($a: Int @skip(if: true)) { experiments(first: $a) { totalCount } }"],
    );
}

#[test]
fn what_is_answered_under_one_name_is_one_thing() {
    let node = |selection: &str| format!("{{ node(id: \"x\") {{ {selection} }} }}");
    for selection in [
        "... on Experiment { a: title a: carrier }",
        "... on Experiment { hub { a: name } hub { a: commune { name } } }",
        "... on Experiment { hub { commune { a: name } } ... on Experiment { hub { commune { a: code } } } }",
        "... on Experiment { a: title } a: id",
        "... on Experiment { status(on: \"2021-05-06\") status(on: \"2021-05-07\") }",
        "... on Experiment { status status(on: \"2021-05-06\") }",
    ] {
        refused("mêmes arguments", &[&node(selection)]);
    }
    for selection in [
        "... on Experiment { a: title } ... on Operator { a: id }",
        "... on Experiment { a: hub { b: name } } ... on Permanence { a: experiment { b: version } }",
        "... on Experiment { a: permanences { id } } ... on Permanence { a: experiment { id } }",
    ] {
        refused("leurs types", &[&node(selection)]);
    }
    allowed(&[
        &node("... on Experiment { a: title } ... on Operator { a: name }"),
        &node("... on Experiment { id } id ... on Permanence { id }"),
        // Apart by their objects, and so is what lies below them, though an interface is asked too.
        &node(
            "... on Experiment { a: hub { b: name } } ... on Permanence { a: experiment { b: title } } id",
        ),
        &node("... on Experiment { status(on: \"2021-05-06\") status(on: \"2021-05-06\") }"),
    ]);
    refused(
        "mêmes arguments",
        &[
            "{ ...F ...G } fragment F on Query { a: position } fragment G on Query { a: recordedAt }",
        ],
    );
}

/// What lets the comparison look at each field so seldom.
#[test]
fn no_field_of_an_interface_has_fields() {
    let node = TYPES.kind("Node").unwrap();
    let Kind::Abstract(fields) = node else {
        panic!("{node:?}")
    };
    assert!(!fields.is_empty());
    assert_eq!(TYPES.interfaces().len(), 1);
    for field in fields.values() {
        let below = TYPES.kind(innermost(&field.ty));
        assert!(matches!(below, None | Some(Kind::Enum(_))), "{field:?}");
    }
}
