//! `OverlappingFieldsCanBeMerged`: what is answered under one name is one thing.
//!
//! Two questions, each asked of all fields that come together under a name, at every level: whether those
//! that may be of one object are one field, with the same arguments; and whether the answers of all have
//! one shape. To have the same shape, or to be the same field, is transitive: each field is compared to the first
//! alone, and looked at once a question. (The comparison two by two, that the specification tells, is of
//! quadratic time.)

use std::collections::HashSet;

use async_graphql::{
    Name, Pos,
    indexmap::IndexMap,
    parser::types::{BaseType, ExecutableDocument, Field as Asked, Selection, SelectionSet, Type},
};
use async_graphql_value::Value;

use super::{
    Invalid,
    types::{Field, Kind, Types, innermost, root},
    walk::operations,
};

pub(super) fn check(types: &Types, document: &ExecutableDocument) -> Result<(), Invalid> {
    let overlap = Overlap { types, document };
    for operation in operations(document) {
        let set = [(root(&operation.node), &operation.node.selection_set.node)];
        overlap.are_one_field(&set)?;
        overlap.have_one_shape(&set)?;
    }
    Ok(())
}

/// A selection set, and the type that it is of.
type Set<'a> = (&'a str, &'a SelectionSet);

/// A field that is asked for.
#[derive(Clone, Copy)]
struct One<'a> {
    of: &'a str,
    asked: &'a Asked,
    /// Unless there is no such field, which is for another rule to say.
    known: Option<&'a Field>,
    at: Pos,
}

struct Overlap<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
}

impl<'a> Overlap<'a> {
    fn have_one_shape(&self, sets: &[Set<'a>]) -> Result<(), Invalid> {
        for (name, fields) in self.by_name(sets) {
            let mut shaped = fields.iter().filter_map(|one| Some((one, one.known?)));
            if let Some((first, known)) = shaped.next() {
                let other = shaped.find(|(_, other)| !self.same_shape(&known.ty, &other.ty));
                if let Some((other, _)) = other {
                    return Err(conflict(name, first, other, "leurs types diffèrent"));
                }
            }
            self.have_one_shape(&below(&fields))?;
        }
        Ok(())
    }

    fn are_one_field(&self, sets: &[Set<'a>]) -> Result<(), Invalid> {
        for (name, fields) in self.by_name(sets) {
            for fields in self.together(fields) {
                let mut others = fields.iter();
                if let Some(first) = others.next() {
                    let other = others.find(|other| !same_field(first.asked, other.asked));
                    if let Some(other) = other {
                        let why = "ce ne sont pas le même champ avec les mêmes arguments";
                        return Err(conflict(name, first, other, why));
                    }
                }
                self.are_one_field(&below(&fields))?;
            }
        }
        Ok(())
    }

    /// Fields by the object they may be of. Those of an interface may be of any: they are with each, and
    /// would be looked at again below each, were it not that no interface has a field with fields.
    fn together(&self, fields: Vec<One<'a>>) -> Vec<Vec<One<'a>>> {
        let is_object = |one: &One<'_>| matches!(self.types.kind(one.of), Some(Kind::Object(_)));
        let (of_objects, of_any): (Vec<_>, Vec<_>) = fields.into_iter().partition(is_object);
        let mut together: IndexMap<&str, Vec<One<'a>>> = IndexMap::new();
        for one in of_objects {
            let with = || of_any.clone();
            together.entry(one.of).or_insert_with(with).push(one);
        }
        if together.is_empty() {
            return vec![of_any];
        }
        together.into_values().collect()
    }

    /// The fields of selection sets that are answered as one, by the names they are answered under.
    fn by_name(&self, sets: &[Set<'a>]) -> IndexMap<&'a str, Vec<One<'a>>> {
        let mut fields: IndexMap<&str, Vec<One<'a>>> = IndexMap::new();
        let mut passed = HashSet::new();
        let mut sets: Vec<Set<'a>> = sets.iter().rev().copied().collect();
        while let Some((of, set)) = sets.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(asked) => {
                        let key = asked.node.response_key().node.as_str();
                        fields.entry(key).or_default().push(One {
                            of,
                            asked: &asked.node,
                            known: self.types.field(of, &asked.node.name.node),
                            at: asked.pos,
                        });
                    }
                    Selection::InlineFragment(inline) => {
                        let on = inline.node.type_condition.as_ref();
                        let on = on.map_or(of, |on| on.node.on.node.as_str());
                        sets.push((on, &inline.node.selection_set.node));
                    }
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.node.fragment_name.node;
                        let fragment = self.document.fragments.get(name);
                        if let Some(fragment) = fragment.filter(|_| passed.insert(name)) {
                            let on = fragment.node.type_condition.node.on.node.as_str();
                            sets.push((on, &fragment.node.selection_set.node));
                        }
                    }
                }
            }
        }
        fields
    }

    fn same_shape(&self, one: &Type, other: &Type) -> bool {
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => self.same_shape(one, other),
                (BaseType::Named(one), BaseType::Named(other)) => {
                    one == other || (self.has_fields(one) && self.has_fields(other))
                }
                (BaseType::List(_), BaseType::Named(_))
                | (BaseType::Named(_), BaseType::List(_)) => false,
            }
    }

    fn has_fields(&self, of: &Name) -> bool {
        let kind = self.types.kind(of);
        matches!(kind, Some(Kind::Object(_) | Kind::Abstract(_)))
    }
}

/// What is selected below fields.
fn below<'a>(fields: &[One<'a>]) -> Vec<Set<'a>> {
    let known = fields.iter().filter_map(|one| Some((one, one.known?)));
    known
        .map(|(one, known)| (innermost(&known.ty), &one.asked.selection_set.node))
        .filter(|(_, set)| !set.items.is_empty())
        .collect()
}

fn same_field(one: &Asked, other: &Asked) -> bool {
    let given =
        |value: &Value, name: &str| other.get_argument(name).is_some_and(|it| it.node == *value);
    one.name.node == other.name.node
        && one.arguments.len() == other.arguments.len()
        && one
            .arguments
            .iter()
            .all(|(name, value)| given(&value.node, &name.node))
}

fn conflict(name: &str, one: &One<'_>, other: &One<'_>, why: &str) -> Invalid {
    let message =
        format!("« {name} » est demandé deux fois, et {why} : donnez un alias à l'un des deux.");
    Invalid::new(message, [one.at, other.at])
}
