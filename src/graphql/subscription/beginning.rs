//! After which position a subscription begins, read off its document: so that whoever executes one for
//! many knows what sets them apart.

use async_graphql::{
    Name, Value as Const, Variables,
    parser::types::{OperationDefinition, OperationType, Selection},
};
use async_graphql_value::Value;

use crate::domain::terms::Position;

/// The fields whose items are each of their own position: the same for whoever asks, whenever.
const BY_EVENT: &[&str] = &["events", "experimentChanged"];
/// The argument that says after which position.
const AFTER: &str = "after";

/// Where a subscription begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// After this position; from now on where none is told.
    pub after: Option<Position>,
    /// The variable that tells it.
    pub variable: Option<Name>,
    /// Whether its items are each of their own position, whoever asks and whenever.
    pub by_event: bool,
}

/// Where a subscription begins; `None` where it is not one plain field, or what it says of its beginning
/// is for its execution to refuse.
#[must_use]
pub fn beginning(operation: &OperationDefinition, variables: &Variables) -> Option<Beginning> {
    let [selected] = operation.selection_set.node.items.as_slice() else {
        return None;
    };
    let Selection::Field(field) = &selected.node else {
        return None;
    };
    let field = &field.node;
    if operation.ty != OperationType::Subscription
        || !operation.directives.is_empty()
        || !field.directives.is_empty()
    {
        return None;
    }
    let by_event = BY_EVENT.contains(&field.name.node.as_str());
    let argument = field.get_argument(AFTER).map(|argument| &argument.node);
    let (told, variable) = match argument {
        None => (None, None),
        Some(Value::Variable(name)) => (given(operation, variables, name), Some(name.clone())),
        Some(value) => (Some(value.clone().into_const()?), None),
    };
    let after = match told {
        None | Some(Const::Null) => None,
        Some(told) => Some(position(&told)?),
    };
    Some(Beginning {
        after,
        variable,
        by_event,
    })
}

/// What a variable stands for.
fn given(operation: &OperationDefinition, variables: &Variables, name: &Name) -> Option<Const> {
    let given = variables.get(name).cloned();
    given.or_else(|| {
        let declared = operation.variable_definitions.iter();
        let mut declared = declared.filter(|variable| variable.node.name.node == *name);
        let default = declared.next()?.node.default_value.as_ref()?;
        Some(default.node.clone())
    })
}

/// A position as the scalar takes it, in its one plain form.
fn position(told: &Const) -> Option<Position> {
    let Const::String(text) = told else {
        return None;
    };
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain).map(Position)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use async_graphql::{
        Variables,
        parser::{parse_query, types::DocumentOperations},
    };
    use serde_json::{Value, json};

    use super::{Beginning, Position, beginning};

    fn of(document: &str, variables: Value) -> Option<Beginning> {
        let document = parse_query(document).unwrap();
        let DocumentOperations::Single(operation) = document.operations else {
            return None;
        };
        beginning(&operation.node, &Variables::from_json(variables))
    }

    #[expect(clippy::option_option, reason = "not told, told as nothing, told")]
    fn after(document: &str, variables: Value) -> Option<Option<Position>> {
        of(document, variables).map(|it| it.after)
    }

    #[test]
    fn a_beginning_is_read_however_it_is_told() {
        let by_variable = "subscription ($a: Position = \"7\") { events(after: $a) { id } }";
        for (document, variables, expected) in [
            ("subscription { events { id } }", json!({}), None),
            (
                "subscription { events(after: null) { id } }",
                json!({}),
                None,
            ),
            (
                "subscription { events(after: \"5\") { id } }",
                json!({}),
                Some(5),
            ),
            (by_variable, json!({ "a": "6" }), Some(6)),
            (by_variable, json!({}), Some(7)),
            (by_variable, json!({ "a": null }), None),
        ] {
            let told = after(document, variables);
            assert_eq!(told, Some(expected.map(Position)), "{document}");
        }
        let variable = of(by_variable, json!({})).unwrap().variable;
        assert_eq!(variable.unwrap().as_str(), "a");
    }

    /// Would catch: subscriptions taken for one that are not, or that are to be refused.
    #[test]
    fn what_is_not_plain_is_left_to_its_execution() {
        for document in [
            "subscription { ...F } fragment F on Subscription { events { id } }",
            "subscription { events @skip(if: false) { id } }",
            "subscription { events(after: \"x\") { id } }",
            "subscription { events(after: \"+5\") { id } }",
            "subscription { events(after: 5) { id } }",
            "{ position }",
        ] {
            assert_eq!(of(document, json!({})), None, "{document}");
        }
    }

    #[test]
    fn what_stands_is_told_from_what_is_told_by_event() {
        let by_event = |document| of(document, json!({})).unwrap().by_event;
        assert!(by_event(
            "subscription { a: experimentChanged(id: \"x\") { position } }"
        ));
        assert!(!by_event("subscription { programmeSummary { position } }"));
    }
}
