//! `UniqueInputFieldNames`: an object that is given has each field once.
//!
//! Asked of the text: the parser keeps one field of each name. Whatever stands between braces within
//! parentheses is such an object, and nothing else is.

use std::collections::HashSet;

use async_graphql::Pos;

use super::Invalid;
use crate::graphql::guard::{Token, tokens};

pub(super) fn check(text: &str) -> Result<(), Invalid> {
    let mut parentheses = 0_usize;
    let mut objects: Vec<HashSet<&str>> = Vec::new();
    let mut last: Option<Token<'_>> = None;
    for token in tokens(text) {
        match token.text {
            "(" => parentheses += 1,
            ")" => parentheses = parentheses.saturating_sub(1),
            "{" if parentheses > 0 => objects.push(HashSet::new()),
            "}" if parentheses > 0 => {
                objects.pop();
            }
            ":" => {
                if let (Some(object), Some(name)) = (objects.last_mut(), last)
                    && !object.insert(name.text)
                {
                    let why = format!("le champ « {} » est donné deux fois.", name.text);
                    return Err(Invalid::new(why, [position(text, name.at)]));
                }
            }
            _ => {}
        }
        last = Some(token);
    }
    Ok(())
}

/// Where a byte of a text stands.
fn position(text: &str, at: usize) -> Pos {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    Pos {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
    }
}
