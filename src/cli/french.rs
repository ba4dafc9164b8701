//! What clap says in English of its own accord, in French.

use clap::{
    Arg, ArgAction, Command, Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// How a command's help is laid out.
const HELP: &str = "{about-with-newline}\nUsage : {usage}\n\n{all-args}";

/// A command and those below it, with help in French.
pub(super) fn command(command: Command) -> Command {
    let version = command.get_version().is_some().then(|| {
        let version = Arg::new("version").short('V').long("version");
        version
            .action(ArgAction::Version)
            .help("Imprime la version")
            .help_heading("Aide")
    });
    let help = Arg::new("help").short('h').long("help");
    command
        .help_template(HELP)
        .subcommand_help_heading("Commandes")
        .subcommand_value_name("COMMANDE")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            help.action(ArgAction::Help)
                .help("Imprime cette aide")
                .help_heading("Aide"),
        )
        .args(version)
        .mut_subcommands(self::command)
}

/// Why a command line is not understood, and how to write it.
pub(super) fn misunderstood(error: &Error) -> String {
    let of = |kind| error.get(kind).map(words).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let why = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("il manque {argument}"),
        ErrorKind::UnknownArgument => format!("« {argument} » n'est pas connu ici"),
        ErrorKind::InvalidSubcommand => format!(
            "« {} » n'est pas une commande",
            of(ContextKind::InvalidSubcommand)
        ),
        ErrorKind::ArgumentConflict => {
            format!("{argument} ne va pas avec {}", of(ContextKind::PriorArg))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::InvalidUtf8 => {
            unsuitable(
                &argument,
                &of(ContextKind::InvalidValue),
                &of(ContextKind::ValidValue),
            )
        }
        ErrorKind::NoEquals
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format
        | _ => "cette ligne de commande ne se comprend pas".to_owned(),
    };
    let usage = of(ContextKind::Usage).replace("Usage:", "Usage :");
    let lines = ["", &usage, "\n« --help » en dit plus."];
    let lines = lines.iter().filter(|line| !line.is_empty());
    lines.fold(format!("carnet : {why}."), |told, line| told + "\n" + line)
}

fn unsuitable(argument: &str, value: &str, possible: &str) -> String {
    if value.is_empty() {
        format!("{argument} veut une valeur")
    } else if possible.is_empty() {
        format!("« {value} » ne convient pas à {argument}")
    } else {
        format!("« {value} » ne convient pas à {argument} ; possible : {possible}")
    }
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join(", "),
        ContextValue::StyledStrs(all) => {
            let all: Vec<_> = all.iter().map(ToString::to_string).collect();
            all.join(", ")
        }
        ContextValue::None
        | ContextValue::Bool(_)
        | ContextValue::String(_)
        | ContextValue::StyledStr(_)
        | ContextValue::Number(_)
        | _ => value.to_string(),
    }
}
