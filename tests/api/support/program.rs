//! The real program, in a process of its own.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::in_time;

/// A command of the program on `directory`, with nothing of our own surroundings.
pub(crate) fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carnet"));
    command
        .args(arguments)
        .env_clear()
        // What it says and counts is then what is recorded, and nothing else; unless it is asked.
        .env("CARNET_FIRST_TOKEN", "false")
        .current_dir(directory)
        .stdin(Stdio::null());
    command
}

/// What a command of the program on `directory` says, once it has ended.
pub(crate) fn run(directory: &Path, arguments: &[&str]) -> Output {
    command(directory, arguments).output().unwrap()
}

/// What a command that succeeds prints.
#[track_caller]
pub(crate) fn printed(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The complaint of a command that fails.
#[track_caller]
pub(crate) fn complaint(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// What follows `label` on its line.
#[track_caller]
pub(crate) fn after<'a>(text: &'a str, label: &str) -> &'a str {
    let Some((_, rest)) = text.split_once(label) else {
        panic!("« {label} » is not in:\n{text}")
    };
    rest.lines().next().unwrap().trim()
}

/// A server in a process of its own; killed where the test forgets to stop it.
pub(crate) struct Program {
    pub(crate) address: SocketAddr,
    /// What it printed so far.
    pub(crate) printed: String,
    /// The token that its first run left, if it did.
    pub(crate) token: String,
    process: Child,
    output: BufReader<ChildStdout>,
    client: Client,
}

impl Program {
    /// Starts it on the data under `directory`, and reads where it listens.
    pub(crate) fn serve(directory: &Path, arguments: &[&str]) -> Self {
        let mut all = vec!["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut command = command(directory, &all);
        command.env_remove("CARNET_FIRST_TOKEN");
        Self::served(command)
    }

    /// Starts it where no file may grow beyond some megabytes: a write beyond is an error, as it
    /// is on a full disk.
    #[cfg(unix)]
    pub(crate) fn serve_in_little_room(directory: &Path) -> Self {
        // Blocks of 512 or of 1024 bytes, by the shell.
        let script = "trap '' XFSZ; ulimit -f 20000; exec \"$0\" \"$@\"";
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", script, env!("CARGO_BIN_EXE_carnet")])
            .args(["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"])
            .env_clear()
            .current_dir(directory)
            .stdin(Stdio::null());
        Self::served(command)
    }

    /// Starts it, with all it can tell its operator written to a file.
    pub(crate) fn serve_aloud(directory: &Path, messages: std::fs::File) -> Self {
        let all = ["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
        let mut command = command(directory, &[&all[..], &["--log", "trace"]].concat());
        command.stderr(messages).env_remove("CARNET_FIRST_TOKEN");
        Self::spawned(command)
    }

    /// Starts what `command` says, and reads where it listens.
    pub(crate) fn served(mut command: Command) -> Self {
        command.stderr(Stdio::null());
        Self::spawned(command)
    }

    fn spawned(mut command: Command) -> Self {
        let left = command.get_current_dir().unwrap();
        let left = left.join("data.keys/administrateur.jeton");
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.contains("Ctrl-C") {
            let read = output.read_line(&mut printed).unwrap();
            assert!(read > 0, "the program ended: {printed}");
        }
        let address = after(&printed, "API      : http://");
        let (address, _) = address.split_once('/').unwrap();
        let token = std::fs::read_to_string(left).unwrap_or_default();
        Self {
            address: address.parse().unwrap(),
            token: token.trim().to_owned(),
            printed,
            process,
            output,
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Tells the process to end, as a supervisor does.
    pub(crate) fn terminate(&self) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
    }

    /// How it ended, and the rest of what it printed.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.process.wait().unwrap(), rest)
    }

    /// Ends it, and sees that it ends well.
    pub(crate) fn stop(self) {
        self.terminate();
        let (status, rest) = self.ended();
        assert_eq!(status.code(), Some(0), "{rest}");
        assert!(rest.contains("Carnet est arrêté."), "{rest}");
    }

    /// A request of who has the token, if there is one.
    fn shown(&self, request: RequestBuilder) -> RequestBuilder {
        if self.token.is_empty() {
            request
        } else {
            request.bearer_auth(&self.token)
        }
    }

    /// The data of an operation that meets no fault.
    pub(crate) async fn data(&self, document: &str, operation: Option<&str>) -> Value {
        let body = json!({ "query": document, "operationName": operation });
        let url = format!("http://{}/graphql", self.address);
        let sent = self.shown(self.client.post(url)).json(&body).send();
        let answer = in_time("the answer", sent).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut answer: Value = answer.json().await.unwrap();
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"].take()
    }

    /// The answer to an operation with variables, faults included.
    pub(crate) async fn answer(&self, document: &str, variables: Value) -> Value {
        let body = json!({ "query": document, "variables": variables });
        let url = format!("http://{}/graphql", self.address);
        let sent = self.shown(self.client.post(url)).json(&body).send();
        let answer = in_time("the answer", sent).await.unwrap();
        answer.json().await.unwrap()
    }

    /// The text of a page.
    pub(crate) async fn page(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.address);
        let asked = self.shown(self.client.get(url));
        let answer = in_time(path, asked.send()).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails where it has ended, which is the ordinary case.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}
