//! Writing through the library's log and noting each acknowledgement; and telling, of any
//! directory, whether all that was acknowledged is in it. Both run in processes of their own,
//! since what they meet may panic, abort or hang.
#![allow(clippy::print_stderr, reason = "a child says what it saw")]

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    time::Duration,
};

use carnet::{
    domain::terms::Position,
    log::{
        Append, AppendError, EventLog, Guard, LogError, NewRecord,
        record::{Record, genesis},
    },
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{chance::Chance, child, disk, truth};

/// What the notary writes, and where.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// The data directory, which need not exist.
    pub(crate) data: PathBuf,
    /// Where each acknowledgement is noted, the moment it comes.
    pub(crate) acks: PathBuf,
    pub(crate) seed: u64,
    /// How often the log is opened.
    pub(crate) sessions: u64,
    /// Commands of each of the writers in one session.
    pub(crate) commands: u64,
}

/// How many write at once.
const WRITERS: u64 = 3;
/// The stream that all of them race for.
const SHARED: &str = "shared";

impl Work {
    /// The process that does it.
    pub(crate) fn command(&self) -> Command {
        let mut command = child::command("write");
        command
            .env("CARNET_WORK_DATA", &self.data)
            .env("CARNET_WORK_ACKS", &self.acks)
            .env("CARNET_WORK_SEED", self.seed.to_string())
            .env("CARNET_WORK_SESSIONS", self.sessions.to_string())
            .env("CARNET_WORK_COMMANDS", self.commands.to_string());
        command
    }

    fn told() -> Self {
        let told = |name: &str| std::env::var(format!("CARNET_WORK_{name}")).unwrap();
        Self {
            data: told("DATA").into(),
            acks: told("ACKS").into(),
            seed: told("SEED").parse().unwrap(),
            sessions: told("SESSIONS").parse().unwrap(),
            commands: told("COMMANDS").parse().unwrap(),
        }
    }
}

/// The process that looks at a directory.
pub(crate) fn check_command(data: &Path, acks: &Path) -> Command {
    let mut command = child::command("check");
    command
        .env("CARNET_WORK_DATA", data)
        .env("CARNET_WORK_ACKS", acks);
    command
}

/// What a child does, by its role.
pub(crate) fn play(role: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    match role {
        "write" => runtime.block_on(write(&Work::told())),
        "check" => {
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::WARN)
                .with_ansi(false)
                .with_writer(std::io::stderr)
                .init();
            let told = |name: &str| PathBuf::from(std::env::var_os(name).unwrap());
            let data = told("CARNET_WORK_DATA");
            let acks = fs::read_to_string(told("CARNET_WORK_ACKS")).unwrap();
            let truth =
                std::env::var_os("CARNET_WORK_TRUTH").map(|noted| truth::read(Path::new(&noted)));
            let verdict = runtime.block_on(async {
                let checked = check(&data, &acks, truth.as_deref()).await;
                match (checked, truth) {
                    (Err(Verdict::Refused(why)), Some(truth)) => {
                        // Refused as a whole; but what is served of it must be right.
                        truth::compare(&data, &truth)
                            .await
                            .map_err(Verdict::Wrong)?;
                        Err(Verdict::Refused(why))
                    }
                    (checked, _) => checked,
                }
            });
            let (word, why) = match verdict {
                Ok(()) => ("whole", String::new()),
                Err(Verdict::Refused(why)) => ("refused", why),
                Err(Verdict::Wrong(why)) => ("wrong", why),
            };
            eprintln!("VERDICT {word} {why}");
        }
        other => unreachable!("nobody plays {other}"),
    }
}

async fn write(work: &Work) {
    let acks = File::options()
        .create(true)
        .append(true)
        .open(&work.acks)
        .unwrap();
    let acks = std::sync::Arc::new(Mutex::new(acks));
    for session in 0..work.sessions {
        // What an injected error does to the opening is told by its exit.
        let log = std::sync::Arc::new(disk::open(&work.data).unwrap());
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (log, acks) = (log.clone(), acks.clone());
            let mut chance = Chance::new(work.seed, session * WRITERS + writer);
            let commands = work.commands;
            writers.spawn(async move {
                for _ in 0..commands {
                    let append = command(&mut chance, &log, writer).await;
                    let id = append.command_id;
                    let guard = append.guards[0].clone();
                    match log.append(append).await {
                        Ok(appended) => {
                            let line = format!(
                                "{id} {} {} {} {}\n",
                                appended.first, appended.count, guard.stream, guard.version
                            );
                            // One write: the acknowledgement is noted whole or not.
                            acks.lock().unwrap().write_all(line.as_bytes()).unwrap();
                        }
                        Err(AppendError::CommandReused | AppendError::DoesNotFit(_)) => {
                            panic!("{id} was refused")
                        }
                        // Another won, or the disk failed: nothing was acknowledged.
                        Err(
                            AppendError::Conflict { .. }
                            | AppendError::ReadOnly(_)
                            | AppendError::Log(_),
                        ) => {}
                    }
                }
            });
        }
        writers.join_all().await;
    }
}

/// The next command of a writer: to a stream of its own, or to the one all race for; of one event
/// or several, small or large.
async fn command(chance: &mut Chance, log: &disk::Log, writer: u64) -> Append {
    let stream = if chance.one_in(3) {
        SHARED.to_owned()
    } else {
        format!("writer-{writer}")
    };
    let version = log
        .read_stream(&stream)
        .await
        .ok()
        .and_then(|records| records.last().map(|last| last.stream_version))
        .unwrap_or_default();
    let count = match chance.below(12) {
        0 => chance.within(10, 40),
        1..4 => chance.within(2, 4),
        _ => 1,
    };
    let records = (0..count)
        .map(|_| {
            let bytes = match chance.below(20) {
                0 => chance.within(20_000, 60_000),
                1..4 => chance.within(1000, 6000),
                _ => chance.within(20, 600),
            };
            NewRecord {
                stream: stream.clone(),
                tag: "something-happened/1",
                corrects: None,
                meta: br#"{"actor":"notary"}"#.to_vec(),
                payload: filling(chance, bytes),
            }
        })
        .collect();
    Append {
        command_id: Uuid::from_u64_pair(chance.number(), chance.number()),
        fingerprint: [7; 16],
        correlation_id: Uuid::nil(),
        causation: None,
        guards: vec![Guard { stream, version }],
        records,
    }
}

/// Bytes that no other record has.
fn filling(chance: &mut Chance, bytes: u64) -> Vec<u8> {
    let mut text = b"\"".to_vec();
    while (text.len() as u64) < bytes {
        text.extend(format!("{:016x}", chance.number()).bytes());
    }
    text.push(b'"');
    text
}

/// What a directory is, where it is not whole.
enum Verdict {
    /// The log says that it cannot be read, and why.
    Refused(String),
    /// The log says something that is not so.
    Wrong(String),
}

impl From<LogError> for Verdict {
    fn from(why: LogError) -> Self {
        Self::Refused(why.to_string())
    }
}

/// Whether the log opens, is whole, has every acknowledged command, and takes one more.
async fn check(data: &Path, acks: &str, truth: Option<&[Record]>) -> Result<(), Verdict> {
    let wrong = |why: String| Err(Verdict::Wrong(why));
    let log = disk::open(data)?;
    let records = log.read(Position::START, usize::MAX).await?;
    if let Some(record) = records.first() {
        truth::told_by_checksum(record).map_err(Verdict::Wrong)?;
    }
    if truth.is_some_and(|truth| truth != records) {
        return wrong("it reads, but not as what was recorded".into());
    }
    let mut previous = genesis(log.id());
    let mut streams: HashMap<&str, Vec<Record>> = HashMap::new();
    let mut commands: HashMap<Uuid, (u64, u16)> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        let position = index as u64 + 1;
        let stream = streams.entry(&record.stream).or_default();
        stream.push(record.clone());
        if record.position.0 != position
            || record.previous != previous
            || record.stream_version != stream.len() as u64
        {
            return wrong(format!("the chain breaks at {position}"));
        }
        let (first, seen) = commands.entry(record.command_id).or_insert((position, 0));
        if *seen != record.command_index || *first + u64::from(*seen) != position {
            return wrong(format!(
                "the command at {position} is there in part, or twice"
            ));
        }
        *seen += 1;
        previous = record
            .encode(&mut Vec::new())
            .map_err(|why| Verdict::Wrong(why.to_string()))?;
    }
    if log.head().position.0 != records.len() as u64 || log.head().hash != previous {
        return wrong("the head is not the last record".into());
    }
    for ack in acks.lines() {
        let mut fields = ack.split(' ');
        let mut field = || fields.next().unwrap();
        let id: Uuid = field().parse().unwrap();
        let (first, count) = (field().parse().unwrap(), field().parse().unwrap());
        let (stream, version): (&str, u64) = (field(), field().parse().unwrap());
        if commands.get(&id) != Some(&(first, count)) {
            return wrong(format!(
                "acknowledged: {ack}; there: {:?}",
                commands.get(&id)
            ));
        }
        let record = &records[usize::try_from(first - 1).unwrap()];
        if record.stream != stream || record.stream_version != version + 1 {
            return wrong(format!("a guard did not hold: {ack}"));
        }
        let known = log
            .command(id)
            .await?
            .map(|(known, _)| (known.first.0, known.count));
        if known != Some((first, count)) {
            return wrong(format!("acknowledged: {ack}; in the index: {known:?}"));
        }
    }
    for (stream, expected) in &streams {
        if log.read_stream(stream).await? != *expected {
            return wrong(format!("the stream {stream} is not the one in the log"));
        }
    }
    one_more(data, log).await
}

/// The log goes on: it takes one more event, and has it when it is opened again.
async fn one_more(data: &Path, log: disk::Log) -> Result<(), Verdict> {
    let mut append = command(&mut Chance::new(0, 0), &log, WRITERS).await;
    append.command_id = Uuid::from_u128(0xbeef);
    let appended = log
        .append(append)
        .await
        .map_err(|why| Verdict::Refused(why.to_string()))?;
    let head = log.head();
    drop(log);
    let log = disk::open(data)?;
    let known = log.command(Uuid::from_u128(0xbeef)).await?;
    if log.head() != head || known.map(|(known, _)| known.first) != Some(appended.first) {
        return Err(Verdict::Wrong("it does not keep what comes next".into()));
    }
    Ok(())
}

/// What looking at a directory showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All that was acknowledged is there; `true` where something was mended, and told.
    Whole(bool),
    /// The log says why it does not open, or does not read.
    Refused(String),
    /// Something is missing or other than it was, and nothing says so.
    Wrong(String),
    /// The process died: of a panic, or of a signal.
    Died(String),
    /// The process did not come to an end.
    Hung,
}

/// Looks at a directory, from a process of its own.
pub(crate) fn look(command: &mut Command) -> Outcome {
    let ended = child::run(command, Duration::from_secs(30));
    let Some(status) = ended.status else {
        return Outcome::Hung;
    };
    let verdict = ended
        .said
        .lines()
        .find_map(|line| line.strip_prefix("VERDICT "));
    match verdict.and_then(|verdict| verdict.split_once(' ')) {
        Some(("whole", _)) => {
            let told = [" WARN ", " ERROR "];
            Outcome::Whole(told.iter().any(|sign| ended.said.contains(sign)))
        }
        Some(("refused", why)) => Outcome::Refused(why.to_owned()),
        Some((_, why)) => Outcome::Wrong(why.to_owned()),
        None => {
            let said = ended.said.lines().find(|line| !line.trim().is_empty());
            let said: String = said.unwrap_or_default().chars().take(160).collect();
            Outcome::Died(format!("{status}: {said}"))
        }
    }
}
