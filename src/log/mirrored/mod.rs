//! The log as it is served: two copies of the same records, the store and the mirror, and one
//! index of both in memory.
//!
//! **Invariants.** What is acknowledged is durable in both copies. What is read from either was
//! read and checked whole when it was opened. While the store cannot be opened for want of room,
//! the mirror is read and nothing is written.

mod copies;
mod decide;
mod mend;
mod mirror;
mod survey;
mod transfer;
mod verify;

pub use transfer::{Transferred, backup, export, import};
pub use verify::{Checked, Verified, verify};

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, mpsc as blocking},
    thread::JoinHandle,
};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use self::copies::{Copies, Reading};
use super::{
    Append, AppendError, Appended, EventLog, Head, LogError,
    record::{Hash, Record, RecordError, genesis},
    writer::{Job, Message, Writer, started},
};
use crate::{
    clock::Clock,
    domain::terms::Position,
    limits::{LOG_LOOK, LOG_QUEUE_COMMANDS_MAX},
};

/// Where a log lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The directory of the store.
    pub store: PathBuf,
    /// The directory of the mirror, if there is to be one.
    pub mirror: Option<PathBuf>,
    /// Where the mirror would be, while there is to be none.
    pub unused: Option<PathBuf>,
    /// How many bytes must be free on the disks of both for the log to take writes.
    pub free_bytes: u64,
}

impl Places {
    /// Both copies in one directory, with no room kept free.
    #[must_use]
    pub fn within(directory: &Path) -> Self {
        Self {
            store: directory.join("log"),
            mirror: Some(directory.join("mirror")),
            unused: None,
            free_bytes: 0,
        }
    }
}

/// A log in two copies.
#[derive(Debug)]
pub struct MirroredLog {
    id: Uuid,
    reading: Arc<Reading>,
    head: watch::Receiver<Head>,
    broken: watch::Receiver<Option<String>>,
    queue: Option<mpsc::Sender<Message>>,
    /// Ends the thread that looks once it is dropped.
    looking: Option<blocking::SyncSender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl MirroredLog {
    /// Opens the log that lies there, creating it if there is none. Both copies are read whole
    /// and compared; what one lacks is taken from the other.
    ///
    /// # Errors
    /// [`LogError::Locked`] when another process has it open, [`LogError::Unopenable`] when a
    /// directory cannot be used or a copy is damaged beyond what the other holds, and
    /// [`LogError::Disagree`] when both are whole and differ.
    pub fn open(places: Places, clock: Arc<dyn Clock>) -> Result<Self, LogError> {
        let failed_to_start =
            |error: std::io::Error| LogError::Unopenable(format!("its threads: {error}"));
        let (copies, end, failed) = Copies::open(places, clock.new_id())?;
        let id = copies.id();
        let reading = copies.reading();
        let (published, head) = watch::channel(end.head);
        let (queue, messages) = mpsc::channel(LOG_QUEUE_COMMANDS_MAX);
        let writer = Writer::new(copies, clock, end, published, failed);
        let broken = writer.watch_broken();
        let writing = std::thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || writer.run(messages))
            .map_err(failed_to_start)?;
        let (looking, stopped) = blocking::sync_channel::<()>(0);
        let look = queue.clone();
        let looks = std::thread::Builder::new()
            .name("log-look".into())
            .spawn(move || {
                while stopped.recv_timeout(LOG_LOOK) == Err(blocking::RecvTimeoutError::Timeout) {
                    // A full queue makes the writer look by itself.
                    let _full = look.try_send(Message::Look);
                }
            })
            .map_err(failed_to_start)?;
        Ok(Self {
            id,
            reading,
            head,
            broken,
            queue: Some(queue),
            looking: Some(looking),
            threads: vec![looks, writing],
        })
    }

    /// Runs a read on a thread that may block.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reading, Head) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let reading = Arc::clone(&self.reading);
        let head = self.head.clone();
        tokio::task::spawn_blocking(move || {
            let head = *head.borrow();
            read(&reading, head)
        })
        .await
        .map_err(|error| LogError::Store(error.to_string()))?
    }
}

impl Drop for MirroredLog {
    /// Lets the writer finish what is queued; the directories are free once this returns.
    fn drop(&mut self) {
        drop(self.looking.take());
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the log had panicked");
            }
        }
    }
}

#[async_trait]
impl EventLog for MirroredLog {
    fn id(&self) -> Uuid {
        self.id
    }

    fn watch(&self) -> watch::Receiver<Head> {
        self.head.clone()
    }

    fn read_only(&self) -> Option<String> {
        self.broken.borrow().clone()
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let gone = || AppendError::ReadOnly("its writer has stopped".into());
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        let job = Job {
            append,
            answer,
            begun: started(),
        };
        let sent = queue.send(Message::Append(job)).await;
        sent.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    async fn command(&self, id: Uuid) -> Result<Option<(Appended, [u8; 16])>, LogError> {
        self.reading(move |reading, head| {
            let written = reading.command(id)?;
            Ok(written.filter(|(appended, _)| appended.last() <= head.position))
        })
        .await
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Record>, LogError> {
        let first = (after == Position::START).then(|| genesis(self.id));
        self.reading(move |reading, head| {
            let mut expected = after.next();
            let mut previous: Option<Hash> = first;
            let mut records = Vec::new();
            let mut wrong = None;
            if expected > head.position || limit == 0 {
                return Ok(records);
            }
            reading.frames(expected, &mut |view| {
                if view.position != expected {
                    wrong = Some(LogError::Missing(expected));
                } else if previous.is_some_and(|previous| previous != view.previous) {
                    wrong = Some(broken_chain(expected));
                } else {
                    previous = Some(view.hash());
                    records.push(view.to_record());
                    expected = expected.next();
                }
                if wrong.is_some() || records.len() == limit || expected > head.position {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
            if let Some(wrong) = wrong {
                return Err(wrong);
            }
            if records.len() < limit && expected <= head.position {
                return Err(LogError::Missing(expected));
            }
            if expected > head.position && previous != Some(head.hash) {
                return Err(broken_chain(head.position));
            }
            Ok(records)
        })
        .await
    }

    async fn read_stream(&self, stream: &str) -> Result<Vec<Record>, LogError> {
        let stream = stream.to_owned();
        self.reading(move |reading, head| {
            let mut positions = reading.positions(&stream);
            positions.retain(|position| *position <= head.position);
            let records = reading.records(&positions)?;
            for (version, record) in (1..).zip(&records) {
                if record.stream != stream || record.stream_version != version {
                    return Err(LogError::Damaged {
                        position: record.position,
                        error: RecordError::Field("stream"),
                    });
                }
            }
            Ok(records)
        })
        .await
    }
}

fn broken_chain(position: Position) -> LogError {
    LogError::Damaged {
        position,
        error: RecordError::Field("previous hash"),
    }
}

#[cfg(test)]
mod tests;
