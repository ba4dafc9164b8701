//! What a request has to pass before it is executed, whatever transport it came by.
//!
//! Its document is held against the policy ([`permit`](super::permit)). And of a mutation, each id of
//! a subject that its sender does not see is turned into an id of nothing: so that an id guessed from
//! another organisation answers, in every check, decision and message behind this, exactly as one that
//! never was.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{
    Request, ServerError, Value as Const, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;
use uuid::Uuid;

use super::{Api, Gathering, Schema, fault::Fault, permit};
use crate::{access::Caller, domain::event::StreamId, limits::READ_OWN_WRITE};

/// What is said beside to who shows nothing.
const NO_TOKEN: &str = " Cette demande ne montre aucun jeton : il vient dans l'en-tête « Authorization: \
                        Bearer … ».";

/// The ids of nothing that stand in a request for subjects that its sender does not see.
#[derive(Debug, Default)]
pub struct Nowhere(BTreeSet<StreamId>);

impl Nowhere {
    /// Whether an id is one of them.
    #[must_use]
    pub fn has(&self, subject: StreamId) -> bool {
        self.0.contains(&subject)
    }
}

/// The id of nothing that stands for a subject: of the same kind, and always the same.
fn nowhere(subject: StreamId) -> Option<StreamId> {
    let name = subject.to_string();
    let (kind, id) = name.split_once('-')?;
    let id: Uuid = id.parse().ok()?;
    format!("{kind}-{}", Uuid::new_v5(&id, b"nowhere"))
        .parse()
        .ok()
}

/// Admits a request of a caller, or says why not.
///
/// # Errors
/// `FORBIDDEN`, with the path of the first field that is refused; or what kept it from being told
/// whether something is seen.
pub async fn admit(
    schema: &Schema,
    mut request: Request,
    caller: &Caller,
) -> Result<Request, ServerError> {
    if let Some(api) = schema.data::<Api>() {
        request = request.data(Gathering(api.reads.gathering()));
    }
    let name = request.operation_name.clone();
    // What cannot be parsed is left to the execution, which says why.
    let Ok(document) = request.parsed_query() else {
        return Ok(request.data(caller.clone()));
    };
    permit::check(document, name.as_deref(), caller.capabilities()).map_err(|mut refused| {
        if caller.is_stranger() {
            refused.message.push_str(NO_TOKEN);
        }
        refused
    })?;
    let mut operations = document.operations.iter();
    let writes = operations.any(|(_, operation)| operation.node.ty == OperationType::Mutation);
    let Some(api) = schema.data::<Api>().filter(|_| writes) else {
        return Ok(request.data(caller.clone()));
    };
    if api.reads.shows_all(api.now(Some(caller))) {
        return Ok(request.data(caller.clone()));
    }
    let mut document = document.clone();
    let mut named = BTreeSet::new();
    each_text(&mut document, &mut request.variables, &mut |text| {
        named.extend(text.parse::<StreamId>().ok());
    });
    let hidden = hidden(api, caller, named).await.map_err(|fault| {
        async_graphql::Error::from(fault).into_server_error(async_graphql::Pos::default())
    })?;
    let hidden: BTreeMap<StreamId, StreamId> = hidden
        .into_iter()
        .filter_map(|subject| Some((subject, nowhere(subject)?)))
        .collect();
    if !hidden.is_empty() {
        each_text(&mut document, &mut request.variables, &mut |text| {
            let stands = text.parse().ok().and_then(|subject| hidden.get(&subject));
            if let Some(nothing) = stands {
                *text = nothing.to_string();
            }
        });
        request.set_parsed_query(document);
    }
    let nowhere = Nowhere(hidden.into_values().collect());
    Ok(request.data(caller.clone()).data(nowhere))
}

/// Which of some subjects there are and are not seen.
async fn hidden(
    api: &Api,
    caller: &Caller,
    named: BTreeSet<StreamId>,
) -> Result<Vec<StreamId>, Fault> {
    let mut hidden = Vec::new();
    for subject in named {
        let shown = api.reads.shows(api.now(Some(caller)), subject).await;
        if shown.map_err(|error| api.failed_read(&error))? {
            continue;
        }
        let version = api.commands.version(subject).await;
        if version.map_err(|error| api.failed_command(&error))? == 0 {
            continue;
        }
        // It may have been recorded a moment ago.
        let head = api.commands.head();
        api.reads.wait_for(head, READ_OWN_WRITE).await?;
        let shown = api.reads.shows(api.now(Some(caller)), subject).await;
        if !shown.map_err(|error| api.failed_read(&error))? {
            hidden.push(subject);
        }
    }
    Ok(hidden)
}

/// Looks at every text that a request gives: in its document, and in its variables.
fn each_text(
    document: &mut ExecutableDocument,
    variables: &mut Variables,
    look: &mut impl FnMut(&mut String),
) {
    for value in variables.values_mut() {
        in_const(value, look);
    }
    let operations: &mut dyn Iterator<Item = _> = match &mut document.operations {
        DocumentOperations::Single(one) => &mut std::iter::once(&mut one.node),
        DocumentOperations::Multiple(many) => &mut many.values_mut().map(|it| &mut it.node),
    };
    for operation in operations {
        for variable in &mut operation.variable_definitions {
            if let Some(default) = &mut variable.node.default_value {
                in_const(&mut default.node, look);
            }
        }
        in_set(&mut operation.selection_set.node, look);
    }
    for fragment in document.fragments.values_mut() {
        in_set(&mut fragment.node.selection_set.node, look);
    }
}

/// Looks at every text that a selection set gives. It nests no deeper than was checked.
fn in_set(set: &mut SelectionSet, look: &mut impl FnMut(&mut String)) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                for (_, value) in &mut field.node.arguments {
                    in_value(&mut value.node, look);
                }
                in_set(&mut field.node.selection_set.node, look);
            }
            Selection::InlineFragment(fragment) => {
                in_set(&mut fragment.node.selection_set.node, look);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn in_value(value: &mut Value, look: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => look(text),
        Value::List(list) => list.iter_mut().for_each(|value| in_value(value, look)),
        Value::Object(fields) => fields.values_mut().for_each(|value| in_value(value, look)),
        Value::Variable(_)
        | Value::Null
        | Value::Number(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_) => {}
    }
}

fn in_const(value: &mut Const, look: &mut impl FnMut(&mut String)) {
    match value {
        Const::String(text) => look(text),
        Const::List(list) => list.iter_mut().for_each(|value| in_const(value, look)),
        Const::Object(fields) => fields.values_mut().for_each(|value| in_const(value, look)),
        Const::Null | Const::Number(_) | Const::Boolean(_) | Const::Binary(_) | Const::Enum(_) => {}
    }
}
