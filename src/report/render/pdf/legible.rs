//! Text that the fonts can show: PDF/UA admits no character without a glyph, and a report must not
//! fail for one.

use std::{collections::BTreeMap, sync::LazyLock};

use typst::{
    layout::Abs,
    text::{FontVariant, FontVariations},
};
use unicode_normalization::UnicodeNormalization as _;

use super::world::FONTS;

/// What stands for a character that no font of ours has.
const REPLACEMENT: char = '□';
/// Where a word may be broken without a hyphen.
const BREAK: char = '\u{200b}';
/// Words of so many letters, with what is around them, are taken for words, and hyphenated; the longest
/// French ones have 25.
const WORD_CHARS_MAX: usize = 28;
/// What is no word, but not longer than this, is not broken either.
const WHOLE_CHARS_MAX: usize = 16;
/// What is longer may be broken after so many characters each.
const PIECE_CHARS: usize = 4;
/// How wide a character is taken to be that is not in the table of widths, in em.
const WIDE: f64 = 0.6;

/// How wide each character is that all fonts have, in em: as wide as in the widest of them.
static WIDTHS: LazyLock<BTreeMap<char, f64>> = LazyLock::new(|| {
    let mut widths: BTreeMap<char, (usize, f64)> = BTreeMap::new();
    for font in FONTS.iter() {
        let variant = font.info().variant;
        let face = instance(font, variant);
        for character in font.info().coverage.iter().filter_map(char::from_u32) {
            let glyph = face.ttf().glyph_index(character);
            let width = glyph.and_then(|glyph| face.x_advance(glyph.0));
            let seen = widths.entry(character).or_default();
            seen.0 = seen.0.saturating_add(1);
            seen.1 = seen.1.max(width.map_or(WIDE, typst::layout::Em::get));
        }
    }
    widths.retain(|_, seen| seen.0 == FONTS.len());
    widths
        .into_iter()
        .map(|(character, (_, width))| (character, width))
        .collect()
});

fn instance(font: &typst::text::Font, variant: FontVariant) -> typst::text::FontInstance {
    font.clone()
        .instantiate(variant, Abs::pt(10.0), &FontVariations::default())
}

/// A text as it can be shown on one line, what cannot be shown replaced by a square.
pub(super) fn legible(text: &str) -> String {
    text.nfc().filter_map(shown).collect()
}

fn shown(character: char) -> Option<char> {
    match character {
        ' '..='~' => Some(character),
        // What turns the direction of reading, joins or varies characters is not seen itself; and
        // figures that read backwards would be other figures.
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => None,
        '\n' | '\t' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        // The private areas: what stands there is a matter of the font.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => Some(REPLACEMENT),
        _ if character.is_control() => Some(REPLACEMENT),
        _ if WIDTHS.contains_key(&character) => Some(character),
        _ => Some(REPLACEMENT),
    }
}

/// How wide a legible text is on one line, in em.
pub(super) fn width(text: &str) -> f64 {
    let wide = |character: char| match character {
        BREAK => 0.0,
        _ => WIDTHS.get(&character).copied().unwrap_or(WIDE),
    };
    text.chars().map(wide).sum()
}

/// A legible text with places to break it, where it holds long words that cannot be hyphenated. The
/// template makes of them what is not copied from the page.
pub(super) fn breakable(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    for part in text.split_inclusive([' ', '-', '/', '’', '\'']) {
        let whole = part.chars().count() <= WHOLE_CHARS_MAX || is_word(part);
        for (index, character) in part.chars().enumerate() {
            if !whole && index > 0 && index.is_multiple_of(PIECE_CHARS) {
                broken.push(BREAK);
            }
            broken.push(character);
        }
    }
    broken
}

/// Whether it can be hyphenated, but for the punctuation around it.
fn is_word(part: &str) -> bool {
    let word = part.trim_matches(|character: char| !character.is_alphanumeric());
    word.chars().all(char::is_alphabetic) && part.chars().count() <= WORD_CHARS_MAX
}

/// The longest piece of a legible text that stands on one line, in em.
pub(super) fn longest_word(text: &str) -> f64 {
    text.split([' ', BREAK]).map(width).fold(0.0, f64::max)
}
