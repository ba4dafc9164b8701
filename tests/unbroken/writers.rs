//! Those who record, at once, whatever happens to the program meanwhile.

use std::sync::Arc;

use tokio::{sync::watch, task::JoinSet};

use crate::{
    ask::Client,
    harness::{
        chance::Chance,
        failure::{Checked, Failure},
    },
    notes::Notes,
    server::Lives,
    world::{Command, EXPERIMENTS, document},
};

/// How many record at once.
const WRITERS: u64 = 16;
/// The most mutations of one document.
const TOGETHER: u64 = 12;

/// Records some commands, sent to the byte again until they are answered.
async fn record(client: &mut Client, notes: &Notes, commands: &[Command]) -> Checked {
    let (document, variables) = document(commands);
    let data = client.ask(&document, &variables).await?;
    notes.take(commands, &data)
}

/// Makes the world: experiments, their venues and permanences.
pub(crate) async fn begin(client: &mut Client, notes: &Notes, chance: &mut Chance) -> Checked {
    for which in 0..EXPERIMENTS {
        record(client, notes, &Command::beginning(which, chance)).await?;
    }
    Ok(())
}

/// Records until so much was.
pub(crate) async fn record_at_once(
    lives: &Lives,
    token: &str,
    notes: &Arc<Notes>,
    (until, failed): (u64, watch::Receiver<bool>),
    chance: &mut Chance,
) -> Checked {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let mut chance = Chance::new(chance.number(), writer);
        let mut client = Client::new(lives.clone(), token);
        let (notes, failed) = (Arc::clone(notes), failed.clone());
        writers.spawn(async move {
            while *notes.count.borrow() < until && !*failed.borrow() {
                let together = 1 + chance.below(TOGETHER);
                let commands: Vec<_> = (0..together).map(|_| Command::any(&mut chance)).collect();
                record(&mut client, &notes, &commands).await?;
            }
            Checked::Ok(())
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.map_err(|err| Failure(format!("a writer: {err}")))??;
    }
    Ok(())
}

/// Something of everything: whoever follows anything is told something after all that was.
pub(crate) async fn end(client: &mut Client, notes: &Notes, chance: &mut Chance) -> Checked {
    for which in 0..EXPERIMENTS {
        let commands = [
            Command::statement(which, chance),
            Command::turning_away(which, chance),
        ];
        record(client, notes, &commands).await?;
    }
    Ok(())
}
