//! The rules of validation that the library lacks, or does not hold to the letter.
//!
//! A file for each rule, which looks at a document that was parsed and passed the guard, and tells the
//! first thing that is wrong. What the library's own rules refuse is left to them: an unknown type, field
//! or argument is passed over here. Each rule takes time linear in the document with its fragments expanded,
//! but for what one argument or one operation holds, which is short; and [`Documents`](super::Documents)
//! keeps what came of it.

mod overlap;
mod single;
mod types;
mod unique;
mod values;
mod variables;
mod walk;

use async_graphql::{Pos, ServerError, parser::types::ExecutableDocument};

use types::TYPES;

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    why: String,
    at: Vec<Pos>,
}

impl Invalid {
    fn new(why: impl Into<String>, at: impl IntoIterator<Item = Pos>) -> Self {
        Self {
            why: why.into(),
            at: at.into_iter().collect(),
        }
    }
}

impl From<&Invalid> for ServerError {
    fn from(invalid: &Invalid) -> Self {
        let message = format!("Le document GraphQL n'est pas valide : {}", invalid.why);
        let mut error = Self::new(message, None);
        error.locations.clone_from(&invalid.at);
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("code", "GRAPHQL_VALIDATION_FAILED");
        error
    }
}

/// Holds a document, which is what the text says, against each rule.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn check(text: &str, document: &ExecutableDocument) -> Result<(), Invalid> {
    unique::check(text)?;
    single::check(document)?;
    variables::check_directives(&TYPES, document)?;
    values::check(&TYPES, document)?;
    variables::check(&TYPES, document)?;
    overlap::check(&TYPES, document)
}

#[cfg(test)]
mod tests;
