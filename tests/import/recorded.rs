//! What is read of files, carried out on a notebook.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use carnet::{
    clock::{Clock, FixedClock},
    command::{Batch, Carried, Commands, Importing, Request},
    domain::{
        entry::{Command, Entry},
        event::{Correction, Event, Fact, Source, StreamId},
        import::{ImportBatch, ImportEvent, ImportFormat, ImportKind, ImportReject, REJECTS_MAX},
        refusal::Refusal,
        terms::{CommandId, Label, PermanenceId, Position, RejectCode, Words},
    },
    generate,
    import::{Done, Item, Kind, Reading, Reason, Tally, read},
    log::{
        EventLog,
        mirrored::{MirroredLog, Places},
        record::Record,
        stored,
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::files::{ACCOMPANIMENTS, FEEDBACK, SESSIONS};

/// A notebook with one synthetic experiment in it.
struct Notebook {
    commands: Commands,
    log: Arc<dyn EventLog>,
    permanence: PermanenceId,
    day: NaiveDate,
    _directory: tempfile::TempDir,
}

impl Notebook {
    async fn new() -> Self {
        let start = DateTime::<Utc>::from_timestamp_secs(1_600_000_000).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(start));
        let directory = tempfile::tempdir().unwrap();
        let log: Arc<dyn EventLog> =
            Arc::new(MirroredLog::open(Places::within(directory.path()), clock).unwrap());
        let commands = Commands::new(Arc::clone(&log));
        let mut scheduled = None;
        for (command_id, entry) in generate::experiment(7, 0).unwrap() {
            if let Command::Permanence(permanence, _) = &entry.command {
                scheduled.get_or_insert((*permanence, entry.saying.valid.from));
            }
            let request = Request {
                command_id,
                actor: actor(),
                expected_version: None,
                entry,
            };
            commands.execute(request).await.unwrap();
            if scheduled.is_some() {
                break;
            }
        }
        let (permanence, day) = scheduled.unwrap();
        Self {
            commands,
            log,
            permanence,
            day,
            _directory: directory,
        }
    }

    /// Retracts the first accompaniment that was recorded.
    async fn retract_first(&self) {
        let records = self.log.read(Position::START, 1000).await.unwrap();
        let first = records
            .iter()
            .find(|record| record.tag.starts_with("accompaniment-"))
            .unwrap();
        let mut saying = stored::decode(first).unwrap().fact.saying;
        saying.corrects = Some(Correction {
            entry: first.position,
            reason: None,
        });
        let request = Request {
            command_id: CommandId(uuid::Uuid::from_u128(99)),
            actor: actor(),
            expected_version: None,
            entry: Entry {
                saying,
                command: Command::Retract(first.stream.parse().unwrap()),
            },
        };
        self.commands.execute(request).await.unwrap();
    }

    /// A file of a kind: its rows without permanence and date.
    fn file(&self, kind: Kind, rows: &[&str]) -> Reading {
        let reading = self.spoiled(kind, rows);
        assert_eq!(reading.rejects, []);
        reading
    }

    /// A file of which something may be rejected.
    fn spoiled(&self, kind: Kind, rows: &[&str]) -> Reading {
        let headings = match kind {
            Kind::Sessions => SESSIONS,
            Kind::Accompaniments => ACCOMPANIMENTS,
            Kind::Feedback => FEEDBACK,
        };
        let rows: Vec<String> = rows
            .iter()
            .map(|row| format!("{};{};{row}", self.permanence, self.day))
            .collect();
        let text = format!("{headings}\n{}\n", rows.join("\n"));
        read(text.as_bytes(), kind).unwrap()
    }

    async fn carry(&self, reading: &Reading, items: &[Item], rehearsal: bool) -> Carried {
        let batch = Batch {
            import: reading.import(),
            items,
            source: Source {
                // Each file has a name of its own: what is there is there, on whatever source.
                label: Label::try_new(reading.sha256.as_str()).unwrap(),
                dated: None,
                url: None,
            },
            synthetic: true,
            actor: actor(),
        };
        let done = AtomicU32::new(0);
        let progress = || {
            done.fetch_add(1, Ordering::Relaxed);
        };
        let carried = self
            .commands
            .import(&batch, rehearsal, &progress)
            .await
            .unwrap();
        assert_eq!(done.into_inner(), u32::try_from(items.len()).unwrap());
        carried
    }

    async fn import(&self, reading: &Reading) -> Carried {
        self.carry(reading, &reading.items, false).await
    }

    /// Imports a file on a day, the batch included.
    async fn whole(&self, reading: &Reading, on: NaiveDate, rehearsal: bool) -> Done {
        let asked = Importing {
            source: None,
            synthetic: true,
            actor: actor(),
            on,
        };
        let mut reading = reading.clone();
        let done = self
            .commands
            .import_file(&mut reading, &asked, rehearsal, &|| {})
            .await;
        done.unwrap()
    }

    async fn records(&self) -> Vec<Record> {
        self.log.read(Position::START, 10_000).await.unwrap()
    }

    /// The imports that were recorded, and where.
    async fn batches(&self) -> Vec<(Position, Fact, ImportBatch)> {
        let records = self.records().await;
        let facts = records
            .iter()
            .map(|record| (record.position, stored::decode(record).unwrap().fact));
        facts
            .filter_map(|(position, fact)| {
                let Event::Import(_, ImportEvent::Recorded(batch)) = fact.event.clone() else {
                    return None;
                };
                Some((position, fact, batch))
            })
            .collect()
    }

    /// What was recorded of sessions.
    async fn told(&self) -> Vec<Fact> {
        let records = self.log.read(Position::START, 10_000).await.unwrap();
        let facts = records
            .iter()
            .map(|record| stored::decode(record).unwrap().fact);
        facts
            .filter(|fact| matches!(fact.event, Event::Session(..)))
            .collect()
    }

    fn head(&self) -> u64 {
        self.log.head().position.0
    }
}

fn actor() -> Label {
    Label::try_new("porteur").unwrap()
}

fn tally(recorded: u32, already: u32) -> Tally {
    Tally { recorded, already }
}

const VISITS: [&str; 4] = [
    "A-1;25;oui;;65-79 ans;CAF;;accompagnement;résolu",
    "A-1;25;oui;;65-79 ans;MSA;;information;à revoir",
    ";10;non;;;hors bouquet;;réorientation;réorienté",
    ";10;non;;;hors bouquet;;réorientation;réorienté",
];
const ANSWERS: [&str; 3] = [
    "R-1;A-1;reçue;4;oui;renoncé",
    "R-2;;refusée;;;",
    ";;sans réponse;;;",
];

/// Would catch: a file that is recorded twice, and a rehearsal that writes or tells otherwise.
#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let notebook = Notebook::new().await;
    for (kind, rows, items) in [
        (Kind::Sessions, ["tenue;09:00;12:00;2;;"].as_slice(), 1),
        (Kind::Accompaniments, &VISITS, 3),
        (Kind::Feedback, &ANSWERS, 3),
    ] {
        let reading = notebook.file(kind, rows);
        let before = notebook.head();
        let rehearsed = notebook.carry(&reading, &reading.items, true).await;
        assert_eq!(notebook.head(), before);
        assert_eq!(rehearsed.tally, tally(items, 0));
        let first = notebook.import(&reading).await;
        assert_eq!((first.tally, first.refused), (tally(items, 0), Vec::new()));
        let written = notebook.head();
        assert!(written > before);
        let rehearsed = notebook.carry(&reading, &reading.items, true).await;
        assert_eq!(rehearsed.tally, tally(0, items));
        let second = notebook.import(&reading).await;
        assert_eq!(
            (second.tally, second.refused),
            (tally(0, items), Vec::new())
        );
        assert_eq!(notebook.head(), written);
    }
    assert_eq!(notebook.told().await.len(), 1 + 3 + 5);
}

/// Would catch: a file that grew, of which the rows that were there are recorded again.
#[tokio::test]
async fn a_file_that_grew_records_what_is_new() {
    let notebook = Notebook::new().await;
    let short = notebook.file(Kind::Accompaniments, &VISITS[..3]);
    assert_eq!(notebook.import(&short).await.tally, tally(2, 0));
    let long = notebook.file(Kind::Accompaniments, &VISITS);
    assert_ne!(short.import(), long.import());
    let rehearsed = notebook.carry(&long, &long.items, true).await;
    assert_eq!(rehearsed.tally, tally(1, 2));
    assert_eq!(notebook.import(&long).await.tally, tally(1, 2));
}

/// Would catch: a longer file that brings back what was retracted since it was short.
#[tokio::test]
async fn a_file_that_grew_brings_back_nothing_that_was_retracted() {
    let notebook = Notebook::new().await;
    let short = notebook.file(Kind::Accompaniments, &VISITS[..3]);
    assert_eq!(notebook.import(&short).await.tally, tally(2, 0));
    notebook.retract_first().await;
    let long = notebook.file(Kind::Accompaniments, &VISITS);
    assert_eq!(notebook.import(&long).await.tally, tally(1, 2));
}

/// Would catch: a run that was cut short and begins anew, or leaves out what it had not come to.
#[tokio::test]
async fn a_run_that_was_cut_short_goes_on() {
    let notebook = Notebook::new().await;
    let reading = notebook.file(Kind::Accompaniments, &VISITS);
    let part = notebook.carry(&reading, &reading.items[..1], false).await;
    assert_eq!(part.tally, tally(1, 0));
    assert_eq!(notebook.import(&reading).await.tally, tally(2, 1));
    assert_eq!(notebook.told().await.len(), 3);
}

/// Would catch: half of a feedback recorded, and a refusal that no row is told of.
#[tokio::test]
async fn what_is_refused_is_refused_wholly_and_told() {
    let notebook = Notebook::new().await;
    let mut reading = notebook.file(Kind::Feedback, &ANSWERS);
    let carried = notebook.import(&reading).await;
    assert_eq!(carried.tally, tally(2, 0));
    let codes: Vec<_> = carried
        .refused
        .iter()
        .map(|(_, refusal)| refusal.code())
        .collect();
    assert_eq!(codes, ["UNKNOWN_ACCOMPANIMENT"]);
    // Two were asked, and one of them declined; of the third nothing is there.
    assert_eq!(notebook.told().await.len(), 3);
    let rows = reading.rows_rejected;
    reading.refuse(carried.refused);
    assert_eq!((reading.rows_rejected, reading.items.len()), (rows + 1, 2));
    let told: Vec<_> = reading
        .rejects
        .iter()
        .map(|reject| (reject.row, reject.code()))
        .collect();
    assert_eq!(told, [(2, "UNKNOWN_ACCOMPANIMENT")]);
    // Once the accompaniment is there, the same file goes on.
    let visits = notebook.file(Kind::Accompaniments, &VISITS);
    notebook.import(&visits).await;
    let again = notebook.file(Kind::Feedback, &ANSWERS);
    assert_eq!(notebook.import(&again).await.tally, tally(1, 2));
}

/// Would catch: facts that depend on the order of rows.
#[test]
fn a_shuffled_file_gives_the_same_facts() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let facts = |rows: &[&str]| {
        runtime.block_on(async {
            let notebook = Notebook::new().await;
            notebook
                .import(&notebook.file(Kind::Accompaniments, rows))
                .await;
            let facts = notebook.told().await.into_iter();
            // In another order it is another file: what bears its name apart, all is the same.
            let events: Vec<Event> = facts.map(|fact| fact.event).collect();
            events
        })
    };
    let expected = facts(&VISITS);
    assert_eq!(expected.len(), 3);
    let mut runner = TestRunner::new(proptest::test_runner::Config {
        cases: 12,
        failure_persistence: None,
        ..Default::default()
    });
    let shuffled = Just(VISITS.to_vec()).prop_shuffle();
    runner
        .run(&shuffled, |rows| {
            prop_assert_eq!(&facts(&rows), &expected);
            Ok(())
        })
        .unwrap();
}

fn recorded(done: Done) -> (Tally, Position) {
    let Done::Recorded { tally, batch } = done else {
        panic!("not recorded: {done:?}");
    };
    (tally, batch)
}

fn reject(row: u32, column: &str, code: &str) -> ImportReject {
    ImportReject {
        row,
        column: Some(Label::try_new(column).unwrap()),
        code: RejectCode::try_new(code).unwrap(),
    }
}

/// Would catch: an import that nothing tells of, that is told twice, or with other numbers than
/// there are; a rehearsal that is told; a file that is named by its name.
#[tokio::test]
async fn an_import_is_recorded_once_with_its_rejects() {
    let notebook = Notebook::new().await;
    let rows = [
        "R-1;A-1;reçue;4;oui;renoncé",
        "R-2;;refusée;;;",
        "R-3;;reçue;9;peut-être;",
        "R-4;;;;;",
        "R-2;;refusée;;;",
    ];
    let mut reading = notebook.spoiled(Kind::Feedback, &rows);
    reading.ignored.examples += 1;
    reading.rows += 1;
    let before = notebook.head();
    let rehearsed = notebook.whole(&reading, notebook.day, true).await;
    assert_eq!(rehearsed, Done::Rehearsed(tally(1, 0)));
    assert_eq!(notebook.head(), before);
    let first = recorded(notebook.whole(&reading, notebook.day, false).await);
    // Asked, and declined; and the import.
    assert_eq!(notebook.head(), before + 3);
    assert_eq!(first, (tally(1, 0), Position(before + 3)));
    let batches = notebook.batches().await;
    let (position, fact, batch) = &batches[0];
    assert_eq!((batches.len(), *position), (1, first.1));
    let refused = "UNKNOWN_ACCOMPANIMENT";
    let expected = ImportBatch {
        sha256: reading.sha256.clone(),
        kind: ImportKind::Feedback,
        format: ImportFormat::Csv,
        rows: 6,
        rejected: 3,
        ignored: 1,
        recorded: 1,
        already: 0,
        rejects: vec![
            reject(2, "Numéro d'accompagnement", refused),
            reject(4, "Satisfaction", "OUT_OF_RANGE"),
            reject(4, "Résolu", "NOT_A_CHOICE"),
            reject(5, "Réponse", "EMPTY_CELL"),
        ],
        rejects_left_out: 0,
    };
    assert_eq!(*batch, expected);
    assert_eq!(batch.id(), reading.import());
    assert_eq!(fact.saying.valid.from, notebook.day);
    let label = format!(
        "Tableau importé (sha256 {})",
        &reading.sha256.as_str()[..12]
    );
    assert_eq!(fact.saying.source.label.as_str(), label);
    for fact in notebook.told().await {
        assert_eq!(fact.saying.source.label.as_str(), label);
    }
    // On another day, once more: nothing, and the same place.
    let later = notebook.day.succ_opt().unwrap();
    let second = recorded(notebook.whole(&reading, later, false).await);
    assert_eq!(second, (tally(0, 1), first.1));
    assert_eq!(notebook.head(), before + 3);
}

/// Would catch: rejects of which nothing remains, because nothing else of the file does; a list
/// that grows with the file.
#[tokio::test]
async fn a_file_of_which_all_is_rejected_is_recorded() {
    let notebook = Notebook::new().await;
    let before = notebook.head();
    let rows = vec!["tenue;12:00;09:00;2;;"; REJECTS_MAX + 50];
    let reading = notebook.spoiled(Kind::Sessions, &rows);
    let (tally_of, position) = recorded(notebook.whole(&reading, notebook.day, false).await);
    assert_eq!((tally_of, position.0), (tally(0, 0), before + 1));
    let (_, _, batch) = &notebook.batches().await[0];
    let all = u32::try_from(rows.len()).unwrap();
    assert_eq!((batch.rows, batch.rejected), (all, all));
    assert_eq!(
        (batch.rejects.len(), batch.rejects_left_out),
        (REJECTS_MAX, 50)
    );
    assert_eq!(
        batch.rejects[0],
        reject(2, "Heure de fin", "ENDS_BEFORE_START")
    );
}

/// Would catch: a run that was cut short and leaves no batch, or two, or one that takes what the
/// first run recorded for what others had; an event that cannot be traced to its import.
#[tokio::test]
async fn a_run_that_was_cut_short_ends_with_one_batch() {
    let notebook = Notebook::new().await;
    let other = notebook.file(Kind::Accompaniments, &VISITS[..2]);
    notebook.import(&other).await;
    let start = notebook.head();
    let reading = notebook.file(Kind::Accompaniments, &VISITS);
    for part in [1, 2] {
        notebook
            .carry(&reading, &reading.items[..part], false)
            .await;
        assert_eq!(notebook.batches().await.len(), 0);
    }
    let (tally_of, position) = recorded(notebook.whole(&reading, notebook.day, false).await);
    let (_, _, batch) = &notebook.batches().await[0];
    assert_eq!(tally_of.recorded + tally_of.already, 3);
    assert!(tally_of.already > 1, "nothing was there: {tally_of:?}");
    assert_eq!((batch.recorded, batch.already), (2, 1));
    assert_eq!((batch.rows, batch.rejected), (4, 0));
    assert_eq!((position.0, notebook.head()), (start + 3, start + 3));
    notebook.whole(&reading, notebook.day, false).await;
    assert_eq!(
        (notebook.head(), notebook.batches().await.len()),
        (start + 3, 1)
    );
    for record in notebook.records().await {
        let correlation = record.correlation_id;
        assert_eq!(correlation == reading.import().0, record.position.0 > start);
    }
}

/// Would catch: the same file sent twice at once, of which one fails at its end.
#[tokio::test]
async fn the_same_file_twice_at_once_is_one_import() {
    let notebook = Notebook::new().await;
    let reading = notebook.file(Kind::Accompaniments, &VISITS);
    let run = || notebook.whole(&reading, notebook.day, false);
    let (one, other) = tokio::join!(run(), run());
    let ((one, here), (other, there)) = (recorded(one), recorded(other));
    assert_eq!(here, there);
    assert_eq!(one.recorded.max(other.recorded), 3);
    assert_eq!(notebook.told().await.len(), 3);
    assert_eq!(notebook.batches().await.len(), 1);
}

/// Would catch: a retracted import that a further run takes for one that never came to its end.
#[tokio::test]
async fn a_retracted_import_stays_so() {
    let notebook = Notebook::new().await;
    let reading = notebook.file(Kind::Accompaniments, &VISITS);
    let (_, position) = recorded(notebook.whole(&reading, notebook.day, false).await);
    let (_, fact, _) = notebook.batches().await.remove(0);
    let mut saying = fact.saying;
    saying.corrects = Some(Correction {
        entry: position,
        reason: Some(Words::try_new("Un essai").unwrap()),
    });
    let request = Request {
        command_id: CommandId(uuid::Uuid::from_u128(1)),
        actor: actor(),
        expected_version: None,
        entry: Entry {
            saying,
            command: Command::Retract(StreamId::Import(reading.import())),
        },
    };
    notebook.commands.execute(request).await.unwrap();
    let head = notebook.head();
    let again = recorded(notebook.whole(&reading, notebook.day, false).await);
    assert_eq!(again, (tally(0, 3), position));
    assert_eq!(notebook.head(), head);
}

/// Would catch: a reject whose code cannot be stored, so that its import never comes to an end.
#[test]
fn every_code_of_a_reject_can_be_stored() {
    for code in Reason::CODES.iter().chain(Refusal::CODES) {
        assert!(RejectCode::try_new(code).is_ok(), "{code}");
    }
    for column in Kind::ALL.iter().flat_map(|kind| kind.columns()) {
        assert!(Label::try_new(column.heading).is_ok());
    }
}
