//! Clients that record what they can until the program dies, and that ask again afterwards.

use std::{sync::Mutex, thread};

use crate::{
    harness::{
        chance::Chance,
        failure::{Checked, Failure, fail, hold},
        report::Report,
    },
    http::Connection,
    inspect::Found,
    ledger::{Command, Fate, Ledger, lock, understood},
    server::Door,
};

/// How many clients record at once.
pub(crate) const CLIENTS: u64 = 4;
/// How many of the answers of old are asked for again after a kill.
const ASKED_AGAIN: usize = 6;

/// Records until the program is gone or answers a fault, or until `most` commands were answered.
pub(crate) fn record(door: &Door, ledger: &Mutex<Ledger>, mut chance: Chance, most: u64) {
    let Ok(mut connection) = Connection::open(door) else {
        return;
    };
    for _ in 0..most {
        let command = lock(ledger).next(&mut chance);
        let (document, variables) = command.request();
        let Ok(answer) = connection.ask(&document, &variables) else {
            lock(ledger).in_doubt.push(command);
            return;
        };
        let (fate, version) = understood(answer);
        let fault = matches!(fate, Fate::Unknown(_));
        lock(ledger).note(command, fate, version);
        if fault {
            // Whatever goes on there, more of the same would not show it better.
            return;
        }
    }
}

/// Several of them at once, until the program is gone.
pub(crate) fn record_at_once(door: &Door, ledger: &Mutex<Ledger>, chance: &mut Chance, most: u64) {
    let chances: Vec<_> = (0..CLIENTS)
        .map(|client| Chance::new(chance.number(), client))
        .collect();
    thread::scope(|scope| {
        for chance in chances {
            scope.spawn(|| record(door, ledger, chance, most));
        }
    });
}

/// What clients do after a restart: they send what nobody answered again, under the same keys, and
/// they may send again what was answered. `Ok(false)` where the program died meanwhile.
pub(crate) fn ask_again(
    door: &Door,
    ledger: &Mutex<Ledger>,
    found: &Found,
    chance: &mut Chance,
    report: &mut Report,
) -> Checked<bool> {
    let Ok(mut connection) = Connection::open(door) else {
        return Ok(false);
    };
    let in_doubt: Vec<Command> = std::mem::take(&mut lock(ledger).in_doubt);
    let mut rest = in_doubt.into_iter();
    while let Some(command) = rest.next() {
        let (document, variables) = command.request();
        let Ok(answer) = connection.ask(&document, &variables) else {
            let mut ledger = lock(ledger);
            ledger.in_doubt.push(command);
            ledger.in_doubt.extend(rest);
            return Ok(false);
        };
        let (fate, version) = understood(answer);
        match (&fate, found.command(command.id)) {
            (Fate::Written(_, positions), Some(there)) => {
                hold(positions == there, || {
                    format!("it lay at {there:?}, and its retry is told {positions:?}")
                })?;
                report.count("in doubt: found, and the retry was told so");
            }
            (Fate::Written(_, positions), None) => {
                hold(positions.first() > Some(&found.position()), || {
                    format!("it was not there, and its retry is told {positions:?}")
                })?;
                report.count("in doubt: not found, and the retry wrote it");
            }
            (Fate::Nothing, None) => report.count("in doubt: not found, and the retry was refused"),
            (Fate::Nothing, Some(there)) => {
                return fail(format!("it lay at {there:?}, and its retry is refused"));
            }
            (Fate::Unknown(why), _) => return Err(Failure(format!("a retry is told {why}"))),
        }
        lock(ledger).note(command, fate, version);
    }
    for _ in 0..ASKED_AGAIN {
        let earlier = {
            let ledger = lock(ledger);
            if ledger.written.is_empty() {
                return Ok(true);
            }
            // Mostly of late, now and then of long ago.
            let known = ledger.written.len();
            let from = if chance.one_in(2) {
                0
            } else {
                known.saturating_sub(8)
            };
            ledger.written[from + chance.index(known - from)].clone()
        };
        let (command, payload, _) = earlier;
        let (document, variables) = command.request();
        let Ok(answer) = connection.ask(&document, &variables) else {
            return Ok(false);
        };
        match understood(answer).0 {
            Fate::Written(again, _) => hold(again == payload, || {
                format!("first told {payload}, then {again}")
            })?,
            other @ (Fate::Nothing | Fate::Unknown(_)) => {
                return fail(format!("first told {payload}, then {other:?}"));
            }
        }
        report.count("acknowledged, sent again, same answer");
    }
    Ok(true)
}
