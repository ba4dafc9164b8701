//! The types of the schema, as far as the rules ask for them.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, ConstDirective, DirectiveDefinition, DirectiveLocation, FieldDefinition,
            InputValueDefinition, OperationDefinition, OperationType, Type, TypeDefinition,
            TypeKind, TypeSystemDefinition,
        },
    },
};

use crate::graphql::{cost::INTROSPECTION, sdl};

/// The fields that every schema has, and says nothing of: those of any type, and of the root.
const IMPLIED: &str =
    "type __Implied { __typename: String! __schema: __Schema! __type(name: String!): __Type }";

/// The types of the schema.
pub(super) static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let mut types = Types::default();
    for text in [sdl().as_str(), INTROSPECTION, IMPLIED] {
        match parse_schema(text) {
            Ok(document) => document.definitions.iter().for_each(|it| types.add(it)),
            Err(error) => {
                tracing::error!(%error, "the schema cannot be read: some rules hold for nothing");
            }
        }
    }
    types
});

/// Types and directives by name. Scalars are none of them.
#[derive(Debug, Default)]
pub(super) struct Types {
    kinds: HashMap<String, Kind>,
    directives: HashMap<String, Inputs>,
    /// The directives that may stand on a variable.
    on_variables: HashSet<String>,
}

#[derive(Debug)]
pub(super) enum Kind {
    Object(HashMap<String, Field>),
    /// An interface or a union: what stands for several objects.
    Abstract(HashMap<String, Field>),
    Enum(HashSet<String>),
    Input {
        fields: Inputs,
        one_of: bool,
    },
}

/// What a field answers, and what it is given.
#[derive(Debug)]
pub(super) struct Field {
    pub ty: Type,
    pub arguments: Inputs,
}

pub(super) type Inputs = HashMap<String, Input>;

/// What an argument, or a field of an input, takes.
#[derive(Debug)]
pub(super) struct Input {
    pub ty: Type,
    pub has_default: bool,
}

impl Types {
    fn add(&mut self, definition: &TypeSystemDefinition) {
        match definition {
            TypeSystemDefinition::Type(definition) => self.add_type(&definition.node),
            TypeSystemDefinition::Directive(directive) => self.add_directive(&directive.node),
            TypeSystemDefinition::Schema(_) => {}
        }
    }

    fn add_type(&mut self, definition: &TypeDefinition) {
        let kind = match &definition.kind {
            TypeKind::Object(object) => Kind::Object(fields(&object.fields)),
            TypeKind::Interface(interface) => Kind::Abstract(fields(&interface.fields)),
            TypeKind::Union(_) => Kind::Abstract(HashMap::new()),
            TypeKind::Enum(values) => {
                let values = values.values.iter();
                Kind::Enum(values.map(|it| it.node.value.node.to_string()).collect())
            }
            TypeKind::InputObject(input) => Kind::Input {
                fields: inputs(&input.fields),
                one_of: has(&definition.directives, "oneOf"),
            },
            TypeKind::Scalar => return,
        };
        self.kinds.insert(definition.name.node.to_string(), kind);
    }

    fn add_directive(&mut self, directive: &DirectiveDefinition) {
        let name = directive.name.node.to_string();
        let mut places = directive.locations.iter();
        if places.any(|place| place.node == DirectiveLocation::VariableDefinition) {
            self.on_variables.insert(name.clone());
        }
        self.directives.insert(name, inputs(&directive.arguments));
    }

    /// The names of what stands for several objects.
    #[cfg(test)]
    pub(super) fn interfaces(&self) -> Vec<&str> {
        let kinds = self.kinds.iter();
        let interfaces = kinds.filter(|(_, kind)| matches!(kind, Kind::Abstract(_)));
        interfaces.map(|(name, _)| name.as_str()).collect()
    }

    /// What a type is; `None` for a scalar, or where there is none of that name.
    pub(super) fn kind(&self, of: &str) -> Option<&Kind> {
        self.kinds.get(of)
    }

    /// What a field is.
    pub(super) fn field(&self, of: &str, name: &str) -> Option<&Field> {
        let of = if name.starts_with("__") {
            "__Implied"
        } else {
            of
        };
        match self.kind(of)? {
            Kind::Object(fields) | Kind::Abstract(fields) => fields.get(name),
            Kind::Enum(_) | Kind::Input { .. } => None,
        }
    }

    /// What a directive takes.
    pub(super) fn directive(&self, name: &str) -> Option<&Inputs> {
        self.directives.get(name)
    }

    /// Whether a directive may stand on a variable.
    pub(super) fn is_for_variables(&self, directive: &str) -> bool {
        self.on_variables.contains(directive)
    }
}

fn has(directives: &[Positioned<ConstDirective>], name: &str) -> bool {
    directives.iter().any(|it| it.node.name.node == name)
}

fn fields(fields: &[Positioned<FieldDefinition>]) -> HashMap<String, Field> {
    let fields = fields.iter().map(|field| {
        let known = Field {
            ty: field.node.ty.node.clone(),
            arguments: inputs(&field.node.arguments),
        };
        (field.node.name.node.to_string(), known)
    });
    fields.collect()
}

fn inputs(inputs: &[Positioned<InputValueDefinition>]) -> Inputs {
    let inputs = inputs.iter().map(|input| {
        let known = Input {
            ty: input.node.ty.node.clone(),
            has_default: input.node.default_value.is_some(),
        };
        (input.node.name.node.to_string(), known)
    });
    inputs.collect()
}

/// The name of a type, stripped of lists and of what cannot be null.
pub(super) fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}

/// The type that an operation begins at.
pub(super) const fn root(operation: &OperationDefinition) -> &'static str {
    match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}
