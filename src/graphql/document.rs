//! Documents, parsed once: what was asked once is often asked again, with other variables.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{
    Name, Value as Const, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection},
    },
};
use async_graphql_value::Value;
use moka::sync::Cache;

use super::{
    guard::{self, TooMuch},
    validate::{self, Invalid},
};
use crate::limits::{DOCUMENTS_PARSED_BYTES, PARSED_BYTES};

/// What keeping a document costs beside its text.
const ENTRY_BYTES: usize = 512;

/// A document, and what came of the rules that it was held against.
#[derive(Debug)]
pub struct Parsed {
    /// The document.
    pub document: ExecutableDocument,
    /// Whether it holds to the rules that the library lacks.
    pub valid: Result<(), Invalid>,
    /// How often the text of a subscription names each variable, where it is defined too.
    variables: BTreeMap<String, usize>,
}

impl Parsed {
    /// Whether a variable of a subscription stands in one place only, beside its one definition.
    #[must_use]
    pub fn is_named_once(&self, variable: &str) -> bool {
        self.variables.get(variable) == Some(&2)
    }
}

/// How often each variable of a subscription is named. What stands in a comment
/// or a text counts too: then it is only taken for more than it is.
fn named(text: &str, document: &ExecutableDocument) -> BTreeMap<String, usize> {
    let mut named = BTreeMap::new();
    let mut operations = document.operations.iter();
    if !operations.any(|(_, operation)| operation.node.ty == OperationType::Subscription) {
        return named;
    }
    let ignored = |character: char| character.is_whitespace() || ",\u{feff}".contains(character);
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    for behind in text.split('$').skip(1) {
        let rest = behind.trim_start_matches(ignored);
        let name = rest.split(|character| !is_name(character)).next();
        *named
            .entry(name.unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    // A comment between the sign and the name: which name that is, is not looked for.
    if named.contains_key("") {
        named.clear();
    }
    named
}

/// Parsed documents by their text, each of which passed the guard; its copies are one and the same.
#[derive(Debug, Clone)]
pub struct Documents(Cache<Arc<str>, Arc<Parsed>>);

impl Default for Documents {
    fn default() -> Self {
        let weight = |text: &Arc<str>, _: &Arc<Parsed>| {
            let bytes = text.len().saturating_mul(PARSED_BYTES);
            u32::try_from(bytes.saturating_add(ENTRY_BYTES)).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder()
            .max_capacity(DOCUMENTS_PARSED_BYTES)
            .weigher(weight)
            .build();
        Self(kept)
    }
}

impl Documents {
    /// The document that a text is; `None` where it cannot be parsed, which is for the execution to
    /// say.
    ///
    /// # Errors
    /// [`TooMuch`].
    pub fn parse(&self, text: &str) -> Result<Option<Arc<Parsed>>, TooMuch> {
        if let Some(known) = self.0.get(text) {
            return Ok(Some(known));
        }
        guard::check(text)?;
        let Ok(document) = parse_query(text) else {
            return Ok(None);
        };
        guard::check_expanded(&document)?;
        let valid = validate::check(text, &document);
        let variables = named(text, &document);
        let parsed = Arc::new(Parsed {
            document,
            valid,
            variables,
        });
        self.0.insert(text.into(), Arc::clone(&parsed));
        Ok(Some(parsed))
    }
}

/// Whether all that a query asks is of positions that it names: then its answer is never another. Not
/// of the beginning, at which nothing says which day it is.
#[must_use]
pub fn is_of_positions(operation: &OperationDefinition, variables: &Variables) -> bool {
    let mut selected = operation.selection_set.node.items.iter();
    operation.ty == OperationType::Query
        && selected.all(|selection| match &selection.node {
            Selection::Field(field) => match field.node.name.node.as_str() {
                "asOf" => names_position(&field.node, variables),
                name => name == "__typename",
            },
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
        })
}

fn names_position(field: &Field, variables: &Variables) -> bool {
    let is_position = |text: &str| text.parse::<u64>().is_ok_and(|position| position > 0);
    let is_const = |value: &Const| matches!(value, Const::String(text) if is_position(text));
    let known_at = field.get_argument("knownAt").map(|known_at| &known_at.node);
    let given = |name: &Name| variables.get(name);
    match known_at {
        Some(Value::Variable(name)) => {
            let given = given(name);
            matches!(given, Some(Const::Object(fields)) if fields.get(POSITION).is_some_and(is_const))
        }
        Some(Value::Object(fields)) => match fields.get(POSITION) {
            Some(Value::Variable(name)) => given(name).is_some_and(is_const),
            Some(Value::String(text)) => is_position(text),
            Some(
                Value::Null
                | Value::Number(_)
                | Value::Boolean(_)
                | Value::Binary(_)
                | Value::Enum(_)
                | Value::List(_)
                | Value::Object(_),
            )
            | None => false,
        },
        Some(
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_)
            | Value::List(_),
        )
        | None => false,
    }
}

/// By which of its ways `knownAt` names a position.
const POSITION: &str = "position";
