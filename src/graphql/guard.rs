//! The first two lines of defence.
//!
//! [`check`] takes a linear look at a document's tokens, before anything parses it. The parser
//! recurses once per nesting: a few kilobytes of brackets would end the process.
//!
//! [`check_expanded`] counts what a parsed document selects once its fragments are expanded, before
//! anything validates it. It looks at each fragment once, and remembers what it comes to; the
//! library's own checks walk a fragment each time it is spread, and twenty-two fragments that each
//! spread the next one twice would keep them busy for minutes.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use crate::limits::{
    DOCUMENT_NESTING_MAX, DOCUMENT_SELECTIONS_MAX, DOCUMENT_TOKENS_MAX, SELECTION_ALIASES_MAX,
    SELECTION_NESTING_MAX,
};

/// Why a document is not even parsed, or not even validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// Braces, brackets and parentheses nest too deep.
    #[error(
        "Ce document imbrique plus de {DOCUMENT_NESTING_MAX} accolades, crochets ou parenthèses."
    )]
    Nesting,
    /// It has too many tokens.
    #[error("Ce document compte plus de {DOCUMENT_TOKENS_MAX} éléments.")]
    Tokens,
    /// Its fragments, expanded, nest too deep: one within itself has no end.
    #[error(
        "Ce document imbrique plus de {SELECTION_NESTING_MAX} sélections, chaque fragment mis à \
         sa place (un fragment placé en lui-même n'aurait pas de fin)."
    )]
    ExpandedNesting,
    /// Its fragments, expanded, select too much.
    #[error(
        "Ce document compte plus de {DOCUMENT_SELECTIONS_MAX} sélections, chaque fragment mis à \
         sa place."
    )]
    Selections,
    /// Its fragments, expanded, give too many fields another name.
    #[error(
        "Ce document compte plus de {SELECTION_ALIASES_MAX} alias, chaque fragment mis à sa place."
    )]
    Aliases,
}

/// Looks at `document` once, from left to right, in time linear in its length.
///
/// # Errors
/// [`TooMuch`].
pub fn check(document: &str) -> Result<(), TooMuch> {
    let mut depth = 0_usize;
    for (number, token) in tokens(document).enumerate() {
        match token.text {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DOCUMENT_NESTING_MAX {
            return Err(TooMuch::Nesting);
        }
        if number >= DOCUMENT_TOKENS_MAX {
            return Err(TooMuch::Tokens);
        }
    }
    Ok(())
}

/// A piece of a document: a mark, a word or a string.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    /// At which byte it begins.
    pub at: usize,
}

/// The tokens of a document, from left to right; more of them than the parser finds where words and
/// marks touch, never fewer.
pub(super) fn tokens(document: &str) -> impl Iterator<Item = Token<'_>> {
    let bytes = document.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let begin = at;
            let byte = *bytes.get(at)?;
            at += 1;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' => continue,
                b'#' => {
                    at = skip_to(bytes, at, |byte| byte == b'\n' || byte == b'\r');
                    continue;
                }
                b'"' => at = skip_string(bytes, at),
                _ if is_word(byte) => at = skip_to(bytes, at, |byte| !is_word(byte)),
                _ => {}
            }
            // What breaks a character in two is no mark, whatever it is.
            let text = document.get(begin..at).unwrap_or_default();
            return Some(Token { text, at: begin });
        }
    })
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+') || byte >= 0x80
}

fn skip_to(bytes: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .skip(from)
        .position(|byte| stop(*byte))
        .map_or(bytes.len(), |length| from + length)
}

/// The end of a string whose first quote is right before `from`. A string that never ends, ends
/// with the line, so that nothing can hide behind an open quote.
fn skip_string(bytes: &[u8], from: usize) -> usize {
    let block = bytes.get(from..from + 2) == Some(b"\"\"");
    let mut at = if block { from + 2 } else { from };
    while let Some(&byte) = bytes.get(at) {
        if block && bytes.get(at..at + 3) == Some(b"\"\"\"") {
            return at + 3;
        }
        if block && bytes.get(at..at + 4) == Some(b"\\\"\"\"") {
            at += 4;
            continue;
        }
        match byte {
            b'"' if !block => return at + 1,
            b'\n' | b'\r' if !block => return at,
            b'\\' if !block => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// Counts what `document` selects with its fragments expanded, in time linear in its length.
///
/// # Errors
/// [`TooMuch`].
pub fn check_expanded(document: &ExecutableDocument) -> Result<(), TooMuch> {
    let mut expansion = Expansion {
        document,
        known: HashMap::new(),
        stack: 0,
    };
    let operations = document.operations.iter();
    let fragments = document.fragments.values();
    let sets = operations
        .map(|(_, operation)| &operation.node.selection_set.node)
        .chain(fragments.map(|fragment| &fragment.node.selection_set.node));
    let mut selections = 0_usize;
    for set in sets {
        let extent = expansion.set(set)?;
        selections = selections.saturating_add(extent.selections);
        if selections > DOCUMENT_SELECTIONS_MAX {
            return Err(TooMuch::Selections);
        }
        // Only one operation is executed, and no fragment by itself.
        if extent.aliases > SELECTION_ALIASES_MAX {
            return Err(TooMuch::Aliases);
        }
    }
    Ok(())
}

/// What a selection set comes to, fragments expanded.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Fields, and fragments that are spread.
    selections: usize,
    /// Fields that are given another name.
    aliases: usize,
    /// How deep selection sets nest below it.
    nesting: usize,
}

struct Expansion<'a> {
    document: &'a ExecutableDocument,
    /// The fragments already looked at.
    known: HashMap<&'a str, Extent>,
    /// How many selection sets lie around the one that is looked at.
    stack: usize,
}

impl<'a> Expansion<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Extent, TooMuch> {
        if self.stack > SELECTION_NESTING_MAX {
            return Err(TooMuch::ExpandedNesting);
        }
        self.stack += 1;
        let mut extent = Extent::default();
        for selection in &set.items {
            let inner = match &selection.node {
                Selection::Field(field) if field.node.selection_set.node.items.is_empty() => None,
                Selection::Field(field) => Some(self.set(&field.node.selection_set.node)?),
                Selection::InlineFragment(fragment) => {
                    Some(self.set(&fragment.node.selection_set.node)?)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            extent.selections = extent.selections.saturating_add(1);
            if let Selection::Field(field) = &selection.node
                && field.node.alias.is_some()
            {
                extent.aliases = extent.aliases.saturating_add(1);
            }
            if let Some(inner) = inner {
                extent.selections = extent.selections.saturating_add(inner.selections);
                extent.aliases = extent.aliases.saturating_add(inner.aliases);
                extent.nesting = extent.nesting.max(inner.nesting.saturating_add(1));
            }
        }
        self.stack -= 1;
        Ok(extent)
    }

    /// What a fragment comes to; `None` where there is none of that name, which is for the
    /// validation to say.
    fn fragment(&mut self, name: &str) -> Result<Option<Extent>, TooMuch> {
        if let Some(known) = self.known.get(name) {
            return if self.stack.saturating_add(known.nesting) > SELECTION_NESTING_MAX {
                Err(TooMuch::ExpandedNesting)
            } else {
                Ok(Some(*known))
            };
        }
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(None);
        };
        // A fragment within itself is not known until it ends: it is looked at again and again,
        // each time deeper, until it is too deep.
        let extent = self.set(&fragment.node.selection_set.node)?;
        self.known.insert(name.as_str(), extent);
        Ok(Some(extent))
    }
}
