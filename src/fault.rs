//! Where the suites that pull the plug may do so: named points at which the process dies, and
//! named bugs that a suite must catch. Without the feature `faults`, which nothing that is
//! released has, all of it is nothing.
//!
//! - `CARNET_CRASH_AT=<point>:<n>` kills the process (SIGKILL) when it passes that point for the
//!   `n`th time.
//! - `CARNET_BUG=<name>` puts that bug in.

/// The points at which the process can be made to die.
pub const POINTS: &[&str] = &[
    "before-batch",
    "between-copies",
    "between-flush-and-answer",
    "between-rows-and-checkpoint",
    "mid-rotation",
    "mid-rebuild",
    "mid-import",
    "mid-mending",
];

/// The bugs that can be put in.
pub const BUGS: &[&str] = &[
    "acknowledge-before-sync",
    "no-sync-data",
    "no-directory-sync",
    "skip-mirror",
    "no-mirror-sync",
    "drop-last-of-batch",
    "reuse-position",
    "forget-command",
    "ignore-guard",
    "checkpoint-before-rows",
    "ignore-crc",
    "ignore-chain",
    "trust-shorter-copy",
    "subscriber-skips",
    "channel-joins-late",
    "channel-forgets-gaps",
    "channel-mixes-callers",
];

#[cfg(feature = "faults")]
mod armed {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    };

    static CRASH_AT: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let told = std::env::var("CARNET_CRASH_AT").ok()?;
        let (point, times) = told.split_once(':')?;
        Some((point.to_owned(), times.parse().ok()?))
    });
    static BUG: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("CARNET_BUG").ok());
    static PASSED: AtomicU64 = AtomicU64::new(0);

    /// Dies here, if that was asked for.
    pub fn point(name: &str) {
        debug_assert!(super::POINTS.contains(&name), "{name} is not listed");
        if let Some((point, times)) = CRASH_AT.as_ref()
            && point == name
            && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *times
        {
            let me = rustix::process::getpid();
            let _sent = rustix::process::kill_process(me, rustix::process::Signal::KILL);
            // The signal is on its way to a process that must do nothing more.
            loop {
                std::thread::park();
            }
        }
    }

    /// Whether this bug is in.
    pub fn bug(name: &str) -> bool {
        debug_assert!(super::BUGS.contains(&name), "{name} is not listed");
        BUG.as_deref() == Some(name)
    }
}

#[cfg(not(feature = "faults"))]
mod armed {
    /// Nothing.
    #[inline]
    pub const fn point(_name: &str) {}

    /// No.
    #[inline]
    #[must_use]
    pub const fn bug(_name: &str) -> bool {
        false
    }
}

pub use armed::{bug, point};
