//! The program in a process of its own, life after life, on the same data.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use tokio::{
    sync::{oneshot, watch},
    task::spawn_blocking,
    time::timeout,
};

use crate::harness::failure::{Checked, Failure, fail, hold};

/// Far longer than anything here takes: only a program that hangs meets it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Where the program listens, while it does.
#[derive(Debug, Clone)]
pub(crate) struct Lives(watch::Receiver<Option<SocketAddr>>);

impl Lives {
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        *self.0.borrow()
    }

    /// Waits until it listens.
    pub(crate) async fn listening(&mut self) -> SocketAddr {
        let address = self.0.wait_for(Option::is_some).await.unwrap();
        address.unwrap()
    }
}

/// The program.
pub(crate) struct Server {
    root: PathBuf,
    bug: Option<&'static str>,
    listens: watch::Sender<Option<SocketAddr>>,
    process: Option<Child>,
}

impl Server {
    pub(crate) fn new(root: &Path, bug: Option<&'static str>) -> Self {
        Self {
            root: root.to_owned(),
            bug,
            listens: watch::Sender::new(None),
            process: None,
        }
    }

    pub(crate) fn lives(&self) -> Lives {
        Lives(self.listens.subscribe())
    }

    fn complaints(&self) -> PathBuf {
        self.root.join("complaints")
    }

    /// The token of its first run.
    pub(crate) fn token(&self) -> String {
        let left = self.root.join("data.keys/administrateur.jeton");
        fs::read_to_string(left).unwrap().trim().to_owned()
    }

    /// The id of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().map(Child::id).unwrap()
    }

    /// Begins a life.
    pub(crate) async fn start(&mut self) -> Checked {
        let complaints = File::options()
            .create(true)
            .append(true)
            .open(self.complaints());
        let mut process = Command::new(env!("CARGO_BIN_EXE_carnet"))
            .args(["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("CARNET_LOG", "warn")
            .env("NO_COLOR", "1")
            .env("CARNET_COST_PER_MINUTE", "0")
            .envs(self.bug.map(|bug| ("CARNET_BUG", bug)))
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints.unwrap())
            .spawn()
            .unwrap();
        let output = process.stdout.take().unwrap();
        self.process = Some(process);
        let (say, listens) = oneshot::channel();
        thread::spawn(move || {
            let mut say = Some(say);
            // All that it says is read, so that it never waits to say it.
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("API      : http://")
                    && let Some((address, _)) = rest.split_once('/')
                    && let Some(say) = say.take()
                {
                    let _nobody_asks = say.send(address.parse().unwrap());
                }
            }
        });
        let Ok(Ok(address)) = timeout(PATIENCE, listens).await else {
            return Err(self.complaint("the program does not start"));
        };
        self.listens.send_replace(Some(address));
        Ok(())
    }

    /// Kills it (SIGKILL), and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Checked {
        self.listens.send_replace(None);
        let ended = self.end("-KILL").await?;
        hold(ended.code().is_none(), || {
            format!("it ended by itself: {ended}")
        })
    }

    /// Tells it to stop (SIGTERM), and waits until it has.
    pub(crate) async fn stop(&mut self) -> Checked {
        let ended = self.end("-TERM").await?;
        self.listens.send_replace(None);
        if ended.success() {
            return Ok(());
        }
        Err(self.complaint(&format!("it stopped as {ended}")))
    }

    async fn end(&mut self, signal: &str) -> Checked<ExitStatus> {
        let Some(mut process) = self.process.take() else {
            return fail("there is no program");
        };
        if process.try_wait().unwrap().is_some() {
            return Err(self.complaint("it died by itself"));
        }
        let id = process.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        hold(sent.success(), || format!("no {signal} can be sent"))?;
        let ended = spawn_blocking(move || process.wait());
        match timeout(PATIENCE, ended).await {
            Ok(ended) => Ok(ended.unwrap().unwrap()),
            Err(_) => fail(format!("told {signal} it does not end")),
        }
    }

    fn complaint(&self, what: &str) -> Failure {
        let said = fs::read_to_string(self.complaints()).unwrap_or_default();
        let last: Vec<_> = said.lines().rev().take(5).collect();
        Failure(format!("{what}: {}", last.join(" | ")))
    }

    /// That it never complained.
    pub(crate) fn silent(&self) -> Checked {
        let said = fs::read_to_string(self.complaints()).unwrap_or_default();
        let signs = ["panicked", "ERROR"];
        let complaint = said
            .lines()
            .find(|line| signs.iter().any(|sign| line.contains(sign)));
        complaint.map_or(Ok(()), |line| {
            fail(format!("the program complains: {line}"))
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _dead_already = process.kill();
            let _reaped = process.wait();
        }
    }
}
