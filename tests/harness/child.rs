//! Parts of a suite that run in a process of their own: the test binary itself, told its role.

use std::{
    io::Read,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The variable that tells a child its role.
const ROLE: &str = "CARNET_ROLE";

/// The role of this process, if it is a child.
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// How a child ended.
pub(crate) struct Ended {
    /// `None` if it had to be killed because it took too long.
    pub(crate) status: Option<ExitStatus>,
    /// What it wrote to its error output.
    pub(crate) said: String,
}

/// This test binary again, to play a role: its test `child` does.
pub(crate) fn command(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env_remove("CARNET_BUG")
        .env_remove("CARNET_CRASH_AT")
        .env(ROLE, role)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Runs a child to its end, or to the end of patience.
pub(crate) fn run(command: &mut Command, patience: Duration) -> Ended {
    let mut child = command.spawn().unwrap();
    let mut output = child.stderr.take().unwrap();
    let (ended, end) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        let _cut = output.read_to_end(&mut said);
        let _nobody_waits = ended.send(());
        String::from_utf8_lossy(&said).into_owned()
    });
    let in_time = end.recv_timeout(patience).is_ok();
    if !in_time {
        kill(&mut child);
    }
    let status = child.wait().unwrap();
    Ended {
        status: in_time.then_some(status),
        said: reader.join().unwrap(),
    }
}

/// Kills a process (SIGKILL), unless it is dead.
pub(crate) fn kill(child: &mut Child) {
    let _dead = child.kill();
}
