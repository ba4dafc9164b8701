//! A disk that fails while the log writes, and directories that cannot be used.

use std::{fs, time::Duration};

use crate::harness::{
    child, disk,
    notary::{self, Outcome, Work},
    recorder,
};

/// A place for a log, with the path that the recorder knows it by.
struct Place {
    directory: tempfile::TempDir,
    root: std::path::PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap().join("disk");
        fs::create_dir(&root).unwrap();
        Self { directory, root }
    }

    fn work(&self) -> Work {
        Work {
            data: self.root.join("data"),
            acks: self.root.join("acks"),
            seed: 5,
            sessions: 2,
            commands: 8,
        }
    }

    fn write(&self, rule: Option<&str>) -> child::Ended {
        let mut command = self.work().command();
        if let Some(rule) = rule {
            recorder::fail(&mut command, self.directory.path(), &self.root, rule);
        }
        child::run(&mut command, Duration::from_mins(1))
    }

    fn look(&self, rule: Option<&str>) -> Outcome {
        let acks = self.work().acks;
        if !acks.exists() {
            fs::write(&acks, "").unwrap();
        }
        let mut command = notary::check_command(&self.work().data, &acks);
        if let Some(rule) = rule {
            recorder::fail(&mut command, self.directory.path(), &self.root, rule);
        }
        notary::look(&mut command)
    }

    fn acknowledged(&self) -> usize {
        fs::read_to_string(self.work().acks).map_or(0, |acks| acks.lines().count())
    }
}

/// Catches: an acknowledgement of what an error kept from the disk; a log that such an error
/// leaves unreadable.
#[test]
fn errors_of_the_disk_lose_nothing() {
    let without = Place::new();
    without.write(None);
    let all = without.acknowledged();
    let mut hindered = 0;
    for copy in ["log/db", "mirror"] {
        if copy == "mirror" && !disk::mirror(&without.work().data).exists() {
            continue;
        }
        for (call, how) in [
            ("write", "EIO"),
            ("write", "EIO+"),
            ("write", "ENOSPC"),
            ("write", "ENOSPC+"),
            ("write", "short"),
            ("sync", "EIO"),
            ("sync", "EIO+"),
        ] {
            for n in [1, 3, 12] {
                let place = Place::new();
                let rule = format!("{call}:{copy}:{n}:{how}");
                let ended = place.write(Some(&rule));
                assert!(
                    ended.status.is_some(),
                    "{rule}: the writer hangs: {}",
                    ended.said
                );
                hindered += usize::from(place.acknowledged() < all);
                let outcome = place.look(None);
                let fine = matches!(outcome, Outcome::Whole(_));
                let acknowledged = place.acknowledged();
                assert!(
                    fine,
                    "{rule}, {acknowledged} acknowledged: {outcome:?}\n{}",
                    ended.said
                );
            }
        }
    }
    assert!(hindered > 10, "only {hindered} errors hindered anything");
}

/// Catches: a directory that cannot be written to taken for an empty one, or a panic.
#[test]
fn a_directory_that_cannot_be_written_to_is_refused() {
    let place = Place::new();
    place.write(None);
    for how in ["EROFS+", "EACCES+"] {
        let outcome = place.look(Some(&format!("open:log:1:{how}")));
        assert!(matches!(outcome, Outcome::Refused(_)), "{how}: {outcome:?}");
    }
    let outcome = place.look(None);
    assert!(matches!(outcome, Outcome::Whole(_)), "{outcome:?}");
}

/// Catches: two processes that write to one log.
#[test]
fn two_processes_do_not_share_a_directory() {
    let place = Place::new();
    place.write(None);
    let log = disk::open(&place.work().data).unwrap();
    let outcome = place.look(None);
    assert!(
        matches!(&outcome, Outcome::Refused(why) if why.contains("un autre processus")),
        "{outcome:?}"
    );
    drop(log);
    let outcome = place.look(None);
    assert!(matches!(outcome, Outcome::Whole(_)), "{outcome:?}");
}
