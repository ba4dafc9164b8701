//! HTTP as far as a client that may be cut off at any byte needs it.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};

use crate::server::{Door, PATIENCE};

/// A kept connection to the program.
pub(crate) struct Connection {
    token: String,
    writer: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(door: &Door) -> io::Result<Self> {
        let writer = TcpStream::connect(door.address)?;
        writer.set_read_timeout(Some(PATIENCE))?;
        writer.set_nodelay(true)?;
        let reader = BufReader::new(writer.try_clone()?);
        let token = door.token.clone();
        Ok(Self {
            token,
            writer,
            reader,
        })
    }

    /// The whole answer to an operation; an error where the program is gone.
    pub(crate) fn ask(&mut self, document: &str, variables: &Value) -> io::Result<Value> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\
             Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        self.writer.write_all(request.as_bytes())?;
        let (_, answer) = self.answer()?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// The status line and the body of the next answer.
    fn answer(&mut self) -> io::Result<(String, Vec<u8>)> {
        let mut status = String::new();
        self.reader.read_line(&mut status)?;
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
        }
        let mut answer = vec![0; length.ok_or(io::ErrorKind::InvalidData)?];
        self.reader.read_exact(&mut answer)?;
        Ok((status, answer))
    }
}
