//! The second copy's own thread, so that its durable write runs beside the store's.

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use crate::{
    fault,
    log::{Head, LogError, segment::SegmentWriter},
};

/// The mirror, being written.
#[derive(Debug)]
pub(super) struct Mirror {
    work: Option<SyncSender<(Vec<u8>, Head)>>,
    done: Receiver<io::Result<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Mirror {
    /// Starts a thread that writes there.
    pub(super) fn start(mut writer: SegmentWriter) -> io::Result<Self> {
        let (work, batches) = sync_channel::<(Vec<u8>, Head)>(1);
        let (answer, done) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("log-mirror".into())
            .spawn(move || {
                while let Ok((bytes, before)) = batches.recv() {
                    let written = if fault::bug("skip-mirror") {
                        Ok(())
                    } else {
                        writer.append(&bytes, before)
                    };
                    fault::point("between-copies");
                    if answer.send(written).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            work: Some(work),
            done,
            thread: Some(thread),
        })
    }

    /// Begins to write a batch that follows `before`.
    pub(super) fn begin(&self, bytes: &[u8], before: Head) -> Result<(), LogError> {
        self.work
            .as_ref()
            .and_then(|work| work.send((bytes.to_vec(), before)).ok())
            .ok_or_else(gone)
    }

    /// Waits until the batch that was begun is durable.
    pub(super) fn finish(&self) -> Result<(), LogError> {
        let written = self.done.recv().map_err(|_| gone())?;
        written.map_err(|error| LogError::Store(format!("the mirror: {error}")))
    }
}

fn gone() -> LogError {
    LogError::Store("the mirror's thread has stopped".into())
}

impl Drop for Mirror {
    fn drop(&mut self) {
        drop(self.work.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the mirror's thread had panicked");
        }
    }
}
