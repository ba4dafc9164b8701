//! Cycles of living, dying and being looked at.

use std::{fs, path::Path, sync::Mutex, thread, time::Duration};

use crate::{
    clients::{ask_again, record_at_once},
    follower::Follower,
    harness::{
        chance::Chance,
        disk,
        failure::{Checked, fail, hold},
        report::Report,
    },
    inspect::{Found, fold_afresh},
    ledger::{Ledger, lock},
    server::{Faults, PATIENCE, Server},
};

/// What to do.
#[derive(Debug, Clone)]
pub(crate) struct Campaign {
    pub(crate) seed: u64,
    pub(crate) cycles: u64,
    /// How many cycles one data directory lives.
    pub(crate) lives: u64,
    /// One cycle in so many is followed by a fresh fold.
    pub(crate) fold_every: u64,
    pub(crate) bug: Option<&'static str>,
    /// The points that the program has.
    pub(crate) points: Vec<&'static str>,
}

/// How the program is made to die.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// At some moment on the way to serving.
    Starting(Duration),
    /// At some moment of serving.
    Serving(Duration),
    /// At a named point.
    Point(&'static str, u64),
}

/// One data directory, and all that is known of what must be in it.
struct Life {
    root: tempfile::TempDir,
    ledger: Mutex<Ledger>,
    follower: Follower,
    found: Found,
}

/// Runs all cycles; the first broken promise ends it.
pub(crate) fn run(campaign: &Campaign, report: &mut Report) -> Checked {
    let mut chance = Chance::new(campaign.seed, 0);
    let mut life = Life::new();
    for cycle in 1..=campaign.cycles {
        let fresh = life.found.position() == 0;
        let death = choose(campaign, &mut chance, fresh, cycle);
        let at = |failure: crate::harness::failure::Failure| {
            failure.at(format!("cycle {cycle}, {death:?}"))
        };
        life.die(campaign, death, &mut chance, report).map_err(at)?;
        let fold = cycle % campaign.fold_every == 0;
        life.look(fold, report).map_err(at)?;
        report.count("cycles");
        if cycle % campaign.lives == 0 || cycle == campaign.cycles {
            life.end(campaign, report).map_err(at)?;
            life = Life::new();
        }
    }
    Ok(())
}

fn choose(campaign: &Campaign, chance: &mut Chance, fresh: bool, cycle: u64) -> Death {
    // A first segment is begun only once, and there is nothing to mend before: these points have
    // their turns when they can be reached.
    let has = |point| campaign.points.contains(&point);
    let mut others = campaign.points.clone();
    others.retain(|point| *point != "mid-rotation" && !(fresh && *point == "mid-mending"));
    match cycle % campaign.lives {
        // While its data directory is being made.
        1 => return Death::Starting(Duration::from_micros(chance.below(60_000))),
        2 if has("mid-rotation") => return Death::Point("mid-rotation", 1),
        _ => {}
    }
    let points = others.len() as u64;
    // Every point has its turn; between them, any moment.
    match cycle % 2 {
        0 if points > 0 => {
            let turn = usize::try_from((cycle / 2) % points).unwrap_or_default();
            let point = others[turn];
            let times = match point {
                "mid-mending" => 1,
                "mid-rebuild" => chance.within(1, 2),
                "between-rows-and-checkpoint" => chance.within(1, 160),
                _ => chance.within(1, 40),
            };
            Death::Point(point, times)
        }
        _ if chance.one_in(5) => Death::Starting(Duration::from_micros(chance.below(120_000))),
        _ => Death::Serving(Duration::from_micros(chance.below(300_000))),
    }
}

impl Life {
    fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            ledger: Mutex::default(),
            follower: Follower::default(),
            found: Found::default(),
        }
    }

    fn data(&self) -> std::path::PathBuf {
        self.root.path().join("data")
    }

    /// One life of the program, to its death.
    fn die(
        &mut self,
        campaign: &Campaign,
        death: Death,
        chance: &mut Chance,
        report: &mut Report,
    ) -> Checked {
        let mut faults = Faults {
            bug: campaign.bug,
            crash_at: None,
        };
        let mut moment = None;
        match death {
            Death::Point(point, times) => faults.crash_at = Some((point, times)),
            Death::Starting(time) => {
                let server = Server::start(self.root.path(), &faults);
                // Also what it says at once is no reason to let it live.
                let _by_itself = server.dies_within(time);
                server.kill();
                report.count("killed while starting");
                return Ok(());
            }
            Death::Serving(time) => moment = Some(time),
        }
        if let Death::Point("mid-rebuild", _) = death {
            spoil_read_models(&self.data());
        }
        if let Death::Point("mid-mending", _) = death {
            lose_a_copy(&self.data(), chance);
        }
        let mut server = Server::start(self.root.path(), &faults);
        if let Some(door) = server.door()? {
            let following = self.follower.follow(&door);
            let alive = ask_again(&door, &self.ledger, &self.found, chance, report)?;
            if alive {
                let ledger = &self.ledger;
                let most = if moment.is_some() { u64::MAX } else { 200 };
                thread::scope(|scope| {
                    let clients = scope.spawn(|| record_at_once(&door, ledger, chance, most));
                    if let Some(time) = moment {
                        let _by_itself = server.dies_within(time);
                    } else {
                        let _answered_or_dead = clients.join();
                    }
                    let died = moment.is_none() && server.dies_within(Duration::from_millis(50));
                    let complaint = server.complaint();
                    server.kill();
                    note_death(death, died, report);
                    hold(complaint.is_empty(), || {
                        format!("it complained: {complaint}")
                    })
                })?;
            } else {
                let died = server.dies_within(PATIENCE);
                server.kill();
                note_death(death, died, report);
            }
            self.follower.gather(following)?;
        } else {
            note_death(death, true, report);
        }
        Ok(())
    }

    /// Looks at a copy of what it left.
    fn look(&mut self, fold: bool, report: &mut Report) -> Checked {
        if !disk::log(&self.data()).exists() {
            return Ok(());
        }
        let copy = tempfile::tempdir().unwrap();
        let data = copy.path().join("data");
        disk::copy(&self.data(), &data);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let ledger = lock(&self.ledger);
        if fold {
            // From the very beginning again.
            self.found = Found::default();
        }
        runtime.block_on(self.found.look(&data, &ledger))?;
        self.found.compare_with(&self.follower.seen)?;
        if fold {
            runtime.block_on(fold_afresh(&data))?;
            report.count("read models compared with a fresh fold");
        }
        Ok(())
    }

    /// The last start of a data directory: nothing is in doubt any more, and the subscriber sees
    /// the rest.
    fn end(&mut self, campaign: &Campaign, report: &mut Report) -> Checked {
        let faults = Faults {
            bug: campaign.bug,
            crash_at: None,
        };
        let mut chance = Chance::new(campaign.seed, 1);
        let mut server = Server::start(self.root.path(), &faults);
        let Some(door) = server.door()? else {
            return fail("it died with nobody killing it");
        };
        let following = self.follower.follow(&door);
        if !ask_again(&door, &self.ledger, &self.found, &mut chance, report)? {
            return fail("it died with nobody killing it");
        }
        let last = {
            let ledger = lock(&self.ledger);
            let of_written = ledger.written.iter().filter_map(|(.., at)| at.last());
            of_written.max().copied().unwrap_or_default()
        };
        let last = last.max(self.found.position());
        let begun = crate::harness::report::started();
        while following.reached() < last && !following.stopped() {
            hold(begun.elapsed() < PATIENCE, || {
                format!("the subscriber waits for {last} at {}", following.reached())
            })?;
            let _alive = server.dies_within(Duration::from_millis(5));
        }
        server.kill();
        self.follower.gather(following)?;
        hold(self.follower.seen.len() as u64 >= last, || {
            "the subscriber did not see all".to_owned()
        })?;
        self.look(true, report)?;
        let ledger = lock(&self.ledger);
        report.add("commands acknowledged", ledger.written.len() as u64);
        report.add("commands refused", ledger.refused.len() as u64);
        report.add(
            "events a subscriber saw once",
            self.follower.seen.len() as u64,
        );
        report.count("data directories");
        Ok(())
    }
}

fn note_death(death: Death, died: bool, report: &mut Report) {
    match death {
        Death::Point(point, _) if died => report.count(format!("killed at {point}")),
        Death::Point(point, _) => report.count(format!("not reached: {point}")),
        Death::Starting(_) | Death::Serving(_) => report.count("killed while serving"),
    }
}

/// Makes the next start build the read models anew.
fn spoil_read_models(data: &Path) {
    let path = data.join("read.sqlite");
    if path.exists() {
        fs::write(&path, b"no database").unwrap();
        for suffix in ["read.sqlite-wal", "read.sqlite-shm"] {
            let _none = fs::remove_file(data.join(suffix));
        }
    }
}

/// Makes the next start write one copy of the log anew from the other. Both are made alike first:
/// what was in doubt may be in one of them alone, and would go with it.
fn lose_a_copy(data: &Path, chance: &mut Chance) {
    let (log, mirror) = (disk::log(data), disk::mirror(data));
    if log.exists() && mirror.exists() {
        drop(disk::open(data).unwrap());
        let lost = if chance.one_in(2) { log } else { mirror };
        fs::remove_dir_all(lost).unwrap();
    }
}
