//! What `benches/web/run.mjs` measures carnet beside others with: the data, the server that the
//! others are measured against, and the client that all of them are asked by.
//!
//! - `--fill DIR`: a log of 1 000 synthetic experiments of 10 permanences each;
//! - `--serve-raw DIR`: axum answering the bytes of `DIR/NAME.json` on `/NAME`, and nothing else;
//! - `--serve-cold DIR`: the whole program, which lets go before each request of what it keeps of its
//!   read models in memory;
//! - `--load ...`: sends requests, and tells how long their answers took;
//! - `--steps DIR TOKEN FILE`: what the steps of one request take, each by itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on must stop; it prints what it finds"
)]

mod fill;
mod load;
mod serve;
mod steps;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--fill", directory] => fill::run(directory.as_ref()),
        ["--serve-raw", directory] => serve::raw(directory.as_ref()),
        ["--serve-cold", directory] => serve::cold(directory.as_ref()),
        ["--load", rest @ ..] => load::run(rest),
        ["--steps", directory, token, file] => steps::run(directory.as_ref(), token, file.as_ref()),
        // `cargo bench` runs every target, this one for nothing.
        _ => println!("run by benches/web/run"),
    }
}
