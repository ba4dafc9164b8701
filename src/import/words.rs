//! Words as people type them: accents, capitals, spaces and punctuation left out, so that what is
//! the same to a reader is the same here.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::limits;

/// `raw` in small letters and digits, without accents, words parted by single spaces.
#[must_use]
pub(super) fn folded(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut parted = false;
    for c in raw.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' | 'Œ' => push(&mut out, &mut parted, "oe"),
            'æ' | 'Æ' => push(&mut out, &mut parted, "ae"),
            // Invisible characters part nothing.
            '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' => {}
            c if c.is_alphanumeric() => {
                let lower: String = c.to_lowercase().collect();
                push(&mut out, &mut parted, &lower);
            }
            _ => parted = true,
        }
    }
    out
}

fn push(out: &mut String, parted: &mut bool, letters: &str) {
    if *parted && !out.is_empty() {
        out.push(' ');
    }
    *parted = false;
    out.push_str(letters);
}

/// `raw` with every kind of space taken for a space, one between words, none around.
#[must_use]
pub(super) fn squeezed(raw: &str) -> String {
    let visible = |c: &char| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}');
    let visible: String = raw.chars().filter(visible).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a cell is filled only to show that it is empty.
#[must_use]
pub(super) fn says_nothing(raw: &str) -> bool {
    matches!(squeezed(raw).as_str(), "" | "-" | "--" | "–" | "—" | "/")
}

/// `raw`, shortened, on one line, with nothing in it that a terminal would obey.
#[must_use]
pub(super) fn quoted(raw: &str) -> String {
    let plain = |c: char| match c {
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '·',
        c if c.is_whitespace() => ' ',
        c if c.is_control() => '·',
        c => c,
    };
    let mut text: String = raw
        .trim()
        .chars()
        .take(limits::IMPORT_QUOTED_CHARS_MAX)
        .map(plain)
        .collect();
    if raw.trim().chars().count() > limits::IMPORT_QUOTED_CHARS_MAX {
        text.push('…');
    }
    text
}

/// Whether `text` is the trace of UTF-8 that was once read as another encoding (`DurÃ©e`), or of
/// characters that were lost.
#[must_use]
pub(super) fn garbled(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars() {
        let after_first_byte = matches!(before, 'Ã' | 'Â')
            && matches!(
                c,
                '\u{80}'
                    ..='\u{bf}'
                        | '‰'
                        | '€'
                        | '™'
                        | 'œ'
                        | 'Œ'
                        | '‚'
                        | '„'
                        | '‡'
                        | 'ˆ'
                        | '‹'
                        | 'Š'
                        | 'Ž'
            );
        // A no-break space after « Â » is how French marks are garbled; « Ã » is no French letter.
        if c == '\u{fffd}' || after_first_byte || (before == 'â' && c == '€') {
            return true;
        }
        before = c;
    }
    false
}

/// The known word nearest to `given`, if it is near enough to be meant.
#[must_use]
pub(super) fn nearest(
    given: &str,
    known: impl IntoIterator<Item = (String, &'static str)>,
) -> Option<&'static str> {
    let given = folded(given);
    let length = given.chars().count();
    if length == 0 || length > limits::IMPORT_QUOTED_CHARS_MAX {
        return None;
    }
    known
        .into_iter()
        .map(|(folded, word)| (distance(&given, &folded), word))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= length.div_ceil(3))
        .map(|(_, word)| word)
}

/// How many letters must be put in, taken out or changed to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line.saturating_add(1);
        for (cell, b) in row.iter_mut().skip(1).zip(&other) {
            let changed = diagonal.saturating_add(usize::from(a != *b));
            let above = *cell;
            diagonal = above;
            left = changed
                .min(above.saturating_add(1))
                .min(left.saturating_add(1));
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_to_a_reader() {
        assert_eq!(folded("  Durée\u{a0}(minutes) "), "duree minutes");
        assert_eq!(folded("N°\u{202f}d’accompagnement"), "n d accompagnement");
        assert_eq!(folded("CŒUR"), "coeur");
        assert_eq!(folded("—"), "");
    }

    #[test]
    fn the_distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("permanance", "permanence"), 1);
        assert_eq!(distance("date", "statut"), 4);
        assert_eq!(distance("statu", "statut"), 1);
    }

    #[test]
    fn what_was_garbled_shows() {
        for bad in ["DurÃ©e", "Ã\u{a0} finir", "Lâ€™agent", "perdu\u{fffd}"] {
            assert!(garbled(bad), "{bad}");
        }
        for good in ["Durée", "À finir", "âge", "CONCEIÇÃO", "10 €", "Âge"] {
            assert!(!garbled(good), "{good}");
        }
    }

    #[test]
    fn a_quotation_is_short_and_harmless() {
        assert_eq!(quoted("a\u{1b}[31mb\nc"), "a·[31mb c");
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), 61);
    }
}
