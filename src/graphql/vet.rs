//! Whether a document would be executed here, and what by: told without executing any of it.

use std::sync::Arc;

use async_graphql::{
    Request, Response, Value, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType},
    },
};

use super::{Schema, builder, cost::cost, finish, guard, validate};

/// An operation of a document that is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Whether it reads, changes or follows.
    pub kind: OperationType,
    /// What it costs while no variable is given: pages are then as long as they are by default.
    pub cost: u64,
}

/// The schema, as what nothing is executed by.
pub struct Vetting(Schema);

impl Default for Vetting {
    fn default() -> Self {
        Self(builder().extension(Nothing).finish())
    }
}

impl Vetting {
    /// The operations of a document, by name; every rule that an operation is held against before it is
    /// executed, each of them is held against.
    ///
    /// # Errors
    /// The first thing that is wrong with it, in French.
    pub async fn operations(&self, text: &str) -> Result<Vec<Operation>, String> {
        guard::check(text).map_err(|too_much| too_much.to_string())?;
        let document = parse_query(text)
            .map_err(|error| finish(Response::from_errors(vec![error.into()])))
            .map_err(|answer| first(&answer))?;
        guard::check_expanded(&document).map_err(|too_much| too_much.to_string())?;
        validate::check(text, &document)
            .map_err(|invalid| async_graphql::ServerError::from(&invalid).message)?;
        let mut operations = operations(&document);
        operations.sort_by(|one, other| one.name.cmp(&other.name));
        for operation in &operations {
            let mut request = Request::new(text);
            if let Some(name) = &operation.name {
                request = request.operation_name(name);
            }
            let answer = finish(self.0.execute(request).await);
            if answer.is_err() {
                return Err(first(&answer));
            }
        }
        Ok(operations)
    }
}

fn operations(document: &ExecutableDocument) -> Vec<Operation> {
    let operations = document.operations.iter();
    operations
        .map(|(name, operation)| {
            let name = name.map(ToString::to_string);
            let cost = cost(document, name.as_deref(), &Variables::default());
            Operation {
                kind: operation.node.ty,
                cost: cost.requested,
                name,
            }
        })
        .collect()
}

/// What is said first is wrong, on one line, and where.
fn first(answer: &Response) -> String {
    let Some(error) = answer.errors.first() else {
        return String::new();
    };
    let said = error.message.split_whitespace().collect::<Vec<_>>();
    let said = said.join(" ");
    match error.locations.first() {
        Some(at) => format!("{said} (ligne {}, colonne {})", at.line, at.column),
        None => said,
    }
}

/// Stands where the execution would begin.
struct Nothing;

impl ExtensionFactory for Nothing {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Nothing {
    async fn execute(
        &self,
        _: &ExtensionContext<'_>,
        _: Option<&str>,
        _: NextExecute<'_>,
    ) -> Response {
        Response::new(Value::Null)
    }
}
