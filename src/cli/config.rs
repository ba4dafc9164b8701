//! `carnet config`.

use std::fmt::Write;

use super::{CliError, print};
use crate::config::{Config, MEANINGS};

pub(super) fn run(config: &Config) -> Result<(), CliError> {
    let values = serde_json::to_value(config).unwrap_or_default();
    let mut text =
        "# La configuration en vigueur : défauts, puis fichier, puis CARNET_..., puis options.\n"
            .to_owned();
    for (name, meaning) in MEANINGS {
        // TOML has no word for nothing; what is printed can be read back.
        let value = if values[name].is_null() {
            format!("# {name} = \"...\"")
        } else {
            format!("{name} = {}", values[name])
        };
        // Writing to a string cannot fail.
        let _written = write!(
            text,
            "\n# {meaning} (CARNET_{})\n{value}\n",
            name.to_uppercase(),
        );
    }
    print(&text)
}
