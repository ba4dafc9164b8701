//! `carnet log verify`.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    cli::{CliError, bar, existing_log, print},
    config::Config,
    log::mirrored::{self, Checked},
};

/// How many records pass between two strokes of the bar.
const STROKE: u64 = 1024;

pub(super) fn run(config: &Config) -> Result<(), CliError> {
    let places = existing_log(config)?;
    let bar = bar(
        0,
        "Vérification {spinner} {pos} enregistrements lus, {per_sec}",
    );
    let passed = Arc::new(AtomicU64::new(0));
    let stroke = bar.clone();
    let verified = mirrored::verify(&places, &move || {
        let count = passed.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_multiple_of(STROKE) {
            stroke.set_position(count);
        }
    })?;
    bar.finish_and_clear();
    print(&described("Journal", &verified.store, false))?;
    match &verified.mirror {
        Some(mirror) => print(&described("Miroir ", mirror, verified.difference.is_some()))?,
        None => print("Miroir  : aucun n'est réglé.\n")?,
    }
    if verified.is_whole() {
        return print("Rien à signaler : chaque copie est intacte, et elles sont pareilles.\n");
    }
    if let Some(difference) = &verified.difference {
        print(&format!("{difference}\n"))?;
    }
    Err(CliError::Other(
        "Le journal n'est pas intact. L'ouvrir répare ce qui peut l'être depuis l'autre copie, et \
         refuse le reste ; copier d'abord les deux répertoires à l'abri."
            .into(),
    ))
}

fn described(what: &str, copy: &Checked, differs: bool) -> String {
    let told = match &copy.trouble {
        None => "intact".to_owned(),
        Some(trouble) if copy.torn && differs => {
            format!("INCOMPLET, suivi d'un lot inachevé ou abîmé ({trouble})")
        }
        Some(trouble) if copy.torn => {
            format!("intact, suivi d'un lot qu'un arrêt brutal a laissé inachevé ({trouble})")
        }
        Some(trouble) => format!("ABÎMÉ, {trouble}"),
    };
    format!(
        "{what} {} : {} événements lus, empreinte {}, {told}\n",
        copy.directory.display(),
        copy.head.position,
        copy.head.hash
    )
}
