//! From the bytes of a text to its characters.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::import::{
    fault::Fault,
    words::{garbled, quoted},
};

/// The text, its line breaks made one kind: by its mark if it bears one, else UTF-8 if it is that,
/// else Windows-1252, in which French Excel writes.
///
/// # Errors
/// [`Fault::NotText`] or [`Fault::Garbled`].
pub(super) fn decoded(bytes: &[u8]) -> Result<String, Fault> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => {
            let rest = bytes.get(length..).unwrap_or_default();
            let (text, malformed) = encoding.decode_without_bom_handling(rest);
            // What claims to be UTF-8 and is not was put together from several encodings.
            if malformed && encoding != UTF_8 {
                return Err(Fault::NotText {
                    line: line_of(&text, '\u{fffd}'),
                });
            }
            text.into_owned()
        }
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
        },
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\u{85}');
    if let Some(control) = text.chars().find(|c| control(*c)) {
        return Err(Fault::NotText {
            line: line_of(&text, control),
        });
    }
    if let Some((line, sample)) = text.lines().enumerate().find(|(_, line)| garbled(line)) {
        let word = sample
            .split([';', ',', '\t', ' ', '"'])
            .find(|word| garbled(word));
        return Err(Fault::Garbled {
            line: line.saturating_add(1),
            sample: quoted(word.unwrap_or(sample)),
        });
    }
    Ok(text)
}

fn line_of(text: &str, wanted: char) -> usize {
    text.lines()
        .position(|line| line.contains(wanted))
        .unwrap_or_default()
        .saturating_add(1)
}
