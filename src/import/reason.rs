//! Why a row is rejected.

use chrono::NaiveDate;

use super::fault::{perhaps, sentences};
use crate::domain::{
    refusal::Refusal,
    terms::time::{YEARS, in_french},
};

sentences! {
    /// Why a row is rejected: nothing of it is taken, and the rows around it are.
    Reason

    /// A cell is empty that must not be.
    EmptyCell "EMPTY_CELL" => "Cette cellule est vide.";
    /// A formula has no result.
    FormulaWithoutValue "FORMULA_WITHOUT_VALUE" =>
        "Le fichier ne contient pas le résultat de cette formule : l'ouvrir dans un tableur, le \
         recalculer et l'enregistrer, ou remplacer la formule par sa valeur.";
    /// A formula failed.
    FormulaError "FORMULA_ERROR" => "Cette formule est en erreur.";
    /// A cell is too long.
    TooLong { max: usize } "TOO_LONG" => format!("Ce texte dépasse {max} caractères.");
    /// Accents were lost.
    GarbledCell "GARBLED_CELL" =>
        "Les accents de ce texte sont abîmés : repartir de l'original.";
    /// A text holds what shows nothing.
    InvisibleCharacter "INVISIBLE_CHARACTER" =>
        "Ce texte contient un caractère de contrôle ou invisible.";
    /// There is something beyond the headings.
    StrayCell { column: String } "STRAY_CELL" => format!(
        "La cellule {column} est remplie et sa colonne n'a pas d'en-tête : dans un CSV, un texte qui \
         contient le séparateur s'écrit entre guillemets."
    );
    /// It may name somebody.
    PersonalData "PERSONAL_DATA" =>
        "Ce texte semble contenir un téléphone, un courriel ou un numéro de sécurité sociale : aucun \
         usager n'est désigné dans ce carnet.";

    /// It names no permanence.
    NotAPermanence "NOT_A_PERMANENCE" =>
        "Ce n'est pas l'identifiant d'une permanence, tel que le carnet le donne.";

    /// It is no date.
    NotADate "NOT_A_DATE" =>
        "Ce n'est pas une date, comme 31/12/2021, 2021-12-31 ou 31 décembre 2021.";
    /// There is no such day.
    ImpossibleDate "IMPOSSIBLE_DATE" => "Ce jour n'existe pas au calendrier.";
    /// Its year has two digits.
    TwoDigitYear "TWO_DIGIT_YEAR" => "L'année s'écrit en quatre chiffres.";
    /// Its year cannot be.
    DateOutOfRange "DATE_OUT_OF_RANGE" => format!(
        "Cette date sort des années admises ({} à {}).", YEARS.start(), YEARS.end()
    );
    /// It is a moment.
    DateWithTime "DATE_WITH_TIME" =>
        "Cette date porte une heure : serait-ce celle de la saisie ? Le jour de la séance est attendu \
         seul.";
    /// Its day of the week is another one.
    WrongWeekday { date: NaiveDate, is: &'static str } "WRONG_WEEKDAY" => format!(
        "Le {} était un {is}.", in_french(*date)
    );
    /// It is a bare number.
    SerialDate "SERIAL_DATE" =>
        "Ce nombre est peut-être une date qui a perdu son format : mettre la cellule au format Date.";

    /// It is no time of day.
    NotATime "NOT_A_TIME" => "Ce n'est pas une heure du jour, comme 9h30 ou 09:30.";
    /// It is a moment.
    TimeWithDate "TIME_WITH_DATE" => "Cette heure porte aussi une date : l'heure est attendue seule.";
    /// It ends before it begins.
    EndsBeforeStart "ENDS_BEFORE_START" => "La séance finit avant de commencer, ou au même moment.";

    /// It is no number.
    NotANumber "NOT_A_NUMBER" => "Ce n'est pas un nombre.";
    /// It is no whole number.
    NotWhole "NOT_WHOLE" => "Ce n'est pas un nombre entier.";
    /// It is too small or too large.
    OutOfRange { min: u16, max: u16 } "OUT_OF_RANGE" => format!(
        "Ce nombre n'est pas compris entre {min} et {max}."
    );

    /// It is none of the words.
    NotAChoice { nearest: Option<&'static str>, choices: String } "NOT_A_CHOICE" => format!(
        "Ce mot n'est pas de ceux qui sont admis : {choices}.{}", perhaps(*nearest)
    );
    /// No operator is called so.
    UnknownOperator { nearest: Option<&'static str> } "UNKNOWN_OPERATOR" => format!(
        "Cet opérateur est inconnu : un nom usuel, son code, ou « hors bouquet ».{}", perhaps(*nearest)
    );
    /// It is no theme.
    NotATheme "NOT_A_THEME" => "Un thème tient en 2 à 60 lettres et chiffres.";
    /// It is no code of a commune.
    NotACommune "NOT_A_COMMUNE" =>
        "Ce n'est pas un code Insee de commune : cinq caractères, comme 95658 ou 2A004.";
    /// It is a commune's name.
    CommuneName { codes: String } "COMMUNE_NAME" => format!(
        "Le nom d'une commune ne suffit pas : son code Insee est attendu ({codes})."
    );
    /// No commune has that code.
    UnknownCommune "UNKNOWN_COMMUNE" =>
        "Aucune commune n'a ce code Insee : ne serait-ce pas un code postal ?";
    /// It is an age and not a band.
    ExactAge "EXACT_AGE" =>
        "Un âge exact ne s'inscrit pas : seule la tranche d'âge est attendue.";

    /// A session that was held lacks something.
    MissingWhenHeld "MISSING_WHEN_HELD" => "Cette cellule est à remplir pour une séance tenue.";
    /// A session that was held has too much.
    NotWhenHeld "NOT_WHEN_HELD" => "Cette cellule ne se remplit que pour une séance annulée.";
    /// A session that was cancelled lacks something.
    MissingWhenCancelled "MISSING_WHEN_CANCELLED" =>
        "Cette cellule est à remplir pour une séance annulée.";
    /// A session that was cancelled has too much.
    NotWhenCancelled "NOT_WHEN_CANCELLED" =>
        "Cette cellule ne se remplit que pour une séance tenue.";
    /// A cause is to be told in words.
    MissingForOther { cause: &'static str } "MISSING_FOR_OTHER" => format!(
        "Cette cellule est à remplir quand le motif est « {cause} »."
    );
    /// There is an answer where none was received.
    NotWhenUnanswered "NOT_WHEN_UNANSWERED" =>
        "Cette cellule ne se remplit que pour un retour reçu.";
    /// Another row says otherwise of the same thing.
    ContradictsRow { row: u32 } "CONTRADICTS_ROW" => format!(
        "La ligne {row} dit autre chose de la même séance ou du même numéro : aucune des deux n'est \
         prise."
    );
    /// Another row of the same accompaniment is rejected.
    SameNumberRejected { row: u32 } "SAME_NUMBER_REJECTED" => format!(
        "La ligne {row}, du même numéro, est rejetée : l'accompagnement ne s'inscrit qu'en entier."
    );
    /// An accompaniment has too many requests.
    TooManyRequests { max: usize } "TOO_MANY_REQUESTS" => format!(
        "Ce numéro revient sur plus de {max} lignes : est-ce bien celui d'un seul accompagnement ?"
    );

    /// The notebook refuses what the row says.
    Refused { refusal: Refusal } "REFUSED" => refusal.to_string();
}
