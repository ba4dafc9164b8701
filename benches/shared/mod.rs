//! What several measurements share.
#![allow(dead_code, reason = "each measurement needs a part of it")]

pub(crate) mod server;

use std::sync::Arc;

use carnet::{
    command::{Commands, Page, Request},
    domain::{
        entry::Entry,
        terms::{CommandId, Label},
    },
    generate,
    log::EventLog,
};
use futures_util::{StreamExt, stream};

/// How many experiments are written at once.
const AT_ONCE: usize = 64;

/// Writes a synthetic programme until the log has so many events: experiments, each with `weeks`
/// weeks of activity, through the same commands as any other entry.
pub(crate) async fn fill(log: &Arc<dyn EventLog>, events: u64, weeks: u64) {
    let commands = Commands::new(Arc::clone(log));
    let mut written = stream::iter(0..)
        .map(|index| one(commands.clone(), index, weeks))
        .buffer_unordered(AT_ONCE);
    while let Some(()) = written.next().await {
        if log.head().position.0 >= events {
            break;
        }
    }
}

async fn one(commands: Commands, index: u64, weeks: u64) {
    for (id, entry) in generate::experiment(42, index).unwrap() {
        write(&commands, id, entry).await;
    }
    let activity = generate::activity(42, index).unwrap();
    for week in 0..weeks {
        for page in activity.week(week).unwrap() {
            let asked = Page {
                command_id: page.command_id,
                actor: actor(),
                entries: page.entries,
            };
            let written = commands.write_page(&asked).await.unwrap();
            for (id, index, entry) in page.corrections {
                let position = written.outcome.written[index];
                write(
                    &commands,
                    id,
                    generate::correction(entry, position).unwrap(),
                )
                .await;
            }
        }
    }
}

async fn write(commands: &Commands, command_id: CommandId, entry: Entry) {
    let request = Request {
        command_id,
        actor: actor(),
        expected_version: None,
        entry,
    };
    commands.execute(request).await.unwrap();
}

fn actor() -> Label {
    Label::try_new("banc d'essai").unwrap()
}

/// The middle one of some values.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
