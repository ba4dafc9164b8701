//! `carnet config`.

use crate::config::{Config, MEANINGS};

pub(super) fn run(config: &Config) {
    let values = serde_json::to_value(config).unwrap_or_default();
    println!(
        "# La configuration en vigueur : défauts, puis fichier, puis CARNET_..., puis options."
    );
    for (name, meaning) in MEANINGS {
        println!("\n# {meaning} (CARNET_{})", name.to_uppercase());
        println!("{name} = {}", values[name]);
    }
}
