//! The definitions of a document, in the order it has them, and what each of them gives to arguments.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::types::{Input, Inputs, Types, innermost, root};

/// What an argument is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    pub input: &'a Input,
    pub value: &'a Value,
    pub at: Pos,
}

/// What an operation or a fragment gives, and the fragments that it spreads.
#[derive(Debug, Default)]
pub(super) struct Gives<'a> {
    pub given: Vec<Given<'a>>,
    pub spreads: Vec<&'a str>,
}

/// The operations of a document, in the order it has them.
pub(super) fn operations(document: &ExecutableDocument) -> Vec<&Positioned<OperationDefinition>> {
    let mut operations: Vec<_> = document.operations.iter().map(|(_, it)| it).collect();
    operations.sort_unstable_by_key(|operation| operation.pos);
    operations
}

/// What an operation gives, without the fragments that it spreads.
pub(super) fn of_operation<'a>(types: &'a Types, operation: &'a OperationDefinition) -> Gives<'a> {
    let mut walk = Walk::new(types);
    walk.directives(&operation.directives);
    walk.set(root(operation), &operation.selection_set.node);
    walk.gives
}

/// What each fragment gives, without those that it spreads.
pub(super) fn of_fragments<'a>(
    types: &'a Types,
    document: &'a ExecutableDocument,
) -> HashMap<&'a str, Gives<'a>> {
    let fragments = document.fragments.iter().map(|(name, fragment)| {
        let fragment = &fragment.node;
        let mut walk = Walk::new(types);
        walk.directives(&fragment.directives);
        let on = fragment.type_condition.node.on.node.as_str();
        walk.set(on, &fragment.selection_set.node);
        (name.as_str(), walk.gives)
    });
    fragments.collect()
}

/// All that an operation gives, with each fragment that it spreads once.
pub(super) fn reached<'s, 'a>(
    own: &'s Gives<'a>,
    fragments: &'s HashMap<&'a str, Gives<'a>>,
) -> impl Iterator<Item = &'s Given<'a>> {
    let mut reached = vec![own];
    let mut passed = HashSet::new();
    let mut next = 0;
    while let Some(gives) = reached.get(next).copied() {
        next += 1;
        let new = gives.spreads.iter().filter(|name| passed.insert(**name));
        let new: Vec<_> = new.filter_map(|name| fragments.get(name)).collect();
        reached.extend(new);
    }
    reached.into_iter().flat_map(|gives| &gives.given)
}

struct Walk<'a> {
    types: &'a Types,
    gives: Gives<'a>,
}

impl<'a> Walk<'a> {
    fn new(types: &'a Types) -> Self {
        let gives = Gives::default();
        Self { types, gives }
    }

    fn set(&mut self, of: &str, set: &'a SelectionSet) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    let Some(known) = self.types.field(of, &field.node.name.node) else {
                        continue;
                    };
                    self.arguments(&known.arguments, &field.node.arguments);
                    self.set(innermost(&known.ty), &field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(of, |on| on.node.on.node.as_str());
                    self.set(on, &inline.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    self.gives.spreads.push(&spread.node.fragment_name.node);
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives {
            if let Some(known) = self.types.directive(&directive.node.name.node) {
                self.arguments(known, &directive.node.arguments);
            }
        }
    }

    fn arguments(&mut self, known: &'a Inputs, given: &'a [(Positioned<Name>, Positioned<Value>)]) {
        for (name, value) in given {
            if let Some(input) = known.get(name.node.as_str()) {
                self.gives.given.push(Given {
                    input,
                    value: &value.node,
                    at: value.pos,
                });
            }
        }
    }
}
