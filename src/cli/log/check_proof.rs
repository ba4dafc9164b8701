//! `carnet log check-proof`: needs nothing but its files.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::{ArgGroup, Args};

use crate::{
    cli::{CliError, events::as_text, print},
    log::{
        proof::{ConsistencyProof, InclusionProof, LogHead, Proof, Trusted, Wrong, parse_hash},
        record::{Hash, Record},
        stored,
    },
};

/// No head and no proof is larger.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// What to check, and what is believed.
#[derive(Args)]
#[command(group = ArgGroup::new("trusted").required(true).args(["root", "head"]))]
pub(super) struct CheckProof {
    /// La preuve
    #[arg(value_name = "FICHIER")]
    proof: PathBuf,
    /// La racine à laquelle on se fie : 64 chiffres hexadécimaux
    #[arg(long, value_name = "RACINE", requires = "size", value_parser = root)]
    root: Option<Hash>,
    /// Le nombre d'événements du journal qui a cette racine
    #[arg(long, value_name = "NOMBRE", requires = "root")]
    size: Option<u64>,
    /// Une tête à laquelle on se fie, telle que « carnet log head » l'imprime (peut se répéter)
    #[arg(long, value_name = "FICHIER")]
    head: Vec<PathBuf>,
}

fn root(text: &str) -> Result<Hash, String> {
    parse_hash(text).ok_or_else(|| "une racine a 64 chiffres hexadécimaux".to_owned())
}

impl CheckProof {
    pub(super) fn run(&self) -> Result<(), CliError> {
        let trusted = self.trusted()?;
        let no = |wrong| CliError::Other(format!("La preuve ne vaut pas : {}", why(&wrong)));
        let told = match Proof::read(&contents(&self.proof)?).map_err(no)? {
            Proof::Inclusion(proof) => {
                let record = proof.check(&trusted).map_err(no)?;
                inclusion(&proof, record.as_ref(), &trusted)
            }
            Proof::Consistency(proof) => {
                proof.check(&trusted).map_err(no)?;
                consistency(&proof, &trusted)
            }
        };
        print(&told)
    }

    fn trusted(&self) -> Result<Vec<Trusted>, CliError> {
        if let (Some(root), Some(size)) = (self.root, self.size) {
            return Ok(vec![Trusted {
                log_id: None,
                size,
                root,
            }]);
        }
        let read = |path: &PathBuf| {
            let head = LogHead::read(&contents(path)?).map_err(|wrong| {
                CliError::Other(format!("La tête {} : {}", path.display(), why(&wrong)))
            })?;
            Ok(head.trusted())
        };
        self.head.iter().map(read).collect()
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => Err(CliError::Other(format!(
            "{} ne se lit pas : {error}",
            path.display()
        ))),
        Ok(_) if bytes.len() as u64 > FILE_BYTES_MAX => Err(CliError::Other(format!(
            "{} est trop grand pour une tête ou une preuve.",
            path.display()
        ))),
        Ok(_) => Ok(bytes),
    }
}

/// The log that is believed in: by its name where that is known.
fn of_log(trusted: &[Trusted]) -> String {
    match trusted.iter().find_map(|head| head.log_id) {
        Some(id) => format!("le journal {id}"),
        None => "le journal de cette racine".to_owned(),
    }
}

fn inclusion(proof: &InclusionProof, record: Option<&Record>, trusted: &[Trusted]) -> String {
    let shown = match record {
        None => format!(
            "La preuve ne porte pas l'événement, mais son empreinte : {}",
            proof.record_hash
        ),
        Some(record) => match stored::decode(record) {
            Ok(event) => as_text(&event, &BTreeMap::new()),
            Err(_) => format!(
                "{:>6}  {} (cette version de carnet ne sait pas le raconter)",
                record.position, record.tag
            ),
        },
    };
    format!(
        "Prouvé : {}, à la position {}, contient l'événement {}.\n{shown}\n",
        of_log(trusted),
        proof.tree_size,
        proof.event,
    )
}

fn consistency(proof: &ConsistencyProof, trusted: &[Trusted]) -> String {
    let proved = format!(
        "Prouvé : {}, à la position {}, prolonge ce qu'il était à la position {} : rien de ce \
         qui y était inscrit n'a été changé, ôté ni déplacé.\n",
        of_log(trusted),
        proof.to,
        proof.from,
    );
    let heads = [(proof.from, proof.from_root), (proof.to, proof.to_root)];
    let told = heads.iter().filter(|(position, root)| {
        let believed = |head: &Trusted| (head.size, head.root) == (position.0, *root);
        !trusted.iter().any(believed)
    });
    let only_told = told.map(|(position, root)| {
        format!(
            "La tête à la position {position} n'est connue que par cette preuve : comparez sa \
             racine, {root}.\n"
        )
    });
    std::iter::once(proved).chain(only_told).collect()
}

/// Why a file proves nothing, in French.
fn why(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Format { expected, why } => {
            format!("ce n'est pas un fichier au format {expected} ({why}).")
        }
        Wrong::Untrusted { size, root } => format!(
            "elle ne porte pas sur la tête à laquelle vous vous fiez ({size} événements, racine \
             {root})."
        ),
        Wrong::OtherLog(id) => {
            format!("elle porte sur un autre journal que {id}, auquel vous vous fiez.")
        }
        Wrong::Field(field) => {
            format!("son champ « {field} » ne peut être, ou en contredit un autre.")
        }
        Wrong::Record(error) => format!("l'enregistrement qu'elle porte est abîmé ({error})."),
        Wrong::Path => "ses empreintes ne mènent pas à la racine.".to_owned(),
    }
}
