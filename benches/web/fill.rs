//! The data: synthetic experiments as `carnet generate` makes them, with more permanences.

use std::{path::Path, sync::Arc};

use carnet::{
    app::places,
    clock::SystemClock,
    command::{Commands, Request},
    config::Config,
    domain::{
        entry::{Command, Entry},
        permanence::PermanenceCommand,
        terms::{CommandId, Label, PermanenceId, WeeklyHours},
    },
    generate,
    log::mirrored::MirroredLog,
};
use uuid::Uuid;

const EXPERIMENTS: u64 = 1000;
const PERMANENCES: usize = 10;
const SEED: u64 = 42;
const DAYS: [&str; 5] = ["Mo", "Tu", "We", "Th", "Fr"];

pub(crate) fn run(directory: &Path) {
    let config = Config {
        data_dir: directory.to_owned(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let log = MirroredLog::open(places(&config), Arc::new(SystemClock)).unwrap();
        let commands = Commands::new(Arc::new(log));
        for index in 0..EXPERIMENTS {
            for (command_id, entry) in experiment(index) {
                let request = Request {
                    command_id,
                    actor: Label::try_new("banc d'essai").unwrap(),
                    expected_version: None,
                    entry,
                };
                commands.execute(request).await.unwrap();
            }
        }
    });
}

/// A synthetic experiment, its first permanence scheduled again under other identities until there
/// are enough.
fn experiment(index: u64) -> Vec<(CommandId, Entry)> {
    let mut entries = generate::experiment(SEED, index).unwrap();
    let scheduled = |(_, entry): &(CommandId, Entry)| {
        matches!(
            entry.command,
            Command::Permanence(_, PermanenceCommand::Schedule { .. })
        )
    };
    let there = entries.iter().filter(|entry| scheduled(entry)).count();
    let first = entries.iter().position(scheduled).unwrap();
    let (_, model) = entries[first].clone();
    for more in there..PERMANENCES {
        let mut entry = model.clone();
        let Command::Permanence(id, PermanenceCommand::Schedule { terms, .. }) = &mut entry.command
        else {
            unreachable!("it was just looked for");
        };
        let name = Uuid::new_v5(&id.0, &more.to_be_bytes());
        *id = PermanenceId(name);
        let hours = format!("{} 16:00-{}:00", DAYS[more % DAYS.len()], 17 + more % 3);
        terms.hours = WeeklyHours::try_new(&hours).unwrap();
        let command_id = CommandId(Uuid::new_v5(&name, b"command"));
        entries.insert(first + 1, (command_id, entry));
    }
    entries
}
