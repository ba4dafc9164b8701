//! `VariablesInAllowedPosition`: a variable stands where its type may. With it, what is asked of variables
//! by `OneOfInputObjects` (the one field is never null) and by `KnownDirectives`.

use std::collections::HashMap;

use async_graphql::{
    Pos, Positioned,
    parser::types::{BaseType, ExecutableDocument, Type, VariableDefinition},
};
use async_graphql_value::{ConstValue, Value};

use super::{
    Invalid,
    types::{Kind, Types},
    walk::{of_fragments, of_operation, operations, reached},
};

/// No directive of the schema stands on a variable, unless it says so.
pub(super) fn check_directives(
    types: &Types,
    document: &ExecutableDocument,
) -> Result<(), Invalid> {
    let operations = operations(document).into_iter();
    let mut variables = operations.flat_map(|it| &it.node.variable_definitions);
    let directive = variables.find_map(|variable| {
        let mut directives = variable.node.directives.iter();
        directives.find(|it| !types.is_for_variables(&it.node.name.node))
    });
    directive.map_or(Ok(()), |directive| {
        let name = &directive.node.name.node;
        let why = format!("« @{name} » n'est pas d'une variable.");
        Err(Invalid::new(why, [directive.pos]))
    })
}

pub(super) fn check(types: &Types, document: &ExecutableDocument) -> Result<(), Invalid> {
    let fragments = of_fragments(types, document);
    for operation in operations(document) {
        let own = of_operation(types, &operation.node);
        let variables = operation.node.variable_definitions.iter();
        let variables: HashMap<&str, &Positioned<VariableDefinition>> = variables
            .map(|variable| (variable.node.name.node.as_str(), variable))
            .collect();
        if variables.is_empty() {
            continue;
        }
        for given in reached(&own, &fragments) {
            let place = Place {
                expected: &given.input.ty,
                has_default: given.input.has_default,
                is_one_of: false,
                at: given.at,
            };
            let looked_at = Variables {
                types,
                variables: &variables,
            };
            looked_at.hold(place, given.value)?;
        }
    }
    Ok(())
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    expected: &'a Type,
    has_default: bool,
    is_one_of: bool,
    at: Pos,
}

struct Variables<'a> {
    types: &'a Types,
    variables: &'a HashMap<&'a str, &'a Positioned<VariableDefinition>>,
}

impl Variables<'_> {
    /// Looks at each variable of a value.
    fn hold(&self, place: Place<'_>, value: &Value) -> Result<(), Invalid> {
        match (&place.expected.base, value) {
            (_, Value::Variable(name)) => {
                let variable = self.variables.get(name.as_str());
                variable.map_or(Ok(()), |variable| allow(place, variable))
            }
            (BaseType::List(inner), Value::List(values)) => {
                let inner = Place {
                    expected: inner,
                    has_default: false,
                    is_one_of: false,
                    ..place
                };
                values.iter().try_for_each(|value| self.hold(inner, value))
            }
            (BaseType::List(inner), Value::Object(_)) => self.hold(
                Place {
                    expected: inner,
                    ..place
                },
                value,
            ),
            (BaseType::Named(name), Value::Object(given)) => {
                let Some(Kind::Input { fields, one_of }) = self.types.kind(name) else {
                    return Ok(());
                };
                given.iter().try_for_each(|(field, value)| {
                    let Some(known) = fields.get(field.as_str()) else {
                        return Ok(());
                    };
                    let inner = Place {
                        expected: &known.ty,
                        has_default: known.has_default,
                        is_one_of: *one_of,
                        at: place.at,
                    };
                    self.hold(inner, value)
                })
            }
            _ => Ok(()),
        }
    }
}

fn allow(place: Place<'_>, variable: &Positioned<VariableDefinition>) -> Result<(), Invalid> {
    let VariableDefinition {
        name,
        var_type,
        default_value,
        ..
    } = &variable.node;
    let (given, expected) = (&var_type.node, place.expected);
    if place.is_one_of && given.nullable {
        let why = format!(
            "la variable « ${} » ne doit pas pouvoir être nulle : elle est le seul champ donné.",
            name.node
        );
        return Err(Invalid::new(why, [variable.pos, place.at]));
    }
    let default = default_value.as_ref().map(|default| &default.node);
    let is_never_null = default.is_some_and(|default| *default != ConstValue::Null);
    let may_be_left_out = given.nullable && (is_never_null || place.has_default);
    let fits = if may_be_left_out {
        fits_base(&given.base, &expected.base)
    } else {
        fits(given, expected)
    };
    if fits {
        return Ok(());
    }
    let why = format!(
        "la variable « ${} », du type {given}, ne va pas où l'on attend {expected}.",
        name.node
    );
    Err(Invalid::new(why, [variable.pos, place.at]))
}

/// Whether all that is of one type is of another.
fn fits(given: &Type, expected: &Type) -> bool {
    (expected.nullable || !given.nullable) && fits_base(&given.base, &expected.base)
}

fn fits_base(given: &BaseType, expected: &BaseType) -> bool {
    match (given, expected) {
        (BaseType::Named(given), BaseType::Named(expected)) => given == expected,
        (BaseType::List(given), BaseType::List(expected)) => fits(given, expected),
        (BaseType::Named(_), BaseType::List(_)) | (BaseType::List(_), BaseType::Named(_)) => false,
    }
}
