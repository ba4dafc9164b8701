//! Every field of the schema in every role: allowed or refused as the table says.

use async_graphql::parser::parse_query;
use carnet::graphql::permit;
use serde_json::Value;

use crate::{
    documents::Documents,
    world::{BRAVO, World, administrator, everybody, over, stranger},
};
use carnet::access::{Reach, Role};

/// Would catch: a field that the pass over documents does not see, behind a fragment, an alias, an
/// interface; or one that it holds against another row.
#[test]
fn every_field_is_refused_to_who_may_not_and_to_nobody_else() {
    let documents = Documents::new().all(BRAVO);
    let mut refused = 0;
    for (who, caller) in everybody() {
        let may = caller.capabilities();
        for document in &documents {
            let wrapped = wrapped(&document.text);
            for text in [&document.text, &wrapped] {
                let parsed = parse_query(text).unwrap();
                let outcome = permit::check(&parsed, None, may);
                let expected = document.refused(may);
                let told = format!("{who}, {}: {text}", document.name());
                match (outcome, expected) {
                    (Ok(()), None) => {}
                    (Err(error), Some((_, field))) => {
                        let error = serde_json::to_value(&error).unwrap();
                        assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{told}");
                        let path = error["path"].as_array().unwrap();
                        assert_eq!(path.last().unwrap(), field, "{told}");
                        assert!(error["locations"][0]["line"].is_u64(), "{told}");
                        refused += 1;
                    }
                    (Ok(()), Some((of, field))) => panic!("{told}: {of}.{field} was let through"),
                    (Err(error), None) => panic!("{told}: {}", error.message),
                }
            }
        }
    }
    assert!(refused > 1_000, "only {refused} were refused");
}

/// The same, with its whole selection in a fragment that is spread.
fn wrapped(text: &str) -> String {
    let (root, rest) = text.split_once(' ').unwrap();
    let of = match root {
        "query" => "Query",
        _ => "Subscription",
    };
    format!("{root} {{ ...All }} fragment All on {of} {rest}")
}

/// Would catch: a type that nothing leads to but a payload, whose fields nobody held against the table.
#[test]
fn only_payloads_are_reached_by_mutations_alone() {
    let only: Vec<&str> = Documents::new()
        .unreached()
        .into_iter()
        .filter(|of| {
            !of.ends_with("Payload") && !["Mutation", "UserError", "IssuedToken"].contains(of)
        })
        .collect();
    assert_eq!(only, Vec::<&str>::new());
}

/// Would catch: a field that the table allows, and that fails when it is really asked for; or one that
/// is refused in a document, and answered nevertheless.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_answered() {
    let world = World::lived().await;
    let documents = Documents::new().all(BRAVO);
    for (who, caller) in everybody() {
        let may = caller.capabilities();
        for document in &documents {
            if document.text.starts_with("subscription") {
                continue;
            }
            let answer = world.ask(&caller, &document.text, Value::Null).await;
            let told = format!("{who}: {}\n{answer}", document.text);
            if document.refused(may).is_some() {
                assert_eq!(
                    answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
                    "{told}"
                );
                assert_eq!(answer["data"], Value::Null, "{told}");
            } else {
                assert_eq!(answer.get("errors"), None, "{told}");
            }
        }
    }
}

/// By hand, from what roles are for: the table might be wrong itself.
#[test]
fn the_roles_are_what_they_are_meant_to_be() {
    let samples = [
        ("{ reports { nodes { title content } } }", "SECFA"),
        (
            "{ labelledSites { nodes { name } } logHead { hash } }",
            "SECFA",
        ),
        (
            "{ operators { name } indicatorDefinitions { text } }",
            "SECFA",
        ),
        (
            "{ experiments { nodes { title carrier } totalCount } }",
            "ECFA",
        ),
        ("{ indicators { whole { figures { value } } } }", "ECFA"),
        ("{ fundingAgreements { nodes { amount } } }", "ECFA"),
        (
            "{ experiments { nodes { costSummary { actual { total { amount } } } } } }",
            "ECFA",
        ),
        (
            "{ experiments { nodes { sessions { edges { node { date } } } } } }",
            "ECA",
        ),
        ("{ experiments { nodes { advisers { role } } } }", "ECA"),
        ("{ events { edges { node { sentence } } } }", "ECA"),
        ("subscription { events { sentence } }", "ECA"),
        ("{ __schema { types { name } } }", "ECFA"),
        ("{ __type(name: \"Query\") { name } }", "ECFA"),
        (
            "{ reports { nodes { __typename history { edges { cursor } } } } }",
            "ECA",
        ),
        (
            "mutation { launchExperiment(input: {}) { position } }",
            "CA",
        ),
        ("mutation { recordCost(input: {}) { position } }", "CA"),
        (
            "mutation { signFundingAgreement(input: {}) { position } }",
            "FA",
        ),
        (
            "mutation { extendExperiment(input: {}) { position } }",
            "FA",
        ),
        ("mutation { publishReport(input: {}) { position } }", "EA"),
        (
            "mutation { fixSuccessCriteria(input: {}) { position } }",
            "EA",
        ),
        ("mutation { erasePerson(input: {}) { position } }", "A"),
        ("mutation { labelSite(input: {}) { position } }", "A"),
    ];
    let roles = [
        ('S', stranger()),
        ('E', over(Role::Evaluator, Reach::Programme)),
        ('C', over(Role::Carrier, Reach::Programme)),
        ('F', over(Role::Funder, Reach::Programme)),
        ('A', administrator()),
    ];
    for (document, allowed) in samples {
        let parsed = parse_query(document).unwrap();
        for (letter, caller) in &roles {
            let outcome = permit::check(&parsed, None, caller.capabilities());
            assert_eq!(
                outcome.is_ok(),
                allowed.contains(*letter),
                "{letter}: {document}"
            );
        }
    }
}

/// Would catch: a refusal that names the wrong operation's fields, or overlooks the one that is run.
#[test]
fn only_the_operation_that_is_run_is_held_against_the_table() {
    let document = "query Open { position } query Closed { experiments { totalCount } }";
    let parsed = parse_query(document).unwrap();
    let may = stranger().capabilities();
    assert!(permit::check(&parsed, Some("Open"), may).is_ok());
    assert!(permit::check(&parsed, Some("Closed"), may).is_err());
    // Of several of which none is named, the library runs none: none is let through either.
    assert!(permit::check(&parsed, None, may).is_err());
}
