//! What is to be followed, for as often as it is executed.

use std::sync::Arc;

use async_graphql::{
    Name, Request, ServerError, Value, Variables, parser::types::OperationDefinition,
};
use sha2::{Digest, Sha256};

use super::{super::parameters::Admitted, hub::Key};
use crate::{
    access::Caller,
    domain::terms::Position,
    fault,
    graphql::{self, Beginning, ContentAsked, Following, Parsed, Schema, admit::admit, beginning},
};

/// What is to be followed, and by whom.
#[derive(Debug)]
pub(super) struct Plan {
    document: Arc<Parsed>,
    operation_name: Option<String>,
    variables: Variables,
    pub caller: Caller,
    /// Where it begins; none, where it is not to be shared.
    pub beginning: Option<Beginning>,
}

/// An execution that may begin.
pub(super) struct Prepared {
    pub request: Request,
    pub following: Following,
}

impl Plan {
    /// Of what was admitted, after a position where one is told beside it: with how it is executed
    /// first. `None` without a document.
    pub(super) fn of(
        admitted: Admitted,
        caller: &Caller,
        begin: Option<Position>,
    ) -> Option<(Self, Prepared)> {
        let document = admitted.parsed?;
        let request = admitted.request;
        let mut plan = Self {
            operation_name: request.operation_name.clone(),
            variables: request.variables.clone(),
            beginning: the_one(&document, request.operation_name.as_deref())
                .and_then(|operation| beginning(operation, &request.variables)),
            caller: caller.clone(),
            document,
        };
        if let (Some(beginning), Some(begin)) = (&mut plan.beginning, begin) {
            beginning.after = Some(begin);
        }
        let told = plan.beginning.as_ref().and_then(|it| it.after);
        let after = begin.or(told);
        let following = Following::from(after);
        let request = request.data(following.clone());
        Some((plan, Prepared { request, following }))
    }

    /// What makes it one with others: all of it but where it begins, and what its caller is shown.
    pub(super) fn key(&self, schema: &Schema, hash: &[u8]) -> Option<Key> {
        let beginning = self.beginning.as_ref()?;
        let sight = graphql::now(schema, &self.caller)?.sight();
        let alone = |name: &&Name| self.document.is_named_once(name);
        let left_out = beginning.variable.as_ref().filter(alone);
        let variables = self.variables.iter();
        let variables = variables.filter(|(name, _)| Some(*name) != left_out);
        let variables: std::collections::BTreeMap<&Name, &Value> = variables.collect();
        let said = serde_json::to_vec(&(&self.operation_name, variables)).ok()?;
        let grants = serde_json::to_string(&self.caller.grants).ok()?;
        let seen = if fault::bug("channel-mixes-callers") {
            String::new()
        } else {
            format!("{sight:?} {grants:?} {}", self.caller.is_stranger())
        };
        let mut hasher = Sha256::new();
        for part in [hash, &said, seen.as_bytes()] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Some(hasher.finalize().into())
    }

    /// Another execution, after a position.
    pub(super) async fn again(
        &self,
        schema: &Schema,
        after: Position,
    ) -> Result<Prepared, ServerError> {
        let following = Following::from(Some(after));
        // The text is not asked for where it is parsed already.
        let mut request = Request::new("")
            .variables(self.variables.clone())
            .data(ContentAsked::default())
            .data(following.clone());
        if let Some(name) = &self.operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(self.document.document.clone());
        let request = admit(schema, request, &self.caller).await?;
        Ok(Prepared { request, following })
    }
}

/// The one operation that is meant.
fn the_one<'a>(parsed: &'a Parsed, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut operations = parsed.document.operations.iter();
    let meant = operations.find(|(known, _)| {
        name.is_none_or(|name| known.is_some_and(|known| known.as_str() == name))
    });
    meant.map(|(_, operation)| &operation.node)
}
