//! Refusals: why an entry cannot be written. Each states the fact in French, for people, and has
//! a stable code, for programs.

use chrono::NaiveDate;

use super::report::DepartementCode;
use super::terms::{
    Cents, InseeCode, Position, Slug, WeeklyHours,
    time::{YEARS, in_french},
};

/// What an interruption interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An experiment.
    Experiment,
    /// A permanence.
    Permanence,
    /// The label of a site.
    Label,
}

impl Subject {
    const fn in_french(self) -> &'static str {
        match self {
            Self::Experiment => "L'expérimentation",
            Self::Permanence => "La permanence",
            Self::Label => "La labellisation de cet espace",
        }
    }
}

/// A part of an hours expression that yields no sure dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoursPart {
    /// Sunrise, sunset, dawn or dusk: a schedule has no coordinates to compute them from.
    SunTimes,
    /// School holidays: no calendar of the three zones is at hand.
    SchoolHolidays,
    /// A date such as 30 February.
    ImpossibleDate,
    /// An end that is left open.
    OpenEnd,
    /// A comment that stands for hours.
    CommentWithoutHours,
}

impl HoursPart {
    const fn in_french(self) -> &'static str {
        match self {
            Self::SunTimes => "le lever ou le coucher du soleil",
            Self::SchoolHolidays => "les vacances scolaires (SH)",
            Self::ImpossibleDate => "une date qui n'existe pas",
            Self::OpenEnd => "une fin ouverte (+)",
            Self::CommentWithoutHours => "un commentaire à la place des heures",
        }
    }
}

macro_rules! refusals {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $({ $($field:ident : $type:ty),+ $(,)? })? $code:literal => $message:expr;
    )+) => {
        /// Why an entry cannot be written.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each field is a part of the sentence it appears in")]
        pub enum Refusal {$(
            $(#[doc = $doc])+
            $name $({ $($field: $type),+ })?,
        )+}

        impl Refusal {
            /// Every code there is, in the order of their declaration.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The same, each with what it means.
            pub const MEANINGS: &'static [(&'static str, &'static str)] =
                &[$(($code, concat!($($doc),+))),+];

            /// The stable code, for programs.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {$(
                    Self::$name $({ $($field: _),+ })? => $code,
                )+}
            }
        }

        impl std::fmt::Display for Refusal {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let sentence: String = match self {$(
                    Self::$name $({ $($field),+ })? => $message.into(),
                )+};
                f.write_str(&sentence)
            }
        }
    };
}

fn day(date: NaiveDate) -> String {
    in_french(date)
}

refusals! {
    /// A text is empty.
    TextEmpty "TEXT_EMPTY" => "Ce texte est vide.";
    /// A text is too long.
    TextTooLong { max: usize, length: usize } "TEXT_TOO_LONG" =>
        format!("Ce texte compte {length} caractères ; le maximum est de {max}.");
    /// A text holds a control character, one that shows nothing, or a line break too many.
    TextControlCharacter "TEXT_CONTROL_CHARACTER" =>
        "Ce texte contient un caractère de contrôle, invisible, ou un saut de ligne là où il n'en \
         faut pas.";
    /// An address is none of the web.
    MalformedLink "MALFORMED_LINK" =>
        "Cette adresse n'est pas celle d'un document sur la toile (http:// ou https://).";
    /// A code is malformed.
    MalformedCode { code: String } "MALFORMED_CODE" => format!(
        "« {code} » n'est pas un code : 2 à 60 caractères parmi a-z, 0-9 et le tiret."
    );
    /// A part of a content is malformed.
    MalformedContent { max: usize } "MALFORMED_CONTENT" => format!(
        "Une partie de contenu s'écrit en base64 : 4 à {max} caractères, par groupes de quatre."
    );
    /// A file's hash is malformed.
    MalformedFileHash "MALFORMED_FILE_HASH" =>
        "Une empreinte SHA-256 s'écrit en 64 chiffres hexadécimaux, en minuscules.";
    /// The code of a reject is malformed.
    MalformedRejectCode "MALFORMED_REJECT_CODE" =>
        "Un code de rejet compte 1 à 60 caractères parmi A-Z et le tiret bas.";
    /// An INSEE code is malformed.
    MalformedInseeCode { code: String } "MALFORMED_INSEE_CODE" => format!(
        "« {code} » n'est pas un code Insee de commune : cinq caractères, comme 95658 ou 2A004."
    );
    /// No commune has that code.
    UnknownCommune { code: InseeCode } "UNKNOWN_COMMUNE" => format!(
        "Aucune commune n'a le code Insee {code} dans le code officiel géographique."
    );
    /// No département has that code.
    UnknownDepartement { code: DepartementCode } "UNKNOWN_DEPARTEMENT" => format!(
        "Aucun département n'a le code {code}."
    );
    /// A date lies outside the years that are taken.
    DateOutOfRange { date: NaiveDate } "DATE_OUT_OF_RANGE" => format!(
        "La date {date} sort des années admises ({} à {}).", YEARS.start(), YEARS.end()
    );
    /// A period ends before it begins.
    PeriodInverted { from: NaiveDate, until: NaiveDate } "PERIOD_INVERTED" => format!(
        "La période finit le {} avant de commencer le {}.", day(*until), day(*from)
    );
    /// A period is too long for what is asked.
    PeriodTooLong { max_days: i64, days: i64 } "PERIOD_TOO_LONG" => format!(
        "La période compte {days} jours ; le maximum est de {max_days}."
    );
    /// Hours cannot be read.
    HoursUnreadable { hours: String } "HOURS_UNREADABLE" => format!(
        "Les horaires « {hours} » ne se lisent pas en syntaxe OSM opening_hours \
         (exemple : Tu 09:00-12:00)."
    );
    /// Hours are readable, but a calendar cannot tell their dates and times.
    HoursUndatable { hours: String, part: HoursPart } "HOURS_UNDATABLE" => format!(
        "Les horaires « {hours} » citent {} : le calendrier ne peut en tirer ni dates ni \
         heures sûres.", part.in_french()
    );
    /// Hours never open.
    NeverOpens { hours: WeeklyHours } "NEVER_OPENS" => format!(
        "Les horaires « {hours} » n'ouvrent jamais à partir de cette date."
    );
    /// A list is too long.
    TooMany { max: usize } "TOO_MANY" => format!("Cette liste dépasse {max} éléments.");

    /// An amount is beyond all reason.
    AmountTooLarge { max: Cents } "AMOUNT_TOO_LARGE" => format!(
        "Ce montant dépasse {max} : c'est sans doute une faute de frappe."
    );

    /// Nothing is known of the experiment.
    UnknownExperiment "UNKNOWN_EXPERIMENT" => "Cette expérimentation est inconnue.";
    /// It is not launched yet.
    NotLaunched "NOT_LAUNCHED" => "L'expérimentation n'est pas encore lancée.";
    /// It is launched already, otherwise.
    AlreadyLaunched { on: NaiveDate } "ALREADY_LAUNCHED" => format!(
        "L'expérimentation est déjà lancée, depuis le {}.", day(*on)
    );
    /// The day precedes the launch.
    BeforeLaunch { start: NaiveDate } "BEFORE_LAUNCH" => format!(
        "Cette date précède le lancement de l'expérimentation, le {}.", day(*start)
    );
    /// It is planned for under three months.
    PlannedTooShort { planned_end: NaiveDate, earliest_end: NaiveDate } "PLANNED_TOO_SHORT" => format!(
        "Une expérimentation dure trois mois au moins : elle ne peut finir le {}, \
         mais au plus tôt le {}.", day(*planned_end), day(*earliest_end)
    );
    /// Its hub lies outside its zone.
    HubOutsideZone { commune: InseeCode } "HUB_OUTSIDE_ZONE" => format!(
        "La commune du bureau, {} ({commune}), n'est pas dans la zone de l'expérimentation.",
        commune.name()
    );
    /// No operator is named.
    NoOperator "NO_OPERATOR" => "Aucun opérateur n'est nommé.";
    /// An operator is named twice.
    OperatorTwice { code: Slug } "OPERATOR_TWICE" => format!(
        "L'opérateur « {code} » est nommé deux fois."
    );
    /// No criterion is given.
    NoCriterion "NO_CRITERION" => "Aucun critère de réussite n'est donné.";
    /// An indicator has two criteria.
    CriterionTwice { indicator: Slug } "CRITERION_TWICE" => format!(
        "L'indicateur « {indicator} » a deux critères."
    );
    /// An end precedes the start.
    EndBeforeStart { end: NaiveDate, start: NaiveDate } "END_BEFORE_START" => format!(
        "La fin, le {}, précède le début, le {}.", day(*end), day(*start)
    );
    /// A new end is not later.
    EndNotLater { new_end: NaiveDate, end: NaiveDate } "END_NOT_LATER" => format!(
        "Prolonger au {} ne repousse pas la fin, fixée au {}.", day(*new_end), day(*end)
    );
    /// No ground is stated.
    NoGround "NO_GROUND" =>
        "Aucun motif n'est donné : premiers retours des usagers, pertinence du modèle.";
    /// Evidence cites what is not recorded.
    EvidenceAhead { position: Position, head: Position } "EVIDENCE_AHEAD" => format!(
        "La décision s'appuie sur la position {position}, mais le journal s'arrête à la \
         position {head}."
    );
    /// It is closed.
    ExperimentClosed { on: NaiveDate } "EXPERIMENT_CLOSED" => format!(
        "L'expérimentation est close depuis le {}.", day(*on)
    );
    /// It was made permanent.
    AlreadyMadePermanent { on: NaiveDate } "ALREADY_MADE_PERMANENT" => format!(
        "L'expérimentation est pérennisée depuis le {}.", day(*on)
    );
    /// It is suspended already.
    AlreadySuspended { subject: Subject, since: NaiveDate } "ALREADY_SUSPENDED" => format!(
        "{} est déjà suspendue, à compter du {}.", subject.in_french(), day(*since)
    );
    /// It is not suspended.
    NotSuspended { subject: Subject, on: NaiveDate } "NOT_SUSPENDED" => format!(
        "{} n'est pas suspendue à la veille du {} : il n'y a rien à reprendre.",
        subject.in_french(), day(*on)
    );
    /// The hub is closed for works already.
    HubAlreadyClosed { since: NaiveDate } "HUB_ALREADY_CLOSED" => format!(
        "Le bureau est déjà fermé pour travaux, à compter du {}.", day(*since)
    );
    /// The hub is not closed for works.
    HubNotClosed { on: NaiveDate } "HUB_NOT_CLOSED" => format!(
        "Le bureau n'est pas fermé pour travaux à la veille du {} : il n'y a rien à rouvrir.",
        day(*on)
    );

    /// A zone has no commune.
    NoCommune "NO_COMMUNE" => "Cette zone ne compte aucune commune.";
    /// A commune is compared with itself.
    ComparedWithItself { commune: InseeCode } "COMPARED_WITH_ITSELF" => format!(
        "La commune {} ({commune}) est à la fois dans la zone de l'expérimentation et dans celle \
         de comparaison.", commune.name()
    );
    /// Another comparison zone is designated on that day already.
    AlreadyCompared { on: NaiveDate } "ALREADY_COMPARED" => format!(
        "Une autre zone de comparaison est déjà désignée le {}.", day(*on)
    );
    /// No comparison zone is designated by that day.
    NoComparisonZone { on: NaiveDate } "NO_COMPARISON_ZONE" => format!(
        "Aucune zone de comparaison n'est désignée au {}.", day(*on)
    );
    /// No week was counted.
    NoWeek "NO_WEEK" => "Aucune semaine n'est comptée.";
    /// A week does not begin on a Monday.
    NotAMonday { date: NaiveDate } "NOT_A_MONDAY" => format!(
        "Une semaine commence un lundi ; le {} n'en est pas un.", day(*date)
    );
    /// Weeks are not in order, or one is there twice.
    WeeksOutOfOrder { monday: NaiveDate } "WEEKS_OUT_OF_ORDER" => format!(
        "La semaine du {} ne suit pas celle qui la précède dans la liste.", day(*monday)
    );

    /// Another site is its hub from that day already.
    HubAlreadyDesignated { on: NaiveDate } "HUB_ALREADY_DESIGNATED" => format!(
        "Un autre espace France Services est déjà désigné comme bureau de l'expérimentation à \
         compter du {}.", day(*on)
    );
    /// Only appointments are booked or held.
    StateOfAppointments "STATE_OF_APPOINTMENTS" =>
        "Seul un rendez-vous est pris ou tenu : un autre décompte ne précise pas cet état.";

    /// Nothing is known of the labelled site.
    UnknownSite "UNKNOWN_SITE" => "Cet espace France Services est inconnu.";
    /// It is labelled already.
    AlreadyLabelled { since: NaiveDate } "ALREADY_LABELLED" => format!(
        "Cet espace est déjà labellisé France Services, à compter du {}.", day(*since)
    );
    /// It is not labelled.
    NotLabelled { on: NaiveDate } "NOT_LABELLED" => format!(
        "Cet espace n'est pas labellisé France Services le {}.", day(*on)
    );
    /// More people are declared than any site has.
    PeopleOutOfRange { people: i64, max: u8 } "PEOPLE_OUT_OF_RANGE" => format!(
        "Un espace France Services compte de 0 à {max} agents polyvalents présents, non {people}."
    );

    /// Nothing is known of the venue.
    UnknownVenue "UNKNOWN_VENUE" => "Ce lieu d'accueil est inconnu.";
    /// It was agreed already, otherwise.
    VenueAlreadyAgreed "VENUE_ALREADY_AGREED" =>
        "Ce lieu d'accueil est déjà inscrit, en d'autres termes ou retiré depuis : un nouvel accord \
         s'inscrit sous un autre identifiant.";
    /// It does not allow a confidential talk.
    VenueNotConfidential "VENUE_NOT_CONFIDENTIAL" =>
        "Ce lieu ne permet pas un entretien confidentiel.";
    /// It was withdrawn.
    VenueWithdrawn { on: NaiveDate } "VENUE_WITHDRAWN" => format!(
        "Ce lieu d'accueil s'est retiré à compter du {}.", day(*on)
    );
    /// It was not agreed yet.
    VenueNotYetAgreed { from: NaiveDate } "VENUE_NOT_YET_AGREED" => format!(
        "Ce lieu d'accueil n'a donné son accord qu'à compter du {}.", day(*from)
    );
    /// It would be withdrawn before it was agreed.
    WithdrawnBeforeAgreed { agreed: NaiveDate } "WITHDRAWN_BEFORE_AGREED" => format!(
        "Le retrait précède l'accord du lieu, donné le {}.", day(*agreed)
    );
    /// It serves another experiment.
    VenueOfAnotherExperiment "VENUE_OF_ANOTHER_EXPERIMENT" =>
        "Ce lieu d'accueil relève d'une autre expérimentation.";

    /// Nothing is known of the permanence.
    UnknownPermanence "UNKNOWN_PERMANENCE" => "Cette permanence est inconnue.";
    /// It is scheduled already, otherwise.
    AlreadyScheduled "ALREADY_SCHEDULED" =>
        "Cette permanence est déjà programmée, en d'autres termes.";
    /// Its terms change on that day already, otherwise.
    AlreadyRescheduled { on: NaiveDate } "ALREADY_RESCHEDULED" => format!(
        "Les horaires de cette permanence changent déjà le {}.", day(*on)
    );
    /// The day precedes its first one.
    BeforeSchedule { first: NaiveDate } "BEFORE_SCHEDULE" => format!(
        "Cette date précède le début de la permanence, le {}.", day(*first)
    );
    /// It is closed.
    PermanenceClosed { on: NaiveDate } "PERMANENCE_CLOSED" => format!(
        "La permanence est close depuis le {}.", day(*on)
    );
    /// It belongs to another experiment.
    PermanenceOfAnotherExperiment "PERMANENCE_OF_ANOTHER_EXPERIMENT" =>
        "Cette permanence relève d'une autre expérimentation.";
    /// It is held by nobody, or by a crowd.
    HeldByCount { count: i64, max: u8 } "HELD_BY_COUNT" => format!(
        "Une permanence est tenue par 1 à {max} personnes, non par {count}."
    );

    /// What happens at a session is so on that day alone.
    SessionOfOneDay { date: NaiveDate } "SESSION_OF_ONE_DAY" => format!(
        "Ce qui se passe à une permanence vaut pour un seul jour : ici, le {}.", day(*date)
    );
    /// It was held, otherwise.
    SessionAlreadyHeld "SESSION_ALREADY_HELD" =>
        "La tenue de cette permanence ce jour-là est déjà inscrite, en d'autres termes : pour la \
         changer, corrigez cette inscription.";
    /// It was held.
    SessionHeld "SESSION_HELD" => "Cette permanence a été tenue ce jour-là.";
    /// It was cancelled.
    SessionCancelled "SESSION_CANCELLED" => "Cette permanence a été annulée ce jour-là.";
    /// It was cancelled, otherwise.
    SessionAlreadyCancelled "SESSION_ALREADY_CANCELLED" =>
        "L'annulation de cette permanence ce jour-là est déjà inscrite, en d'autres termes : pour \
         la changer, corrigez cette inscription.";
    /// Users were seen at it.
    SessionAttended "SESSION_ATTENDED" =>
        "Des usagers ont été reçus, attendus ou interrogés à cette permanence ce jour-là : elle \
         n'a pas été annulée.";
    /// It has too many entries.
    SessionFull { max: u64 } "SESSION_FULL" => format!(
        "Cette permanence compte déjà {max} inscriptions ce jour-là : c'est le maximum."
    );
    /// It ends before it begins.
    SessionInverted { starts: String, ends: String } "SESSION_INVERTED" => format!(
        "La permanence finit à {ends}, sans avoir duré depuis {starts}."
    );
    /// More advisers are named than held it.
    AdvisersOverCount { named: usize, count: u8 } "ADVISERS_OVER_COUNT" => format!(
        "{named} conseillers sont cités pour une permanence tenue par {count}."
    );
    /// A cause is to be told in words.
    CauseUntold "CAUSE_UNTOLD" => "Cette cause est à dire en toutes lettres.";
    /// The identity stands for something else at this session.
    AlreadyRecorded "ALREADY_RECORDED" =>
        "Cet identifiant désigne déjà autre chose à cette permanence ce jour-là : pour le changer, \
         corrigez cette inscription.";
    /// The appointment was not booked for this session.
    UnknownAppointment "UNKNOWN_APPOINTMENT" =>
        "Aucun rendez-vous n'est pris sous cet identifiant pour cette permanence ce jour-là.";
    /// The appointment ended already, otherwise.
    AppointmentAlreadyEnded "APPOINTMENT_ALREADY_ENDED" =>
        "L'issue de ce rendez-vous est déjà inscrite, en d'autres termes : pour la changer, \
         corrigez cette inscription.";
    /// No such accompaniment was recorded at this session.
    UnknownAccompaniment "UNKNOWN_ACCOMPANIMENT" =>
        "Aucun accompagnement n'est inscrit sous cet identifiant à cette permanence ce jour-là.";
    /// An accompaniment has no request, or too many.
    RequestCount { count: usize, max: usize } "REQUEST_COUNT" => format!(
        "Un accompagnement porte sur 1 à {max} demandes, non sur {count}."
    );
    /// A length of time is none that is taken.
    MinutesOutOfRange { minutes: i64, max: u16 } "MINUTES_OUT_OF_RANGE" => format!(
        "Un accompagnement dure de 1 à {max} minutes, non {minutes}."
    );
    /// An operator is not one of the experiment's on that day.
    OperatorNotServed { code: Slug } "OPERATOR_NOT_SERVED" => format!(
        "L'opérateur « {code} » n'est pas dans le bouquet de services de l'expérimentation à cette \
         date : une demande hors bouquet ne nomme pas d'opérateur."
    );
    /// A pseudonym could be read as somebody's name or number.
    MalformedPseudonym "MALFORMED_PSEUDONYM" =>
        "Un pseudonyme compte 1 à 32 caractères parmi A-Z, a-z et 0-9, dont un chiffre au moins et \
         jamais neuf de suite : il n'est ni un nom, ni une adresse, ni un numéro de téléphone ou de \
         sécurité sociale.";
    /// Nobody was turned away, or a crowd.
    UsersOutOfRange { users: i64, max: u16 } "USERS_OUT_OF_RANGE" => format!(
        "Une inscription concerne de 1 à {max} usagers éconduits, non {users}."
    );
    /// No user was asked for that feedback.
    FeedbackNotOffered "FEEDBACK_NOT_OFFERED" =>
        "Aucun avis n'a été demandé sous cet identifiant à cette permanence ce jour-là.";
    /// It was answered already, otherwise.
    FeedbackAlreadyAnswered "FEEDBACK_ALREADY_ANSWERED" =>
        "La réponse à cette demande d'avis est déjà inscrite, en d'autres termes : pour la \
         changer, corrigez cette inscription.";
    /// A satisfaction is none of the scale.
    SatisfactionOutOfRange { satisfaction: i64, max: u8 } "SATISFACTION_OUT_OF_RANGE" => format!(
        "« {satisfaction} » n'est pas une satisfaction : elle va de 1 à {max}."
    );

    /// Nothing is known of the report.
    UnknownReport "UNKNOWN_REPORT" => "Ce rapport est inconnu, ou n'est pas publié.";
    /// It is published already, otherwise.
    AlreadyPublished { on: NaiveDate } "ALREADY_PUBLISHED" => format!(
        "Ce rapport est déjà publié, en d'autres termes, le {}.", day(*on)
    );
    /// Another report took its place already.
    AlreadyReplaced { on: NaiveDate } "ALREADY_REPLACED" => format!(
        "Une autre version remplace déjà ce rapport, publiée le {} : c'est celle-ci qui peut être \
         remplacée à son tour.", day(*on)
    );
    /// It would take the place of a report of something else, or for somebody else.
    ReportOfAnotherScope "REPORT_OF_ANOTHER_SCOPE" =>
        "Une nouvelle version porte sur le même périmètre que le rapport qu'elle remplace, et \
         s'adresse au même public.";
    /// Its identity does not follow from what it replaces, or would if it replaced anything.
    ReportIdentity "REPORT_IDENTITY" =>
        "L'identifiant d'une nouvelle version se déduit de celui du rapport qu'elle remplace ; celui \
         d'un premier rapport n'est pas un UUID de version 5.";
    /// It tells of what is not yet recorded.
    ReportAhead { position: Position, head: Position } "REPORT_AHEAD" => format!(
        "Le rapport est arrêté à la position {position}, mais le journal s'arrête à la position \
         {head}."
    );
    /// A part of its content comes before its turn.
    PartOutOfOrder { index: u32, next: u32 } "PART_OUT_OF_ORDER" => format!(
        "La partie {index} du contenu vient avant son tour : on attend la partie {next}."
    );
    /// A part of its content is laid down already, and says something else.
    PartAlreadyStored { index: u32 } "PART_ALREADY_STORED" => format!(
        "La partie {index} du contenu de ce rapport est déjà inscrite, et dit autre chose."
    );
    /// Its content has too many parts.
    ContentTooLong { max: u32 } "CONTENT_TOO_LONG" => format!(
        "Le contenu de ce rapport compte plus de {max} parties."
    );
    /// Its content is empty, or too large.
    ContentOutOfRange { bytes: u32, max: u32 } "CONTENT_OUT_OF_RANGE" => format!(
        "Le contenu d'un rapport compte de 1 à {max} octets, non {bytes}."
    );
    /// Its content is not there in as many parts as it says.
    ContentIncomplete { parts: u32, stored: u32 } "CONTENT_INCOMPLETE" => format!(
        "Le contenu de ce rapport est annoncé en {parts} parties, et {stored} sont inscrites."
    );
    /// It is frozen.
    ReportFrozen "REPORT_FROZEN" =>
        "Un rapport publié ne se corrige ni ne se retire : une nouvelle version le remplace.";

    /// An import is identified by another file or kind.
    ImportOfAnotherFile "IMPORT_OF_ANOTHER_FILE" =>
        "Cet identifiant est celui de l'import d'un autre fichier, ou d'un autre genre.";
    /// The numbers of an import cannot all be right.
    ImportMiscounted "IMPORT_MISCOUNTED" =>
        "Cet import compte plus de lignes rejetées ou ignorées que de lignes, ou nomme plus de lignes \
         rejetées qu'il n'en compte.";

    /// Nothing is known of the adviser.
    UnknownAdviser "UNKNOWN_ADVISER" => "Ce conseiller est inconnu.";
    /// The adviser is registered already, otherwise.
    AdviserAlreadyRegistered "ADVISER_ALREADY_REGISTERED" =>
        "Ce conseiller est déjà inscrit, en d'autres termes.";
    /// The day precedes the registration.
    BeforeRegistration { from: NaiveDate } "BEFORE_REGISTRATION" => format!(
        "Cette date précède l'entrée en fonction du conseiller, le {}.", day(*from)
    );
    /// The person was erased.
    PersonErased "PERSON_ERASED" =>
        "Cette personne a été effacée : plus rien ne peut être inscrit à son sujet.";
    /// A text that is not sealed names the person.
    NamesThePerson "NAMES_THE_PERSON" =>
        "Ce texte nomme la personne : il resterait lisible après son effacement.";
    /// The adviser is assigned to that place already.
    AlreadyAssigned { since: NaiveDate } "ALREADY_ASSIGNED" => format!(
        "Ce conseiller est déjà affecté à ce lieu, à compter du {}.", day(*since)
    );
    /// The adviser is not assigned to that place.
    NotAssigned { on: NaiveDate } "NOT_ASSIGNED" => format!(
        "Ce conseiller n'est pas affecté à ce lieu à la veille du {}.", day(*on)
    );
    /// The adviser is absent already.
    AlreadyAbsent { since: NaiveDate } "ALREADY_ABSENT" => format!(
        "Ce conseiller est déjà absent, à compter du {}.", day(*since)
    );
    /// What is sealed belongs to somebody else.
    SealedForAnother "SEALED_FOR_ANOTHER" =>
        "Cette donnée est scellée avec la clé d'une autre personne.";

    /// Nothing is known of the operator.
    UnknownOperator "UNKNOWN_OPERATOR" => "Cet opérateur est inconnu.";
    /// The identity is drawn from another code.
    OperatorOfAnotherCode { code: Slug } "OPERATOR_OF_ANOTHER_CODE" => format!(
        "Le code « {code} » est celui d'un autre opérateur : un code ne change pas."
    );
    /// It is in the bundle of services already.
    AlreadyMember { since: NaiveDate } "ALREADY_MEMBER" => format!(
        "Cet opérateur fait déjà partie du bouquet de services, à compter du {}.", day(*since)
    );
    /// It is not in the bundle of services.
    NotMember { on: NaiveDate } "NOT_MEMBER" => format!(
        "Cet opérateur ne fait pas partie du bouquet de services à la veille du {} : il ne peut \
         le quitter.", day(*on)
    );
    /// The day precedes its joining.
    BeforeMembership { from: NaiveDate } "BEFORE_MEMBERSHIP" => format!(
        "Cette date précède l'entrée de l'opérateur dans le bouquet de services, le {}.",
        day(*from)
    );
    /// It bears another name from that day already.
    AlreadyRenamed { on: NaiveDate } "ALREADY_RENAMED" => format!(
        "Cet opérateur porte déjà un autre nom à compter du {}.", day(*on)
    );

    /// An amount is nothing.
    AmountZero "AMOUNT_ZERO" => "Ce montant est nul.";
    /// Nothing is known of the funding agreement.
    UnknownAgreement "UNKNOWN_AGREEMENT" => "Cette convention est inconnue.";
    /// It is signed already, otherwise.
    AlreadySigned { on: NaiveDate } "ALREADY_SIGNED" => format!(
        "Cette convention est déjà signée, en d'autres termes, le {}.", day(*on)
    );
    /// A payment has that identity already.
    PaymentAlreadyRecorded "PAYMENT_ALREADY_RECORDED" =>
        "Ce versement est déjà inscrit, en d'autres termes.";
    /// A payment precedes the signature.
    PaymentBeforeSignature { signed: NaiveDate } "PAYMENT_BEFORE_SIGNATURE" => format!(
        "Ce versement précède la signature de la convention, le {}.", day(*signed)
    );
    /// More would be paid than was agreed.
    PaymentsExceedAmount { paid: Cents, amount: Cents } "PAYMENTS_EXCEED_AMOUNT" => format!(
        "Les versements atteindraient {paid}, au-delà des {amount} de la convention."
    );

    /// Nothing is known of the cost.
    UnknownCost "UNKNOWN_COST" => "Ce coût est inconnu.";
    /// It is recorded already, otherwise.
    CostAlreadyRecorded "COST_ALREADY_RECORDED" => "Ce coût est déjà inscrit, en d'autres termes.";
    /// A period that must be closed is open.
    NoLastDay "NO_LAST_DAY" => "Il faut un dernier jour à cette période.";
    /// A share is none, or more than the whole.
    ImpossibleShare { parts: u32, of: u32 } "IMPOSSIBLE_SHARE" => format!(
        "Une clé de répartition attribue de 1 part à toutes, non {parts} sur {of}."
    );
    /// The agreement pays for other experiments.
    AgreementOfOtherExperiments "AGREEMENT_OF_OTHER_EXPERIMENTS" =>
        "Cette convention finance d'autres expérimentations.";
    /// The cost is one of another experiment.
    CostOfAnotherExperiment "COST_OF_ANOTHER_EXPERIMENT" =>
        "Ce coût relève d'une autre expérimentation.";
    /// What an actual cost would take the place of is no estimate.
    NotAnEstimate "NOT_AN_ESTIMATE" => "Ce coût n'est pas une estimation : rien ne le remplace.";
    /// An estimate takes the place of nothing.
    EstimateReplacesNothing "ESTIMATE_REPLACES_NOTHING" =>
        "Seul un coût réel remplace une estimation ; une estimation se corrige.";

    /// The number of an establishment is malformed.
    MalformedSiret "MALFORMED_SIRET" =>
        "Un numéro Siret compte 14 chiffres, dont le dernier est une clé de contrôle.";
    /// Nothing is known of the service token.
    UnknownToken "UNKNOWN_TOKEN" => "Ce jeton est inconnu.";
    /// It is issued already, otherwise.
    TokenAlreadyIssued "TOKEN_ALREADY_ISSUED" =>
        "Un jeton est déjà délivré sous cet identifiant, en d'autres termes.";
    /// It would carry no grant.
    GrantsMissing "GRANTS_MISSING" => "Il faut au moins un rôle.";
    /// The role is not one over those experiments.
    ReachOfAnotherRole "REACH_OF_ANOTHER_ROLE" =>
        "Un porteur l'est d'une organisation ou d'une expérimentation, et un administrateur de tout \
         le programme.";
    /// It would end before it begins.
    ExpiresTooEarly { from: NaiveDate } "EXPIRES_TOO_EARLY" => format!(
        "La fin précède le {}, où cela commencerait.", day(*from)
    );
    /// The identity is drawn from another account or organisation.
    HolderOfAnotherIdentity "HOLDER_OF_ANOTHER_IDENTITY" =>
        "Cet identifiant est celui d'un autre compte, ou d'une autre organisation.";
    /// The role was never granted.
    NotGranted "NOT_GRANTED" => "Ce rôle n'a jamais été accordé ici.";
    /// Who may do what is neither corrected nor retracted.
    AccessNotCorrectable "ACCESS_NOT_CORRECTABLE" =>
        "Un jeton ou un rôle ne se corrige ni ne se retire de l'historique : le révoquer, ou en \
         accorder un autre.";

    /// A retraction that names no entry.
    NothingToRetract "NOTHING_TO_RETRACT" => "Aucune inscription à retirer n'est nommée.";
    /// What it would correct is not in the history of this subject.
    NotCorrectable { position: Position } "NOT_CORRECTABLE" => format!(
        "L'inscription {position} n'est pas dans l'historique de ce sujet : elle ne peut être \
         corrigée ainsi."
    );
    /// What it would correct was corrected already, otherwise.
    AlreadyCorrected { position: Position, by: Position } "ALREADY_CORRECTED" => format!(
        "L'inscription {position} est déjà corrigée par l'inscription {by} : c'est celle-ci qui \
         peut l'être à son tour."
    );
    /// What it would retract is retracted already.
    AlreadyRetracted { position: Position } "ALREADY_RETRACTED" => format!(
        "L'inscription {position} est déjà un retrait."
    );
    /// It says something of another kind than what it would correct.
    CorrectsAnotherKind { position: Position } "CORRECTS_ANOTHER_KIND" => format!(
        "L'inscription {position} n'est pas du même genre que celle qui la corrigerait."
    );
    /// It gives what is corrected another identity.
    ChangesIdentity { position: Position } "CHANGES_IDENTITY" => format!(
        "L'inscription {position} porte un autre identifiant : une correction ne le change pas."
    );
    /// It would move the subject to another experiment.
    MovesElsewhere { position: Position } "MOVES_ELSEWHERE" => format!(
        "L'inscription {position} relève d'une autre expérimentation : la retirer, et l'inscrire là \
         où il faut."
    );
    /// What the correction says is said by another entry.
    SaidElsewhere "SAID_ELSEWHERE" =>
        "Une autre inscription dit déjà la même chose : celle-ci est à retirer, si elle ne l'est pas \
         déjà.";
    /// What was recorded since could not have been.
    Contradicts { position: Position, why: Box<Refusal> } "CONTRADICTS" => format!(
        "Cette correction contredirait l'inscription {position}, faite depuis : « {why} » La \
         corriger ou la retirer d'abord."
    );
}

impl std::error::Error for Refusal {}
