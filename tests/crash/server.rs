//! The program in a process of its own, made to die.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use crate::harness::failure::{Checked, Failure, fail};

/// Far longer than anything here takes: only a program that hangs meets it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The program, serving or on its way there.
pub(crate) struct Server {
    process: Child,
    root: PathBuf,
    complaints: PathBuf,
    /// Where it listens, once it does; closed when it ends.
    printed: Receiver<SocketAddr>,
}

/// Where the program listens, and the token that its first run left.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

/// What the program is told to do wrong.
#[derive(Debug, Default, Clone)]
pub(crate) struct Faults {
    /// The bug that is put in.
    pub(crate) bug: Option<&'static str>,
    /// The point at which it dies, and at which passage.
    pub(crate) crash_at: Option<(&'static str, u64)>,
}

impl Server {
    /// Starts it on the data under `root`.
    pub(crate) fn start(root: &Path, faults: &Faults) -> Self {
        let complaints = root.join("complaints");
        let mut command = Command::new(env!("CARGO_BIN_EXE_carnet"));
        command
            .args(["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"])
            .env_clear()
            .env("CARNET_LOG", "warn")
            .env("NO_COLOR", "1")
            .envs(faults.bug.map(|bug| ("CARNET_BUG", bug)))
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&complaints).unwrap());
        if let Some((point, times)) = faults.crash_at {
            command.env("CARNET_CRASH_AT", format!("{point}:{times}"));
        }
        let mut process = command.spawn().unwrap();
        let output = process.stdout.take().unwrap();
        let (say, printed) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("API      : http://")
                    && let Some((address, _)) = rest.split_once('/')
                {
                    let _nobody_asks = say.send(address.parse().unwrap());
                }
            }
        });
        Self {
            process,
            root: root.to_owned(),
            complaints,
            printed,
        }
    }

    /// How to ask it; `None` if it died before it listened.
    pub(crate) fn door(&mut self) -> Checked<Option<Door>> {
        match self.printed.recv_timeout(PATIENCE) {
            Ok(address) => {
                let left = self.root.join("data.keys/administrateur.jeton");
                let token = fs::read_to_string(left).unwrap().trim().to_owned();
                Ok(Some(Door { address, token }))
            }
            Err(RecvTimeoutError::Timeout) => fail("the program neither starts nor ends"),
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.process.wait().unwrap();
                match status.code() {
                    // By a signal: the one it was to die by, or that of an abort.
                    None if self.complaint().is_empty() => Ok(None),
                    _ => Err(self.refused()),
                }
            }
        }
    }

    /// Waits until it dies by itself; `false` if it is still alive after `time`.
    pub(crate) fn dies_within(&self, time: Duration) -> bool {
        matches!(
            self.printed.recv_timeout(time),
            Err(RecvTimeoutError::Disconnected)
        )
    }

    /// Kills it (SIGKILL), and waits until it is gone.
    pub(crate) fn kill(mut self) {
        let _dead_already = self.process.kill();
        self.process.wait().unwrap();
    }

    /// What it complained of first: a panic, or what it logs as an error.
    pub(crate) fn complaint(&self) -> String {
        let said = fs::read_to_string(&self.complaints).unwrap_or_default();
        let signs = ["panicked", "ERROR", "carnet :"];
        let first = said
            .lines()
            .find(|line| signs.iter().any(|sign| line.contains(sign)));
        first.unwrap_or_default().chars().take(240).collect()
    }

    fn refused(&self) -> Failure {
        Failure(format!("the program does not start: {}", self.complaint()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _dead_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}
