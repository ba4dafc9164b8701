//! Random entries about published reports; and what holds of every report that is published: it says
//! for ever what it said.

use std::{collections::BTreeMap, sync::Arc};

use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::select,
};
use uuid::Uuid;

use carnet::{
    command::{CommandError, Commands, Outcome, Place, Publishing},
    domain::{
        entry::{Command, Entry},
        event::{Saying, Source, StreamId},
        refusal::Refusal,
        report::{Audience, ContentPart, Publication, ReportEvent, ReportScope},
        terms::{
            CommandId, ContentText, FileHash, Label, Period, Position, ReportId, Slug, Title,
            Validity,
        },
    },
    read::{At, Sight, page::Window, report::Filter},
};

use crate::{
    histories::{days, early, experiment, histories, late, on, saying},
    notebook::{Notebook, Verdict, for_all},
};

/// Two reports, each with two that take its place one after the other.
fn report() -> impl Strategy<Value = ReportId> {
    (1..=2_u128, 0..3_usize).prop_map(|(number, versions)| {
        let first = ReportId(Uuid::from_u128(0xF200 + number));
        (0..versions).fold(first, |id, _| id.replacement())
    })
}

/// What of this can be retracted.
pub(crate) fn subject() -> impl Strategy<Value = StreamId> {
    report().prop_map(StreamId::from)
}

/// Anything that can be said here.
pub(crate) fn anything() -> impl Strategy<Value = Entry> {
    let part = (0..2_u32, select(&["AAAA", "AAA="][..])).prop_map(|(index, text)| {
        ReportEvent::PartStored(ContentPart {
            // Mostly the first one.
            index: index / 2,
            text: ContentText::try_new(text.to_owned()).unwrap(),
        })
    });
    let event = prop_oneof![
        4 => part.boxed(),
        5 => publication().prop_map(ReportEvent::Published).boxed(),
    ];
    (report(), event, saying(days(1000..1010), 0.05)).prop_map(|(id, mut event, saying)| {
        if let ReportEvent::Published(publication) = &mut event
            && !id.is_drawn()
        {
            publication.replaces = None;
        }
        Entry {
            saying,
            command: Command::Report(id, event),
        }
    })
}

fn scope() -> impl Strategy<Value = ReportScope> {
    option::weighted(0.5, (1..=3_u128).prop_map(experiment)).prop_map(|experiment| ReportScope {
        experiment,
        ..ReportScope::default()
    })
}

fn publication() -> impl Strategy<Value = Publication> {
    let definitions = btree_map(
        select(&["held-rate", "no-show"][..]).prop_map(|code| Slug::try_new(code).unwrap()),
        1..3_u32,
        0..3,
    );
    let replaces = (1..=2_u128, any::<bool>()).prop_map(|(number, second)| {
        let first = ReportId(Uuid::from_u128(0xF200 + number));
        if second { first.replacement() } else { first }
    });
    let content = (
        0..3_u8,
        1..40_u32,
        prop_oneof![6 => Just(1_u32), 1 => 0..3_u32],
    );
    (
        scope(),
        (early(), late()),
        select(&Audience::ALL[..]),
        0..12_u64,
        definitions,
        content,
        replaces,
    )
        .prop_map(
            |(scope, (from, until), audience, known_at, definitions, content, replaces)| {
                let (hash, bytes, parts) = content;
                Publication {
                    title: Title::try_new("Rapport").unwrap(),
                    scope,
                    period: Period { from, until },
                    audience,
                    known_at: Position(known_at),
                    on: on(1000),
                    definitions,
                    hash: FileHash::of([hash; 32]),
                    bytes,
                    parts,
                    replaces: Some(replaces),
                }
            },
        )
}

/// Of how many bytes, how well they compress, and whom it is for.
type Said = (usize, bool, Audience);

/// A content of so many bytes, which no other number makes.
fn content((bytes, compressible, _): Said, number: u128) -> Vec<u8> {
    let mut state = u64::try_from(number).unwrap() + 1;
    let noise = std::iter::from_fn(|| {
        // A step of xorshift: enough that zlib makes nothing of it.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(state.to_le_bytes()[3])
    });
    let mut content: Vec<u8> = if compressible {
        b"accompagnements "
            .iter()
            .copied()
            .cycle()
            .take(bytes)
            .collect()
    } else {
        noise.take(bytes).collect()
    };
    content.extend(format!("n{number}").into_bytes());
    content
}

fn publishing(number: u128, place: Place, said: Said, known_at: Position) -> Publishing {
    Publishing {
        command_id: CommandId(Uuid::from_u128(0xD000_0000 + number)),
        actor: Label::try_new("Une évaluatrice").unwrap(),
        saying: Saying {
            valid: Validity::from(on(1000)),
            source: Source {
                label: Label::try_new("Cellule d'évaluation").unwrap(),
                dated: None,
                url: None,
            },
            synthetic: false,
            corrects: None,
        },
        place,
        title: Title::try_new("Rapport").unwrap(),
        scope: ReportScope::default(),
        period: Period {
            from: on(0),
            until: on(999),
        },
        audience: said.2,
        known_at,
        on: on(1000),
        definitions: BTreeMap::new(),
        content: content(said, number),
    }
}

/// The first version of a series, or the one after its last.
fn next(series: u8, last: Option<ReportId>) -> Place {
    match last {
        None => Place::New(ReportId(Uuid::from_u128(0xF300 + u128::from(series)))),
        Some(last) => Place::Of(last),
    }
}

/// Would catch: a content that is cut, joined or compressed wrongly; a report that is there before
/// it is published, or no longer after it was replaced; a publication that takes effect twice, in
/// part, or that is answered otherwise when it is asked for again; a version that is not found.
#[test]
fn a_report_says_for_ever_what_it_said() {
    let said = (
        prop_oneof![4 => 0..500_usize, 1 => 25_000..70_000_usize],
        any::<bool>(),
        select(&Audience::ALL[..]),
    );
    let reports = vec((0..2_u8, said), 1..5);
    for_all(
        (histories(30), reports, 1..7_usize),
        async |(entries, reports, batch): (Vec<Entry>, Vec<(u8, Said)>, usize)| -> Verdict {
            let mut notebook = Notebook::of(&entries).await;
            let mut last: BTreeMap<u8, (ReportId, Audience)> = BTreeMap::new();
            let mut done: Vec<(Publishing, Outcome)> = Vec::new();
            for (number, (series, mut said)) in (0..).zip(reports) {
                let known = last.get(&series);
                if let Some((_, audience)) = known {
                    said.2 = *audience;
                }
                let place = next(series, known.map(|known| known.0));
                let before = notebook.head();
                let asked = publishing(number, place, said, before);
                let commands = Commands::new(Arc::clone(&notebook.log));
                let outcome = commands.publish(&asked).await;
                let outcome = outcome.map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(outcome.position, notebook.head());
                let first = before.next();
                let written: Vec<Position> = (first.0..=outcome.position.0).map(Position).collect();
                prop_assert_eq!(&outcome.written, &written);
                last.insert(series, (place.id(), said.2));
                done.push((asked, outcome));
            }
            let head = notebook.head();
            for reopened in [false, true] {
                if reopened {
                    notebook = notebook.reopened();
                }
                answered_again(&notebook, &done).await?;
                prop_assert_eq!(notebook.head(), head, "asking again wrote");
            }
            let database = notebook.projected(Arc::clone(&notebook.log), batch).await;
            let reads = &database.reads;
            for (asked, outcome) in &done {
                let id = asked.place.id();
                let at = |position| At {
                    position,
                    on: on(1000),
                    sight: Sight::ALL,
                };
                for position in (0..=head.0).map(Position) {
                    let content = reads.report_content(at(position), id).await.unwrap();
                    let there = position >= outcome.position;
                    prop_assert_eq!(content.as_ref(), there.then_some(&asked.content));
                    let newer = done
                        .iter()
                        .find(|(newer, _)| newer.place == Place::Of(id))
                        .filter(|(_, newer)| position >= newer.position);
                    let found = reads.replaced_by(at(position), id).await.unwrap();
                    let found = found.map(|found| found.id);
                    prop_assert_eq!(found, newer.map(|(newer, _)| newer.place.id()));
                }
            }
            listed(&notebook, &database.reads, &done).await
        },
    );
}

/// Asked again under the same id, all is answered as it was; under another, it is already so; and
/// what says something else is refused.
async fn answered_again(notebook: &Notebook, done: &[(Publishing, Outcome)]) -> Verdict {
    let commands = Commands::new(Arc::clone(&notebook.log));
    for (asked, outcome) in done {
        let again = commands.publish(asked).await.unwrap();
        prop_assert_eq!(&again, outcome);
        let mut other = asked.clone();
        other.command_id = CommandId(Uuid::from_u128(0xD100_0000));
        let again = commands.publish(&other).await.unwrap();
        prop_assert_eq!(again.written, vec![]);
        other.content.push(b'!');
        let refused = commands.publish(&other).await;
        let is_right = match asked.place {
            Place::New(_) => matches!(
                refused,
                Err(CommandError::Refused(Refusal::AlreadyPublished { .. }))
            ),
            Place::Of(_) => matches!(
                refused,
                Err(CommandError::Refused(Refusal::AlreadyReplaced { .. }))
            ),
        };
        prop_assert!(is_right, "{refused:?}");
        other.command_id = asked.command_id;
        let again = commands.publish(&other).await;
        prop_assert!(
            matches!(again, Err(CommandError::CommandReused)),
            "{again:?}"
        );
    }
    Ok(())
}

/// Lists hold what was published by then for those readers, the newest first.
async fn listed(
    notebook: &Notebook,
    reads: &carnet::read::ReadModels,
    done: &[(Publishing, Outcome)],
) -> Verdict {
    let window = Window {
        after: None,
        before: None,
        limit: 100,
        from_end: false,
    };
    let own: Vec<ReportId> = done.iter().map(|(asked, _)| asked.place.id()).collect();
    for audience in [None, Some(Audience::Evaluator), Some(Audience::Public)] {
        for position in (0..=notebook.head().0).map(Position) {
            let at = At {
                position,
                on: on(1000),
                sight: Sight::ALL,
            };
            let filter = Filter {
                experiment: None,
                audience,
            };
            let page = reads.reports(at, filter, &window).await.unwrap();
            let found: Vec<ReportId> = page.items.iter().map(|(_, found)| found.id).collect();
            let found: Vec<ReportId> = found.into_iter().filter(|id| own.contains(id)).collect();
            let expected: Vec<ReportId> = done
                .iter()
                .rev()
                .filter(|(asked, outcome)| {
                    outcome.position <= position
                        && audience.is_none_or(|only| only == asked.audience)
                })
                .map(|(asked, _)| asked.place.id())
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
    Ok(())
}

/// Would catch: a publication that is refused, and leaves parts of its content in the log.
#[test]
fn what_is_refused_leaves_no_trace() {
    let small: Said = (10, true, Audience::Public);
    for_all(0..4_u8, async |how: u8| -> Verdict {
        let notebook = Notebook::new();
        let first = ReportId(Uuid::from_u128(0xF300));
        let mut asked = publishing(1, Place::New(first), small, Position::START);
        let commands = Commands::new(Arc::clone(&notebook.log));
        match how {
            0 => asked.known_at = Position(1),
            1 => asked.place = Place::Of(first),
            2 => asked.scope.experiment = Some(experiment(1)),
            _ => asked.content.clear(),
        }
        let refused = commands.publish(&asked).await;
        let is_right = matches!(
            (how, &refused),
            (0, Err(CommandError::Refused(Refusal::ReportAhead { .. })))
                | (1, Err(CommandError::Refused(Refusal::UnknownReport)))
                | (2, Err(CommandError::Refused(Refusal::UnknownExperiment)))
                | (
                    3,
                    Err(CommandError::Refused(Refusal::ContentOutOfRange { .. }))
                )
        );
        prop_assert!(is_right, "{how}: {refused:?}");
        prop_assert_eq!(notebook.head(), Position::START);
        Ok(())
    });
}
