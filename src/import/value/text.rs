//! Cells that name something: a permanence, an operator, a commune, an age band.

use crate::{
    domain::{
        refusal::Refusal,
        session::AgeBand,
        terms::{InseeCode, PermanenceId, Slug, Words, place::communes},
    },
    import::{
        reason::Reason,
        table::Cell,
        words::{folded, nearest, squeezed},
    },
    limits,
};

use super::{Choices, names_somebody, number::is_age};

/// The names that operators go by, each with the code that never changes.
static OPERATORS: Choices<&str> = Choices(&[
    ("la-poste", &["La Poste", "Poste", "La Banque Postale"]),
    (
        "caf",
        &[
            "CAF",
            "Caisse d'allocations familiales",
            "CNAF",
            "Allocations familiales",
        ],
    ),
    (
        "pole-emploi",
        &["France Travail", "Pôle emploi", "Pôle-emploi", "PE", "FT"],
    ),
    (
        "cnam",
        &[
            "CNAM",
            "CPAM",
            "Assurance maladie",
            "Ameli",
            "Caisse primaire d'assurance maladie",
        ],
    ),
    (
        "cnav",
        &[
            "CNAV",
            "CARSAT",
            "Assurance retraite",
            "Caisse nationale d'assurance vieillesse",
        ],
    ),
    ("msa", &["MSA", "Mutualité sociale agricole"]),
    (
        "interieur",
        &[
            "Intérieur",
            "Ministère de l'Intérieur",
            "ANTS",
            "France Titres",
            "Préfecture",
        ],
    ),
    (
        "justice",
        &[
            "Justice",
            "Ministère de la Justice",
            "Point-justice",
            "Accès au droit",
        ],
    ),
    (
        "dgfip",
        &[
            "DGFIP",
            "Finances publiques",
            "Impôts",
            "Direction générale des finances publiques",
        ],
    ),
    ("urssaf", &["Urssaf"]),
    ("france-renov", &["France Rénov'", "ANAH"]),
    ("cheque-energie", &["Chèque énergie"]),
]);

/// What is asked outside of the bundle of services.
const OUT_OF_BUNDLE: [&str; 5] = [
    "hors bouquet",
    "hors bouquet de services",
    "hb",
    "autre",
    "aucun",
];

/// Every common name of an operator, the first of each.
pub(in crate::import) fn operators() -> Vec<&'static str> {
    let mut names = OPERATORS.words();
    names.push("hors bouquet");
    names
}

/// The operator a cell names; none where the request lies out of the bundle.
///
/// # Errors
/// [`Reason::UnknownOperator`].
pub(in crate::import) fn operator(cell: &Cell) -> Result<Option<Slug>, Reason> {
    let given = cell.shown();
    let words = folded(&given);
    if OUT_OF_BUNDLE.contains(&words.as_str()) {
        return Ok(None);
    }
    let code = OPERATORS.of(&given).or_else(|| {
        let codes = OPERATORS.0.iter().map(|(code, _)| *code);
        codes.into_iter().find(|code| folded(code) == words)
    });
    let unknown = || Reason::UnknownOperator {
        nearest: nearest(
            &given,
            OPERATORS.0.iter().flat_map(|(_, names)| {
                let shown = names.first().copied().unwrap_or_default();
                names.iter().map(move |name| (folded(name), shown))
            }),
        ),
    };
    match code {
        Some(code) => Slug::try_new(code).map(Some).map_err(|_| unknown()),
        // Operators join: a code that is written as codes are is one, and the notebook knows it or
        // does not.
        None if given.contains('-') => Slug::try_new(given.trim()).map(Some).map_err(|_| unknown()),
        None => Err(unknown()),
    }
}

/// The permanence a cell names, by its UUID or by the id that the API gives it.
///
/// # Errors
/// [`Reason::NotAPermanence`].
pub(in crate::import) fn permanence(cell: &Cell) -> Result<PermanenceId, Reason> {
    let given = squeezed(&cell.shown()).to_lowercase();
    let uuid = given.strip_prefix("permanence-").unwrap_or(&given);
    // Other ways of writing a UUID are nobody's way of writing this one.
    if uuid.len() != 36 {
        return Err(Reason::NotAPermanence);
    }
    uuid.parse().map_err(|_| Reason::NotAPermanence)
}

/// The number a carrier gave to something. It is not kept, but what it names is told apart by it.
///
/// # Errors
/// [`Reason::PersonalData`] or [`Reason::TooLong`].
pub(in crate::import) fn number_of(cell: &Cell) -> Result<String, Reason> {
    let number = squeezed(&cell.shown());
    if names_somebody(&number) {
        return Err(Reason::PersonalData);
    }
    if number.chars().count() > NUMBER_CHARS_MAX {
        return Err(Reason::TooLong {
            max: NUMBER_CHARS_MAX,
        });
    }
    Ok(number)
}

const NUMBER_CHARS_MAX: usize = 60;

/// The theme of a request, in a code made of its words.
///
/// # Errors
/// [`Reason::NotATheme`] or [`Reason::PersonalData`].
pub(in crate::import) fn theme(cell: &Cell) -> Result<Slug, Reason> {
    let given = cell.shown();
    if names_somebody(&given) {
        return Err(Reason::PersonalData);
    }
    let code: String = folded(&given)
        .chars()
        .map(|c| if c == ' ' { '-' } else { c })
        .collect();
    Slug::try_new(&code).map_err(|_| Reason::NotATheme)
}

/// A paragraph in somebody's words.
///
/// # Errors
/// Why it is none, or must not be kept.
pub(in crate::import) fn words(cell: &Cell) -> Result<Words, Reason> {
    let given = cell.shown();
    if names_somebody(&given) {
        return Err(Reason::PersonalData);
    }
    Words::try_new(&given).map_err(|refusal| {
        if let Refusal::TextTooLong { max, .. } = refusal {
            Reason::TooLong { max }
        } else {
            Reason::InvisibleCharacter
        }
    })
}

/// The commune a cell names, by its code. A spreadsheet that took the code for a number lost its
/// leading zero.
///
/// # Errors
/// Why it names none.
pub(in crate::import) fn commune(cell: &Cell) -> Result<Option<InseeCode>, Reason> {
    let given = squeezed(&cell.shown()).to_uppercase().replace(' ', "");
    if UNKNOWN.of(&given).is_some() {
        return Ok(None);
    }
    let code = if given.len() == 4 && given.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("0{given}")
    } else {
        given
    };
    InseeCode::try_new(&code).map(Some).map_err(|refusal| {
        if matches!(refusal, Refusal::UnknownCommune { .. }) {
            return Reason::UnknownCommune;
        }
        let name = folded(&cell.shown());
        let codes: Vec<&str> = communes()
            .iter()
            .filter(|commune| folded(commune.name) == name)
            .map(|commune| commune.code)
            .take(5)
            .collect();
        if codes.is_empty() || limits::IMPORT_QUOTED_CHARS_MAX < name.len() {
            Reason::NotACommune
        } else {
            Reason::CommuneName {
                codes: codes.join(", "),
            }
        }
    })
}

static UNKNOWN: Choices<()> = Choices(&[(
    (),
    &[
        "inconnu",
        "inconnue",
        "non renseigné",
        "nr",
        "ne sait pas",
        "nsp",
        "?",
    ],
)]);

/// The age bands.
pub(in crate::import) static AGE_BANDS: Choices<AgeBand> = Choices(&[
    (
        AgeBand::Under25,
        &[
            "moins de 25 ans",
            "moins de 25",
            "moins 25",
            "0-24",
            "0 à 24 ans",
        ],
    ),
    (
        AgeBand::From25To44,
        &[
            "25-44 ans",
            "25-44",
            "25 à 44 ans",
            "25 à 44",
            "de 25 à 44 ans",
        ],
    ),
    (
        AgeBand::From45To64,
        &[
            "45-64 ans",
            "45-64",
            "45 à 64 ans",
            "45 à 64",
            "de 45 à 64 ans",
        ],
    ),
    (
        AgeBand::From65To79,
        &[
            "65-79 ans",
            "65-79",
            "65 à 79 ans",
            "65 à 79",
            "de 65 à 79 ans",
        ],
    ),
    (
        AgeBand::From80,
        &[
            "80 ans et plus",
            "80 et plus",
            "80 et plus ans",
            "80 ans et +",
        ],
    ),
]);

/// The age band a cell names, if it is known.
///
/// # Errors
/// [`Reason::ExactAge`] or [`Reason::NotAChoice`].
pub(in crate::import) fn age_band(cell: &Cell) -> Result<Option<AgeBand>, Reason> {
    let given = squeezed(&cell.shown());
    if UNKNOWN.of(&given).is_some() {
        return Ok(None);
    }
    // Signs that the folding of words would lose.
    let spelled = match given.strip_prefix(['<', '-']) {
        Some(rest) if !given.starts_with("<=") => {
            format!("moins de {}", rest.trim().trim_start_matches("de "))
        }
        _ => given.replace("et +", "+").replace('+', " et plus"),
    };
    if matches!(cell, Cell::Number(_)) || is_age(&spelled) {
        return Err(Reason::ExactAge);
    }
    AGE_BANDS.read(&Cell::Text(spelled)).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn operators_go_by_many_names() {
        for (name, code) in [
            ("Pôle Emploi", Some("pole-emploi")),
            ("FRANCE TRAVAIL", Some("pole-emploi")),
            ("ministère de l’intérieur", Some("interieur")),
            ("d.g.f.i.p", None),
            ("dgfip", Some("dgfip")),
            ("autre-operateur", Some("autre-operateur")),
        ] {
            let read = operator(&text(name)).ok().flatten();
            assert_eq!(read.as_ref().map(Slug::as_str), code, "{name}");
        }
        assert_eq!(operator(&text("Hors bouquet")), Ok(None));
        assert_eq!(
            operator(&text("CAFF")),
            Err(Reason::UnknownOperator {
                nearest: Some("CAF")
            })
        );
    }

    #[test]
    fn age_bands_are_bands() {
        for (given, band) in [
            ("< 25 ans", AgeBand::Under25),
            ("- de 25 ans", AgeBand::Under25),
            ("25–44", AgeBand::From25To44),
            ("80+", AgeBand::From80),
            ("80 ans et +", AgeBand::From80),
        ] {
            assert_eq!(age_band(&text(given)), Ok(Some(band)), "{given}");
        }
        for given in ["47", "47 ans", "25", "80"] {
            assert_eq!(age_band(&text(given)), Err(Reason::ExactAge), "{given}");
        }
        assert_eq!(age_band(&text("?")), Ok(None));
    }

    #[test]
    fn communes_are_codes() {
        let code = |given: &str| commune(&text(given)).map(|code| code.map(String::from));
        assert_eq!(code("95658"), Ok(Some("95658".into())));
        assert_eq!(code("1004"), Ok(Some("01004".into())));
        assert_eq!(code("2a004"), Ok(Some("2A004".into())));
        assert_eq!(
            code("Vigny"),
            Err(Reason::CommuneName {
                codes: "57715, 95658".into()
            })
        );
        assert_eq!(code("75000"), Err(Reason::UnknownCommune));
        assert_eq!(code("Xyz"), Err(Reason::NotACommune));
    }
}
