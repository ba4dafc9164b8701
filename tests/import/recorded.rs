//! What is read of files, carried out on a notebook.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use carnet::{
    clock::{Clock, FixedClock},
    command::{Batch, Carried, Commands, Request},
    domain::{
        entry::Command,
        event::{Event, Fact, Source},
        terms::{Label, PermanenceId, Position},
    },
    generate,
    import::{Item, Kind, Reading, Tally, read},
    log::{
        EventLog,
        mirrored::{MirroredLog, Places},
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

    /// A file of a kind: its rows without permanence and date.
    fn file(&self, kind: Kind, rows: &[&str]) -> Reading {
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
        let reading = read(text.as_bytes(), kind).unwrap();
        assert_eq!(reading.rejects, []);
        reading
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
