//! What may designate a person in a text that should not.

/// Whether a text holds what looks like an address of e-mail, a French telephone number or a
/// national identification number. It cannot see names; it sees what can be told by its form.
pub(in crate::import) fn names_somebody(text: &str) -> bool {
    has_mail(text) || runs(text).iter().any(|run| is_personal(run))
}

fn has_mail(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.split_once('@').is_some_and(|(before, after)| {
            before.ends_with(|c: char| c.is_alphanumeric())
                && after.starts_with(|c: char| c.is_alphanumeric())
                && after.contains('.')
        })
    })
}

/// The digits that stand together, be it parted by one space, point or hyphen; with a `+` before
/// them where there is one.
fn runs(text: &str) -> Vec<String> {
    let mut runs = Vec::new();
    let mut run = String::new();
    let mut parted = false;
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() => {
                run.push(c);
                parted = false;
            }
            '+' => {
                runs.push(std::mem::replace(&mut run, "+".into()));
                parted = false;
            }
            ' ' | '\u{a0}' | '\u{202f}' | '.' | '-' if !run.is_empty() && !parted => parted = true,
            _ => {
                runs.push(std::mem::take(&mut run));
                parted = false;
            }
        }
    }
    runs.push(run);
    runs
}

fn is_personal(run: &str) -> bool {
    if let Some(abroad) = run.strip_prefix('+') {
        return (10..=13).contains(&abroad.len());
    }
    match run.len() {
        10 => run.starts_with('0') && !run.starts_with("00"),
        13 => is_nir(run) && !is_dated(run),
        15 => is_nir(run) && key_holds(run),
        _ => false,
    }
}

/// Sex, then the month of birth, where a national identification number has them.
fn is_nir(run: &str) -> bool {
    let month: Option<u8> = run.get(3..5).and_then(|month| month.parse().ok());
    run.starts_with(['1', '2'])
        && month.is_some_and(|month| matches!(month, 1..=12 | 20..=42 | 50..=99))
}

/// A number that begins with a date, as carriers number things: `2021050400123`.
fn is_dated(run: &str) -> bool {
    let part =
        |range: std::ops::Range<usize>| run.get(range).and_then(|part| part.parse::<u8>().ok());
    run.starts_with("20")
        && part(4..6).is_some_and(|month| (1..=12).contains(&month))
        && part(6..8).is_some_and(|day| (1..=31).contains(&day))
}

fn key_holds(run: &str) -> bool {
    let (Some(number), Some(key)) = (run.get(..13), run.get(13..)) else {
        return false;
    };
    let rest = number.parse::<u64>().map(|number| number % 97);
    let key = key.parse::<u64>();
    matches!((rest, key), (Ok(rest), Ok(key)) if rest.saturating_add(key) == 97)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_are_told_by_the_form() {
        for text in [
            "rappeler au 06 12 34 56 78",
            "0612345678",
            "+33 6 12 34 56 78",
            "06.12.34.56.78",
            "jeanne@example.org",
            "2 69 05 49 588 157 80",
            "269054958815780",
            "1850578006084",
        ] {
            assert!(names_somebody(text), "{text}");
        }
        for text in [
            "A-0042",
            "2021-05-04-0012",
            "2021050400123",
            "panne du réseau à 9h30",
            "95658",
            "@vigny",
            "12 demandes, 3 refus",
            "0",
            "123456789012345",
            "2021 05 04 10 30",
        ] {
            assert!(!names_somebody(text), "{text}");
        }
    }
}
