//! What a report costs as a PDF: one of some 40 pages, with tables and charts in every chapter.
//!
//! **Set**: from the document to pages set in type, charts drawn. **Write**: from pages to the bytes
//! of a tagged PDF that is checked against PDF/UA-1 and PDF/A-2a. Every round is of another document,
//! so that nothing of the round before is of use but what the program keeps of its fonts; the figure
//! to read is the median of both together.
//!
//! `cargo bench --features pdf --bench pdf`; with `-- --quick`, fewer rounds.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on must stop; it reads a stopwatch and prints a table"
)]

mod shared;

#[path = "../tests/pdf/sample.rs"]
mod sample;

use std::time::Instant;

use carnet::report::render::pdf::{pdf, typeset};
use shared::median;

/// Tables and charts to a chapter: so many make some 40 pages.
const SCALE: usize = 3;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let rounds = if quick { 3 } else { 15 };
    let mut document = sample::report(SCALE);
    println!("round   pages     bytes   set, ms  write, ms  together, ms");
    let mut together = Vec::new();
    // The first round reads the fonts, and does not count.
    for round in 0..=rounds {
        document.code = format!("evaluation-{round}");
        document.subtitle = format!("Exemplaire {round}");
        let begun = Instant::now();
        let set = typeset(&document).unwrap();
        let set_ms = begun.elapsed().as_secs_f64() * 1e3;
        let begun = Instant::now();
        let bytes = set.pdf().unwrap().len();
        let write_ms = begun.elapsed().as_secs_f64() * 1e3;
        println!(
            "{round:>5} {:>7} {bytes:>9} {set_ms:>9.0} {write_ms:>10.0} {:>13.0}",
            set.pages.pages().len(),
            set_ms + write_ms
        );
        if round > 0 {
            together.push(set_ms + write_ms);
        }
        // As the program does it, which lets go of what Typst remembers.
        document.code = format!("evaluation-{round}-encore");
        drop(pdf(&document).unwrap());
    }
    println!(
        "\nmedian {:.0} ms (aim: less than 2 000)",
        median(&mut together)
    );
}
