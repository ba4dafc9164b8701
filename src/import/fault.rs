//! Why a whole file is refused.

use super::{Kind, table::Area};

/// A macro that keeps the code and the sentence of each fault beside it, as refusals have theirs.
macro_rules! sentences {
    (
        $(#[$type_doc:meta])*
        $type:ident
        $(
            $(#[$doc:meta])*
            $name:ident $({ $($field:ident : $field_type:ty),+ $(,)? })? $code:literal => $message:expr;
        )+
    ) => {
        $(#[$type_doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each field is a part of the sentence it appears in")]
        pub enum $type {$(
            $(#[$doc])*
            $name $({ $($field: $field_type),+ })?,
        )+}

        impl $type {
            /// Every code there is, in the order of their declaration.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The stable code, for programs.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {$(
                    Self::$name $({ $($field: _),+ })? => $code,
                )+}
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let sentence: String = match self {$(
                    Self::$name $({ $($field),+ })? => $message.into(),
                )+};
                f.write_str(&sentence)
            }
        }

        impl std::error::Error for $type {}
    };
}
pub(super) use sentences;

/// What comes before the nearest known word, where there is one.
pub(super) fn perhaps(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| {
        format!(" Vouliez-vous écrire « {nearest} » ?")
    })
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("« {name} »")).collect();
    quoted.join(", ")
}

sentences! {
    /// Why a whole file is refused: nothing of it is taken.
    Fault

    /// There is nothing in it.
    EmptyFile "EMPTY_FILE" => "Le fichier est vide.";
    /// It is too large.
    FileTooLarge { max: usize } "FILE_TOO_LARGE" => format!(
        "Le fichier dépasse {} Mio : le partager en plusieurs, ou n'en garder que la feuille utile.",
        max / (1024 * 1024)
    );
    /// A password protects it.
    Password "PASSWORD" =>
        "Le fichier est protégé par un mot de passe : l'enregistrer sans mot de passe.";
    /// It is in the format of Excel before 2007.
    OldExcel "OLD_EXCEL" =>
        "Le fichier est au format .xls d'avant 2007 : l'ouvrir et l'enregistrer au format XLSX ou ODS.";
    /// It is in the binary format of Excel.
    BinaryExcel "BINARY_EXCEL" =>
        "Le fichier est au format binaire .xlsb : l'enregistrer au format XLSX ou ODS.";
    /// It is something else altogether.
    NotASpreadsheet { what: &'static str } "NOT_A_SPREADSHEET" => format!(
        "Le fichier n'est pas un tableau CSV, XLSX ou ODS, mais {what}."
    );
    /// A part of it cannot be read.
    Unreadable { what: String } "UNREADABLE" => format!(
        "Le fichier est abîmé ou tronqué ({what}) : l'ouvrir dans un tableur et l'enregistrer à \
         nouveau."
    );
    /// It has too many parts.
    TooManyParts { max: usize } "TOO_MANY_PARTS" => format!(
        "Le fichier est une archive de plus de {max} éléments : ce n'est pas un tableau ordinaire."
    );
    /// It inflates to too much.
    InflatesTooMuch { max: usize } "INFLATES_TOO_MUCH" => format!(
        "Décompressé, le fichier dépasse {} Mio : n'en garder que la feuille utile.",
        max / (1024 * 1024)
    );
    /// It has too many rows.
    TooManyRows { max: usize } "TOO_MANY_ROWS" => format!(
        "Le tableau compte plus de {max} lignes : le partager en plusieurs fichiers."
    );
    /// It has too many columns.
    TooManyColumns { max: u32 } "TOO_MANY_COLUMNS" => format!(
        "Le tableau a des cellules remplies au-delà de la {max}e colonne : les supprimer."
    );
    /// It has too many cells.
    TooManyCells { max: usize } "TOO_MANY_CELLS" => format!(
        "Le tableau compte plus de {max} cellules remplies : le partager en plusieurs fichiers."
    );
    /// It has too much text.
    TooMuchText { max: usize } "TOO_MUCH_TEXT" => format!(
        "Les textes du tableau dépassent {} Mio : le partager en plusieurs fichiers.",
        max / (1024 * 1024)
    );
    /// It is not a text.
    NotText { line: usize } "NOT_TEXT" => format!(
        "Ligne {line}, le fichier contient des caractères de contrôle : ce n'est pas du texte CSV. \
         L'enregistrer au format « CSV UTF-8 », XLSX ou ODS."
    );
    /// Its accents were lost.
    Garbled { line: usize, sample: String } "GARBLED" => format!(
        "Ligne {line}, les accents sont abîmés (« {sample} ») : le fichier a été enregistré deux \
         fois dans des encodages différents. Repartir de l'original, ou l'enregistrer en « CSV UTF-8 »."
    );
    /// A quotation mark is never closed.
    UnclosedQuote { row: u32 } "UNCLOSED_QUOTE" => format!(
        "Un guillemet ouvert à la ligne {row} n'est jamais refermé : tout ce qui suit serait pris \
         pour une seule cellule."
    );
    /// It shows no sheet.
    NoSheet "NO_SHEET" => "Le classeur n'a aucune feuille visible.";
    /// Several sheets could be meant.
    SeveralSheets { names: Vec<String>, kind: Kind } "SEVERAL_SHEETS" => format!(
        "Le classeur a plusieurs feuilles remplies ({}) : nommer « {} » celle qui est à importer.",
        listed(names), kind.title()
    );
    /// There is nothing in the sheet.
    EmptySheet "EMPTY_SHEET" => "Le tableau est vide.";
    /// There are no headings.
    NoHeadings { first: String, kind: Kind } "NO_HEADINGS" => format!(
        "Aucune ligne d'en-têtes n'est reconnue ; la première ligne remplie commence par « {first} ». \
         Un fichier de {} commence par : {}.",
        kind.in_french(), kind.required_headings().join(" ; ")
    );
    /// It is a file of another kind.
    OtherKind { asked: Kind, other: Kind } "OTHER_KIND" => format!(
        "Ce tableau a les en-têtes d'un fichier de {}, non de {}.",
        other.in_french(), asked.in_french()
    );
    /// A heading is not known.
    UnknownHeading { column: String, heading: String, nearest: Option<&'static str> }
        "UNKNOWN_HEADING" => format!(
        "Colonne {column}, l'en-tête « {heading} » est inconnu.{}", perhaps(*nearest)
    );
    /// A heading stands twice.
    DuplicateHeading { heading: &'static str, columns: String } "DUPLICATE_HEADING" => format!(
        "L'en-tête « {heading} » figure dans plusieurs colonnes : {columns}."
    );
    /// A heading is missing.
    MissingHeading { heading: &'static str } "MISSING_HEADING" => format!(
        "L'en-tête « {heading} » manque."
    );
    /// A column has content and no heading.
    UnnamedColumn { column: String, row: u32 } "UNNAMED_COLUMN" => format!(
        "La colonne {column} est remplie (ligne {row}) et n'a pas d'en-tête."
    );
    /// A column would name somebody.
    PersonalHeading { column: String, heading: String } "PERSONAL_HEADING" => format!(
        "Colonne {column}, « {heading} » : aucun usager n'est nommé dans ce carnet. Supprimer cette \
         colonne ; rien du fichier n'est conservé."
    );
    /// Cells are merged.
    MergedCells { area: Area } "MERGED_CELLS" => format!(
        "Les cellules {area} sont fusionnées : les séparer et remplir chacune, car on ne peut savoir \
         à quelles lignes leur contenu se rapporte."
    );
    /// There are headings and nothing else.
    NoRows "NO_ROWS" => "Le tableau n'a que ses en-têtes : aucune ligne à importer.";
}
