//! The policy on documents: what a caller may never be answered is refused before anything is
//! executed, with the path and the place of the first such field, whatever transport it came by.
//!
//! [`check`] walks the operation that is to be executed once, with its types, and each fragment of it
//! once. What a caller may see of the *data* is another matter: that is for `read` to say.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use async_graphql::{
    PathSegment, Pos, ServerError,
    parser::{
        parse_schema,
        types::{
            BaseType, ExecutableDocument, FieldDefinition, OperationDefinition, OperationType,
            Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
        },
    },
};

use crate::access::{
    policy::{Capabilities, Capability},
    table::{INTROSPECTION, asked_for},
};

/// The types of the schema and what their fields ask for: the table, as it is looked up.
static SHAPE: LazyLock<Shape> = LazyLock::new(|| Shape::of(&super::sdl()));

/// Every field of every type, with what it asks for and the type of what it answers.
#[derive(Debug, Default)]
struct Shape(HashMap<String, HashMap<String, Field>>);

#[derive(Debug)]
struct Field {
    asks: Capability,
    /// The type of its answer, stripped of lists and of what cannot be null.
    of: String,
}

impl Shape {
    /// The types of a schema. One that cannot be read has none: everything in it is then refused.
    fn of(sdl: &str) -> Self {
        let mut shape = Self::default();
        let document = parse_schema(sdl).map_err(|error| {
            tracing::error!(%error, "the schema cannot be read: every field of it is refused");
        });
        for definition in document
            .into_iter()
            .flat_map(|document| document.definitions)
        {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            let fields = match &definition.node.kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                TypeKind::Scalar
                | TypeKind::Union(_)
                | TypeKind::Enum(_)
                | TypeKind::InputObject(_) => continue,
            };
            let fields = fields.iter().map(|field| Self::field(&name, &field.node));
            let fields = fields.collect();
            shape.0.insert(name, fields);
        }
        shape
    }

    fn field(of: &str, field: &FieldDefinition) -> (String, Field) {
        let name = field.name.node.to_string();
        let asks = asked_for(of, &name).unwrap_or(Capability::Administer);
        let of = innermost(&field.ty.node).to_owned();
        (name, Field { asks, of })
    }
}

fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}

/// Every field of the schema, by type: for a test of the table, and for its page.
#[must_use]
pub fn fields() -> BTreeMap<&'static str, Vec<&'static str>> {
    let types = SHAPE.0.iter();
    types
        .map(|(of, fields)| {
            let mut fields: Vec<&str> = fields.keys().map(String::as_str).collect();
            fields.sort_unstable();
            (of.as_str(), fields)
        })
        .collect()
}

/// Refuses a document of which the operation of that name, or the one there is, selects what is none
/// of these capabilities.
///
/// # Errors
/// `FORBIDDEN`, with the path and the place of the first such field.
pub fn check(
    document: &ExecutableDocument,
    operation: Option<&str>,
    may: Capabilities,
) -> Result<(), ServerError> {
    let meant = document.operations.iter().filter(|(name, _)| {
        operation.is_none_or(|wanted| name.is_some_and(|name| name.as_str() == wanted))
    });
    for (_, operation) in meant {
        let mut walk = Walk {
            document,
            may,
            passed: HashSet::new(),
            path: Vec::new(),
        };
        let OperationDefinition {
            ty, selection_set, ..
        } = &operation.node;
        let root = match ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        if let Err(refused) = walk.set(root, &selection_set.node) {
            return Err(forbidden(walk.path, refused));
        }
    }
    Ok(())
}

/// A field that is refused: where it stands.
struct Refused(Pos);

struct Walk<'a> {
    document: &'a ExecutableDocument,
    may: Capabilities,
    /// The fragments that were looked at: whatever is spread a second time was passed the first.
    passed: HashSet<&'a str>,
    /// The way to the field that is looked at, as an answer would have it.
    path: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, of: &str, set: &'a SelectionSet) -> Result<(), Refused> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    self.path.push(field.node.response_key().node.as_str());
                    let found = SHAPE.0.get(of).and_then(|fields| fields.get(name));
                    if !self.allows(name, found) {
                        return Err(Refused(field.pos));
                    }
                    if let Some(found) = found {
                        self.set(&found.of, &field.node.selection_set.node)?;
                    }
                    self.path.pop();
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map_or(of, |on| on.node.on.node.as_str());
                    self.set(on, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.passed.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.set(on, &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a field is allowed. One that there is not is left to the validation.
    fn allows(&self, name: &str, found: Option<&Field>) -> bool {
        if let Some(found) = found {
            return self.may.has(found.asks);
        }
        let (asks, about) = INTROSPECTION;
        !about.split(' ').any(|known| known == name) || self.may.has(asks)
    }
}

/// That a field is refused.
fn forbidden(path: Vec<&str>, Refused(pos): Refused) -> ServerError {
    let field = path.last().copied().unwrap_or_default();
    let message = format!("Vos habilitations ne donnent pas accès à « {field} ».");
    let mut error = ServerError::new(message, Some(pos));
    let path = path.into_iter().map(str::to_owned);
    error.path = path.map(PathSegment::Field).collect();
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", "FORBIDDEN");
    error
}
