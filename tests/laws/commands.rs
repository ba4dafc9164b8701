//! Laws of commands: twice is once.

use std::collections::BTreeSet;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use carnet::{
    command::{CommandError, Outcome},
    domain::{
        entry::{self, Entry},
        event::Recorded,
        refusal::Refusal,
        terms::{EventId, Label, Position},
        world::World,
    },
};

use super::{
    histories::{aimed, histories},
    notebook::{Notebook, Verdict, for_all},
};

/// Would catch: a retried request that writes a second time, or is answered otherwise; a command
/// id that is forgotten when the log is opened again; a refusal that leaves a trace.
#[test]
fn a_repeated_command_takes_effect_once() {
    for_all(histories(90), async |entries: Vec<Entry>| -> Verdict {
        let mut notebook = Notebook::new();
        let mut written = Vec::new();
        for (number, entry) in (0..).zip(&entries) {
            let before = notebook.head();
            let first = notebook.ask(number, entry).await;
            let after = notebook.head();
            prop_assert_eq!(after, expected_head(before, &first)?);
            prop_assert_eq!(&notebook.ask(number, entry).await, &first);
            prop_assert_eq!(notebook.head(), after, "repeating wrote");
            if let Ok(outcome) = first
                && !outcome.written.is_empty()
            {
                written.push((number, entry, outcome));
            }
        }
        let head = notebook.head();
        for reopened in [false, true] {
            if reopened {
                notebook = notebook.reopened();
                prop_assert_eq!(notebook.head(), head);
            }
            for (number, entry, outcome) in &written {
                let again = notebook.ask(*number, entry).await;
                prop_assert_eq!(again.as_ref(), Ok(outcome), "later");
            }
            prop_assert_eq!(notebook.head(), head, "repeating wrote, later");
        }
        Ok(())
    });
}

/// The head after an answer: it moves by what was written, and by nothing else.
fn expected_head(
    before: Position,
    answer: &Result<Outcome, Refusal>,
) -> Result<Position, TestCaseError> {
    let Ok(outcome) = answer else {
        return Ok(before);
    };
    let after = Position(before.0 + outcome.written.len() as u64);
    let written: Vec<Position> = (before.0 + 1..=after.0).map(Position).collect();
    prop_assert_eq!(&outcome.written, &written, "positions are not dense");
    prop_assert_eq!(outcome.position, after);
    Ok(after)
}

/// Would catch: a decision that does not see that what it is asked is already so, so that a
/// form sent twice is recorded twice.
#[test]
fn what_is_already_so_is_not_written_again() {
    for_all(histories(90), async |entries: Vec<Entry>| -> Verdict {
        let notebook = Notebook::new();
        for (number, entry) in (0..).zip(&entries) {
            if notebook.ask(number, entry).await.is_err() {
                continue;
            }
            let head = notebook.head();
            let again = notebook.ask(1000 + number, entry).await;
            let nothing = Outcome {
                position: head,
                written: Vec::new(),
            };
            prop_assert_eq!(again, Ok(nothing), "{:?}", entry);
            prop_assert_eq!(notebook.head(), head);
        }
        Ok(())
    });
}

/// Would catch: a second request under a used command id that is answered as if it were the
/// first, or written.
#[test]
fn a_command_id_serves_one_entry() {
    for_all(histories(90), async |entries: Vec<Entry>| -> Verdict {
        let notebook = Notebook::new();
        let mut first: Option<(u128, &Entry)> = None;
        for (number, entry) in (0..).zip(&entries) {
            match first {
                Some((used, known)) if known != entry => {
                    let head = notebook.head();
                    let reused = notebook.try_ask(used, entry).await;
                    prop_assert!(
                        matches!(reused, Err(CommandError::CommandReused)),
                        "{reused:?}"
                    );
                    prop_assert_eq!(notebook.head(), head);
                }
                _ => {}
            }
            let answer = notebook.ask(number, entry).await;
            if answer.is_ok_and(|outcome| !outcome.written.is_empty()) {
                first = Some((number, entry));
            }
        }
        Ok(())
    });
}

/// The laws mean something only if the histories do: every kind of event is accepted, the rarest
/// within some thousand, a good part of the refusals met, and some entries are already so.
#[test]
fn histories_are_varied() {
    let mut refusals = BTreeSet::new();
    let (mut accepted, mut already) = (0, 0);
    let mut runner = TestRunner::deterministic();
    let mut never: BTreeSet<&str> = carnet::log::stored::TAGS
        .iter()
        .filter_map(|tag| tag.split('/').next())
        .collect();
    for told in 0..4_000 {
        if told >= 800 && never.is_empty() {
            break;
        }
        let history = histories(90).new_tree(&mut runner).unwrap().current();
        let mut world = World::default();
        let mut recorded = Vec::new();
        for entry in &history {
            world.open(entry.command.subject());
            let entry = aimed(entry, world.journal(entry.command.subject()));
            while let Some(stream) = world.needs(&entry) {
                world.open(stream);
            }
            match entry::decide(&world, &entry, Position(recorded.len() as u64)) {
                Ok(facts) if facts.is_empty() => already += 1,
                Ok(facts) => {
                    for fact in facts {
                        accepted += 1;
                        never.remove(fact.event.kind());
                        let stream = fact.event.stream();
                        recorded.push(stream);
                        world.apply(Recorded {
                            position: Position(recorded.len() as u64),
                            place: Position(recorded.len() as u64),
                            version: recorded.iter().filter(|known| **known == stream).count()
                                as u64,
                            event_id: EventId(uuid::Uuid::nil()),
                            recorded_at: chrono::DateTime::UNIX_EPOCH,
                            actor: Label::try_new("Une agente").unwrap(),
                            fact,
                        });
                    }
                }
                Err(refusal) => {
                    refusals.insert(refusal.code());
                }
            }
        }
    }
    assert!(never.is_empty(), "{never:?}");
    assert!(refusals.len() >= 25, "{refusals:?}");
    assert!(accepted >= 3200, "{accepted} were accepted");
    assert!(already >= 10, "{already} were already so");
}
