//! A server in a process of its own, so that its CPU time and its memory are its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use axum::Router;
use carnet::{app::App, clock::SystemClock, config::Config};

/// How many connections are kept open to it.
pub(crate) const CONNECTIONS: usize = 4;

/// A server in a process of its own.
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    pub(crate) fn start(flag: &str, on: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(flag)
            .arg(on)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            process,
            address: address.trim().to_owned(),
        }
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection(BufReader::new(TcpStream::connect(&self.address).unwrap()))
    }

    /// Sends so many requests, each a document; answers the CPU time the server took for each, in
    /// microseconds.
    pub(crate) fn load(&self, requests: usize, document: impl Fn() -> String + Sync) -> f64 {
        let before = self.cpu_ns();
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut connection = self.connect();
                    for _ in 0..requests / CONNECTIONS {
                        connection.ask(&document());
                    }
                });
            }
        });
        (self.cpu_ns() - before) as f64 / 1e3 / requests as f64
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// CPU time of the server's process so far, in nanoseconds.
    pub(crate) fn cpu_ns(&self) -> u64 {
        let answer = self
            .connect()
            .send("GET /cpu HTTP/1.1\r\nhost: localhost\r\n\r\n");
        String::from_utf8(answer).unwrap().parse().unwrap()
    }
}

impl Server {
    /// Its memory now, and at most so far, in MiB.
    pub(crate) fn memory_mib(&self) -> (u64, u64) {
        let (now, most) = self.memory_kib();
        (now / 1024, most / 1024)
    }

    /// The same, in KiB.
    pub(crate) fn memory_kib(&self) -> (u64, u64) {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let of = |name: &str| -> u64 {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            let kib = line.split_whitespace().nth(1).unwrap();
            kib.parse::<u64>().unwrap()
        };
        (of("VmRSS:"), of("VmHWM:"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A connection kept open.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Asks a document.
    pub(crate) fn ask(&mut self, query: &str) -> Vec<u8> {
        let body = serde_json::json!({ "query": query }).to_string();
        self.send(&format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Sends a request and reads the body of its answer.
    fn send(&mut self, request: &str) -> Vec<u8> {
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        body
    }
}

/// Serves a data directory until killed.
pub(crate) fn serve_carnet(directory: &Path) {
    runtime().block_on(async {
        let config = Config {
            data_dir: directory.to_owned(),
            cost_per_minute: 0,
            ..Config::default()
        };
        let mut app = App::open(&config, Arc::new(SystemClock)).await.unwrap();
        // What is measured asks as who may everything.
        app.callers = app.callers.taking_strangers_for(app.caller.clone());
        let head = carnet::log::EventLog::head(app.log.as_ref()).position;
        let patience = std::time::Duration::from_mins(1);
        app.reads.wait_for(head, patience).await.unwrap();
        serve(app.router().0).await;
    });
}

/// Serves until killed; tells its address first, and its CPU time when asked.
pub(crate) async fn serve(router: Router) {
    let cpu = axum::routing::get(async || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        (time.tv_sec * 1_000_000_000 + time.tv_nsec).to_string()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    axum::serve(listener, router.route("/cpu", cpu))
        .await
        .unwrap();
}

/// What runs it.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}
