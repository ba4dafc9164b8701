//! What an answer costs: a list of 100 experiments with 10 fields each, through GraphQL and SQL,
//! against axum serving the same bytes.
//!
//! Each server runs in a process of its own, so that its CPU time is its own: user and system time
//! of the process, as the kernel counts it, per request. **Carnet**: the whole program on 1 000
//! synthetic experiments: **anew**, each request being another document to it (a comment counts up),
//! so that it parses, validates and executes each; and **again**, the same request at the same
//! position, which it answers from memory. **Raw**: an axum route that answers the bytes Carnet
//! answered. The same client sends to each in turn, round by round, over the same number of
//! connections kept open; the figures to read are the ratios, the medians of those of the rounds.
//!
//! `cargo bench --bench list`; with `-- --quick`, fewer requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on must stop; it prints a table"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, body::Bytes, http::header, routing::post};
use carnet::{
    app::App,
    clock::SystemClock,
    command::{Commands, Request},
    config::Config,
    domain::terms::Label,
    generate,
    log::mirrored::{MirroredLog, Places},
};

/// How many documents were asked that were not asked before.
static ASKED: AtomicU64 = AtomicU64::new(0);
const EXPERIMENTS: u64 = 1000;
const CONNECTIONS: usize = 4;
const QUERY: &str = "{ experiments(first: 100) { nodes { id version title status model carrier \
                     startsOn plannedEnd endsOn synthetic } } }";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1).cloned()
    };
    if let Some(directory) = after("--serve-carnet") {
        return serve_carnet(Path::new(&directory));
    }
    if let Some(file) = after("--serve-raw") {
        return serve_raw(Path::new(&file));
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let (requests, rounds) = if quick { (400, 3) } else { (2000, 9) };
    measure(requests, rounds);
}

fn measure(requests: usize, rounds: usize) {
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(fill(&directory.path().join("data").join("log")));
    let carnet = Server::start("--serve-carnet", &directory.path().join("data"));
    let answer = carnet.connect().ask(None);
    let nodes = serde_json::from_slice::<serde_json::Value>(&answer).unwrap();
    let nodes = nodes["data"]["experiments"]["nodes"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(nodes, 100, "a full page");
    let file = directory.path().join("answer.json");
    std::fs::write(&file, &answer).unwrap();
    let raw = Server::start("--serve-raw", &file);
    println!(
        "100 experiments of 10 fields, {} bytes; {requests} requests a round over {CONNECTIONS} \
         connections\n",
        answer.len()
    );
    println!("CPU time of the server, microseconds a request");
    println!("round       anew    again      raw   anew/raw  again/raw");
    carnet.load(requests, true);
    raw.load(requests, false);
    let (mut anew_ratios, mut again_ratios) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let anew = carnet.load(requests, true);
        let again = carnet.load(requests, false);
        let raw = raw.load(requests, false);
        anew_ratios.push(anew / raw);
        again_ratios.push(again / raw);
        println!(
            "{round:>5} {anew:>10.1} {again:>8.1} {raw:>8.1} {:>10.2} {:>10.2}",
            anew / raw,
            again / raw
        );
    }
    println!(
        "\nmedian of the ratios of CPU time: {:.2} executed anew, {:.2} asked again at the same \
         position (aim now: at most 4; goal: 2.5)",
        median(&mut anew_ratios),
        median(&mut again_ratios)
    );
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A server in a process of its own.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(flag: &str, on: &Path) -> Self {
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

    fn connect(&self) -> Connection {
        Connection(BufReader::new(TcpStream::connect(&self.address).unwrap()))
    }

    /// Sends so many requests; answers the CPU time the server took for each, in microseconds.
    fn load(&self, requests: usize, anew: bool) -> f64 {
        let before = self.cpu_ns();
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut connection = self.connect();
                    for _ in 0..requests / CONNECTIONS {
                        let number = anew.then(|| ASKED.fetch_add(1, Ordering::Relaxed));
                        connection.ask(number);
                    }
                });
            }
        });
        (self.cpu_ns() - before) as f64 / 1e3 / requests as f64
    }

    /// CPU time of the server's process so far, in nanoseconds.
    fn cpu_ns(&self) -> u64 {
        let answer = self
            .connect()
            .send("GET /cpu HTTP/1.1\r\nhost: localhost\r\n\r\n");
        String::from_utf8(answer).unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A connection kept open.
struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Asks for the list; under a number, by a document that was not asked before.
    fn ask(&mut self, number: Option<u64>) -> Vec<u8> {
        let query = number.map_or_else(|| QUERY.to_owned(), |number| format!("{QUERY} # {number}"));
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

fn serve_carnet(directory: &Path) {
    runtime().block_on(async {
        let config = Config {
            data_dir: directory.to_owned(),
            ..Config::default()
        };
        let app = App::open(&config, Arc::new(SystemClock)).await.unwrap();
        let head = carnet::log::EventLog::head(app.log.as_ref()).position;
        let patience = std::time::Duration::from_mins(1);
        app.reads.wait_for(head, patience).await.unwrap();
        serve(app.router().0).await;
    });
}

fn serve_raw(file: &Path) {
    let answer = Bytes::from(std::fs::read(file).unwrap());
    let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    let route = post(move |_: Bytes| async move { (headers, answer) });
    runtime().block_on(serve(Router::new().route("/graphql", route)));
}

/// Serves until killed; tells its address first, and its CPU time when asked.
async fn serve(router: Router) {
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

async fn fill(log: &Path) {
    let log = MirroredLog::open(Places::within(log), Arc::new(SystemClock)).unwrap();
    let commands = Commands::new(Arc::new(log));
    let actor = Label::try_new("banc d'essai").unwrap();
    for index in 0..EXPERIMENTS {
        for (command_id, entry) in generate::experiment(42, index).unwrap() {
            let request = Request {
                command_id,
                actor: actor.clone(),
                expected_version: None,
                entry,
            };
            commands.execute(request).await.unwrap();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}
