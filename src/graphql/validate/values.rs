//! `ValuesOfCorrectType`, where the library reads a value of a document as it reads one of a variable: an
//! integer that is too long, a text in place of a name of an enumeration, anything in place of an object.

use async_graphql::parser::types::{BaseType, ExecutableDocument, Type};
use async_graphql_value::{Number, Value};

use super::{
    Invalid,
    types::{Kind, Types},
    walk::{Gives, of_fragments, of_operation, operations},
};

pub(super) fn check(types: &Types, document: &ExecutableDocument) -> Result<(), Invalid> {
    for operation in operations(document) {
        for variable in &operation.node.variable_definitions {
            let expected = &variable.node.var_type.node;
            if let Some(default) = &variable.node.default_value {
                let value = default.node.clone().into_value();
                is_of(types, expected, &value).map_err(|why| Invalid::new(why, [default.pos]))?;
            }
        }
        check_given(types, &of_operation(types, &operation.node))?;
    }
    let fragments = of_fragments(types, document);
    let mut names: Vec<_> = document.fragments.iter().collect();
    names.sort_unstable_by_key(|(_, fragment)| fragment.pos);
    let gives = names
        .into_iter()
        .filter_map(|(name, _)| fragments.get(name.as_str()));
    gives
        .into_iter()
        .try_for_each(|gives| check_given(types, gives))
}

fn check_given(types: &Types, gives: &Gives<'_>) -> Result<(), Invalid> {
    for given in &gives.given {
        is_of(types, &given.input.ty, given.value).map_err(|why| Invalid::new(why, [given.at]))?;
    }
    Ok(())
}

/// Whether a value is of a type, as far as it is told here; if not, why. Lists and objects nest no
/// deeper than the guard lets them.
fn is_of(types: &Types, expected: &Type, value: &Value) -> Result<(), String> {
    let name = match (&expected.base, value) {
        // What is null, and where a variable may stand, is for other rules.
        (_, Value::Null | Value::Variable(_)) => return Ok(()),
        (BaseType::List(inner), Value::List(values)) => {
            let mut values = values.iter();
            return values.try_for_each(|value| is_of(types, inner, value));
        }
        // One stands for a list of one.
        (BaseType::List(inner), _) => return is_of(types, inner, value),
        (BaseType::Named(name), _) => name.as_str(),
    };
    let is_right = match types.kind(name) {
        Some(Kind::Enum(names)) => {
            matches!(value, Value::Enum(given) if names.contains(given.as_str()))
        }
        Some(Kind::Input { fields, .. }) => {
            let Value::Object(given) = value else {
                return Err(wrong(name));
            };
            return given.iter().try_for_each(|(field, value)| {
                let known = fields.get(field.as_str());
                known.map_or(Ok(()), |known| is_of(types, &known.ty, value))
            });
        }
        None if name == "Int" => {
            matches!(value, Value::Number(number) if is_int(number))
        }
        Some(Kind::Object(_) | Kind::Abstract(_)) | None => true,
    };
    if is_right { Ok(()) } else { Err(wrong(name)) }
}

fn is_int(number: &Number) -> bool {
    let number = number.as_i64();
    number.is_some_and(|number| i32::try_from(number).is_ok())
}

fn wrong(expected: &str) -> String {
    format!("la valeur donnée n'est pas du type {expected}.")
}
