//! Terms: what is taken as a text, a code, a commune, a period.

use carnet::domain::{
    refusal::Refusal,
    terms::{
        InseeCode, Period, Slug, Text,
        time::{in_french, last_day_after},
    },
};
use proptest::prelude::*;

use crate::given::{date, insee};

type Ten = Text<10, true>;

#[test]
fn a_text_is_trimmed_and_bounded() {
    assert_eq!(Ten::try_new("  Vigny \n").unwrap().as_str(), "Vigny");
    assert_eq!(Ten::try_new("a\tb\nc").unwrap().as_str(), "a\tb\nc");
    assert_eq!(Ten::try_new(" \n\t "), Err(Refusal::TextEmpty));
    assert_eq!(Ten::try_new("éééééééééé").unwrap().as_str().len(), 20);
    assert_eq!(
        Ten::try_new("ééééééééééé"),
        Err(Refusal::TextTooLong {
            max: 10,
            length: 11
        })
    );
    for text in ["a\u{0}b", "a\u{1b}[31m", "a\rb", "a\u{85}b"] {
        assert_eq!(Ten::try_new(text), Err(Refusal::TextControlCharacter));
    }
}

/// The bug it catches: a stored text that skips the checks of a typed one.
#[test]
fn a_text_read_back_is_checked() {
    assert!(serde_json::from_str::<Ten>("\"Vigny\"").is_ok());
    assert!(serde_json::from_str::<Ten>("\"\"").is_err());
    assert!(serde_json::from_str::<Ten>("\"Cormeilles-en-Vexin\"").is_err());
    assert!(serde_json::from_str::<Slug>("\"CAF\"").is_err());
    assert!(serde_json::from_str::<InseeCode>("\"9565\"").is_err());
}

#[test]
fn a_code_is_plain() {
    let longest = "a".repeat(60);
    for code in ["caf", "la-poste", "s1", longest.as_str()] {
        assert_eq!(Slug::try_new(code).unwrap().as_str(), code);
    }
    let too_long = "a".repeat(61);
    for code in [
        "", "a", "CAF", "la poste", "pôle", "-caf", "caf-", " caf", "a_b", "caf\n",
    ] {
        assert_eq!(
            Slug::try_new(code),
            Err(Refusal::MalformedCode {
                code: code.to_owned()
            })
        );
    }
    assert_eq!(
        Slug::try_new(&too_long),
        Err(Refusal::MalformedCode {
            code: "a".repeat(60)
        })
    );
}

/// The bug it catches: two communes of one name taken for each other.
#[test]
fn two_communes_are_named_vigny() {
    let (here, trap) = (insee("95658"), insee("57715"));
    assert_eq!(here.name(), "Vigny");
    assert_eq!(trap.name(), "Vigny");
    assert_eq!(here.departement(), "95");
    assert_eq!(trap.departement(), "57");
    assert_eq!(insee("95287").name(), "Grisy-les-Plâtres");
    assert_eq!(insee("95177").name(), "Cormeilles-en-Vexin");
}

#[test]
fn a_departement_has_three_characters_overseas() {
    assert_eq!(insee("97411").departement(), "974");
    assert_eq!(insee("98818").departement(), "988");
    assert_eq!(insee("2A004").departement(), "2A");
}

#[test]
fn a_commune_code_is_well_formed_and_known() {
    for raw in [
        "", "9565", "956580", "9565A", "A5658", "2C004", "2a004", " 95658", "９５",
    ] {
        assert_eq!(
            InseeCode::try_new(raw),
            Err(Refusal::MalformedInseeCode {
                code: raw.to_owned()
            })
        );
    }
    let unknown = InseeCode::try_from("95999".to_owned()).unwrap();
    assert_eq!(unknown.name(), "95999");
    assert_eq!(
        InseeCode::try_new("95999"),
        Err(Refusal::UnknownCommune { code: unknown })
    );
}

/// The bug it catches: a table that is not sorted by code, in which a search misses communes.
#[test]
fn every_commune_of_the_table_is_found() {
    let communes = carnet::domain::terms::place::communes();
    assert!(communes.len() > 34_000);
    for commune in communes {
        assert_eq!(
            InseeCode::try_new(commune.code).map(|code| code.name()),
            Ok(commune.name.to_owned())
        );
    }
}

#[test]
fn a_period_has_its_days_in_order() {
    let period = Period::try_new(date("2021-04-27"), date("2021-05-03")).unwrap();
    assert_eq!(period.days(), 7);
    assert_eq!(period.iter().count(), 7);
    assert_eq!(period.iter().last(), Some(date("2021-05-03")));
    assert_eq!(
        Period::try_new(date("2021-05-03"), date("2021-05-02")),
        Err(Refusal::PeriodInverted {
            from: date("2021-05-03"),
            until: date("2021-05-02")
        })
    );
}

#[test]
fn dates_are_written_as_people_do() {
    assert_eq!(in_french(date("2021-05-01")), "1er mai 2021");
    assert_eq!(in_french(date("2021-08-21")), "21 août 2021");
    assert_eq!(in_french(date("2021-12-31")), "31 décembre 2021");
}

proptest! {
    /// The bug it catches: an experiment that starts a day later may end earlier.
    #[test]
    fn a_later_start_never_ends_earlier(days in 0_u64..73_000, months in 1_u32..24) {
        let from = date("1990-01-01") + chrono::Days::new(days);
        let next = from.succ_opt().unwrap();
        prop_assert!(last_day_after(from, months) <= last_day_after(next, months));
        prop_assert!(last_day_after(from, months) > from);
    }

    /// The bug it catches: a cut in the middle of a character, or an unchecked index.
    #[test]
    fn no_text_is_too_strange(raw in "\\PC{0,80}") {
        if let Ok(text) = Ten::try_new(&raw) {
            prop_assert_eq!(Ten::try_new(text.as_str()), Ok(text.clone()));
        }
        if let Ok(slug) = Slug::try_new(&raw) {
            prop_assert_eq!(slug.as_str(), raw.as_str());
        }
        if let Ok(code) = InseeCode::try_new(&raw) {
            prop_assert_eq!(code.as_str(), raw.as_str());
        }
    }
}

/// Catches texts that forge another line, or pass for what they are not.
#[test]
fn a_text_shows_what_it_says() {
    use carnet::domain::terms::{Label, Link, Words};
    assert_eq!(Words::try_new("un\r\ndeux").unwrap().as_str(), "un\ndeux");
    assert_eq!(
        Label::try_new("un\ndeux"),
        Err(Refusal::TextControlCharacter)
    );
    for hidden in ['\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{7}'] {
        let text = format!("a{hidden}b");
        assert_eq!(Words::try_new(&text), Err(Refusal::TextControlCharacter));
    }
    assert!(Link::try_new("https://www.laposte.fr/").is_ok());
    for address in [
        "javascript:alert(1)",
        "https://",
        "https://a b",
        "laposte.fr",
    ] {
        assert_eq!(Link::try_new(address), Err(Refusal::MalformedLink));
    }
}
