//! The first line of defence: a linear look at a document's tokens, before anything parses it.
//! The parser recurses once per nesting: a few kilobytes of brackets would end the process.

use crate::limits::{DOCUMENT_NESTING_MAX, DOCUMENT_TOKENS_MAX};

/// Why a document is not even parsed.
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
}

/// Looks at `document` once, from left to right, in time linear in its length.
///
/// # Errors
/// [`TooMuch`].
pub fn check(document: &str) -> Result<(), TooMuch> {
    let bytes = document.as_bytes();
    let mut at = 0;
    let mut depth = 0_usize;
    let mut tokens = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => continue,
            b'#' => {
                at = skip_to(bytes, at, |byte| byte == b'\n' || byte == b'\r');
                continue;
            }
            b'"' => at = skip_string(bytes, at),
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ if is_word(byte) => at = skip_to(bytes, at, |byte| !is_word(byte)),
            _ => {}
        }
        tokens += 1;
        if depth > DOCUMENT_NESTING_MAX {
            return Err(TooMuch::Nesting);
        }
        if tokens > DOCUMENT_TOKENS_MAX {
            return Err(TooMuch::Tokens);
        }
    }
    Ok(())
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
