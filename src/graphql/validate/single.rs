//! `SingleFieldSubscriptions`: a subscription follows one thing, and nothing of the schema itself.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection};

use super::{Invalid, walk::operations};

pub(super) fn check(document: &ExecutableDocument) -> Result<(), Invalid> {
    for operation in operations(document) {
        if operation.node.ty != OperationType::Subscription {
            continue;
        }
        let mut first = None;
        let mut passed = HashSet::new();
        let mut sets = vec![&operation.node.selection_set.node];
        while let Some(set) = sets.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        let key = field.node.response_key();
                        let of_schema = field.node.name.node.starts_with("__");
                        if of_schema || *first.get_or_insert(&key.node) != &key.node {
                            let why = "un abonnement suit un seul champ, qui n'est pas de \
                                       l'introspection.";
                            return Err(Invalid::new(why, [operation.pos, key.pos]));
                        }
                    }
                    Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.node.fragment_name.node;
                        if passed.insert(name) {
                            let fragment = document.fragments.get(name);
                            sets.extend(fragment.map(|it| &it.node.selection_set.node));
                        }
                    }
                }
            }
        }
    }
    Ok(())
}
