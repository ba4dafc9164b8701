//! Asks a server over connections kept open, each of which sends its next request once it is
//! answered, and tells how long that took.
#![allow(clippy::disallowed_methods, reason = "it measures")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Instant,
};

/// What stands in a body for what tells one request from the next.
const TURN: &str = "@TURN@";

/// `ADDRESS PATH BODY TOKEN CONNECTIONS REQUESTS FROM LENGTH`: where to, what; every answer must have
/// so many bytes, 0 for any.
pub(crate) fn run(arguments: &[&str]) {
    let [
        address,
        path,
        body,
        token,
        connections,
        requests,
        from,
        length,
    ] = arguments
    else {
        unreachable!("run.mjs gives all of them");
    };
    let [connections, requests, from, length] =
        [connections, requests, from, length].map(|number| number.parse::<usize>().unwrap());
    let each = requests / connections;
    let authorization = if token.is_empty() {
        String::new()
    } else {
        format!("authorization: Bearer {token}\r\n")
    };
    let ask = |turn: usize| {
        let body = body.replace(TURN, &format!("{turn:09}"));
        format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\
             content-type: application/json\r\n{authorization}content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let began = Instant::now();
    let mut took: Vec<u64> = std::thread::scope(|scope| {
        let ask = &ask;
        let one = |connection: usize| {
            let mut stream = Connection::open(address);
            let turns = (0..each).map(|turn| from + connection * each + turn);
            turns
                .map(|turn| {
                    let request = ask(turn);
                    let sent = Instant::now();
                    let answered = stream.send(&request);
                    assert!(length == 0 || answered == length, "{answered} bytes");
                    u64::try_from(sent.elapsed().as_nanos()).unwrap()
                })
                .collect::<Vec<u64>>()
        };
        let running: Vec<_> = (0..connections)
            .map(|connection| scope.spawn(move || one(connection)))
            .collect();
        let done = running.into_iter();
        done.flat_map(|thread| thread.join().unwrap()).collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100] as f64 / 1e3;
    let told = serde_json::json!({
        "requests": took.len(),
        "seconds": seconds,
        "p50": at(50),
        "p99": at(99),
    });
    println!("{told}");
}

/// A connection kept open.
struct Connection {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            body: Vec::new(),
        }
    }

    /// Sends a request; how many bytes the body of its answer has.
    fn send(&mut self, request: &str) -> usize {
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        let mut length = None;
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            let header = line.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok();
            }
        }
        let length = length.expect("an answer that tells its length");
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).unwrap();
        length
    }
}
