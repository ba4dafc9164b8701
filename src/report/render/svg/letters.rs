//! How much room words take. The font is whatever the reader has, so that widths are those of a wide
//! one: in any usual font the words take that room or less.

/// The size of letters.
pub(super) const SIZE: f64 = 13.0;
/// The size of what is said beside.
pub(super) const SMALL: f64 = 11.0;
/// From one line to the next.
pub(super) const LINE: f64 = 17.0;
/// What shows that more was said.
const ELLIPSIS: char = '…';

/// How wide words are.
pub(super) fn width(words: &str, size: f64) -> f64 {
    words.chars().map(advance).sum::<f64>() * size
}

/// The width of a character, as a part of the size.
const fn advance(character: char) -> f64 {
    match character {
        'i' | 'l' | 'j' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '\u{a0}'
        | '\u{202f}' | '’' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '!' | '/' => 0.42,
        'm' | 'M' | 'W' | 'w' | '%' | '@' | 'œ' | 'Œ' | '…' | '—' => 1.0,
        'A'..='Z' | '+' | '=' | '<' | '>' | '\u{2212}' | '\u{c0}'..='\u{df}' => 0.8,
        'a'..='z' | '0'..='9' | '_' | '"' | '«' | '»' | '\u{e0}'..='\u{ff}' => 0.64,
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' => 0.0,
        _ => 1.1,
    }
}

/// Words in lines no wider than that: parted at spaces, and within a word that is wider; what goes
/// beyond the last line is cut, and an ellipsis shows it.
pub(super) fn wrap(words: &str, room: f64, size: f64, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in words
        .split([' ', '\n', '\t'])
        .filter(|word| !word.is_empty())
    {
        let gap = if line.is_empty() { "" } else { " " };
        if width(&line, size) + width(gap, size) + width(word, size) <= room {
            line.push_str(gap);
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for character in word.chars() {
            if !line.is_empty() && width(&line, size) + advance(character) * size > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
        // No more is made than shows that there is more.
        if lines.len() > lines_max {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            *last = shortened(last, room, size);
        }
    }
    lines
}

/// Words in one line, cut where they are wider.
pub(super) fn cut(words: &str, room: f64, size: f64) -> String {
    wrap(words, room, size, 1).pop().unwrap_or_default()
}

/// A line with an ellipsis, as much of it as leaves room for that.
fn shortened(line: &str, room: f64, size: f64) -> String {
    let mut line = line.to_owned();
    while !line.is_empty() && width(&line, size) + advance(ELLIPSIS) * size > room {
        line.pop();
    }
    let mut line = line.trim_end().to_owned();
    line.push(ELLIPSIS);
    line
}

/// A count as a measure.
pub(super) fn count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
