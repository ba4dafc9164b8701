//! A chart as a picture that holds all it needs: no script, no font and no address of its own.
//!
//! Black and one grey on white, shapes and hatching: it says the same without colours. Every point
//! is a group whose title says it whole, also where what is drawn of it is cut short.

mod canvas;
mod dots;
mod foot;
mod letters;
mod scale;
mod weeks;

use super::super::document::{Chart, ChartKind};
use canvas::{Anchor, Canvas, Fill, Ink, Place, Writing};
use letters::{LINE, SIZE, SMALL};

/// How wide a picture is.
const WIDTH: f64 = 720.0;
/// What is left free around it.
const MARGIN: f64 = 12.0;
/// What can be drawn on.
const ROOM: f64 = WIDTH - 2.0 * MARGIN;
/// The size of titles.
const TITLE: f64 = 15.0;
/// The most lines of a title, and of a note.
const LINES_MAX: usize = 6;

/// What is around a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Nothing: it bears its title and its note itself.
    Alone,
    /// A page, which says the title and the note beside it.
    Within,
}

/// A chart as SVG, with the notice that what it shows is made up, where it is.
#[must_use]
pub fn svg(chart: &Chart, framing: Framing, notice: Option<&str>) -> String {
    let mut canvas = Canvas::new();
    let mut top = MARGIN;
    if let Some(notice) = notice {
        top = self::notice(&mut canvas, notice, top);
    }
    if framing == Framing::Alone {
        for line in letters::wrap(&chart.title, ROOM, TITLE, LINES_MAX) {
            top += TITLE + 5.0;
            canvas.text(
                Place::at(MARGIN, top - 4.0),
                Anchor::Start,
                Writing::bold(TITLE),
                line,
            );
        }
        top += 10.0;
    }
    top = if chart.points.is_empty() {
        nothing(&mut canvas, top)
    } else {
        match chart.kind {
            ChartKind::Dots => dots::draw(&mut canvas, chart, top),
            ChartKind::Weeks => weeks::draw(&mut canvas, chart, top),
        }
    };
    top = foot::draw(&mut canvas, chart, framing, top);
    canvas.finish(chart, notice, WIDTH, top + MARGIN)
}

/// The notice, framed.
fn notice(canvas: &mut Canvas, notice: &str, top: f64) -> f64 {
    let lines = letters::wrap(notice, ROOM - 20.0, SIZE, LINES_MAX);
    let height = letters::count(lines.len()) * LINE + 10.0;
    canvas.rect(Place::at(MARGIN, top), ROOM, height, Fill::Frame);
    let mut line_at = top + 5.0;
    for line in lines {
        line_at += LINE;
        let place = Place::at(WIDTH / 2.0, line_at - 4.0);
        canvas.text(place, Anchor::Middle, Writing::bold(SIZE), line);
    }
    top + height + 8.0
}

/// What is drawn where there is no point.
fn nothing(canvas: &mut Canvas, top: f64) -> f64 {
    canvas.rect(Place::at(MARGIN, top), ROOM, 60.0, Fill::Empty);
    let place = Place::at(WIDTH / 2.0, top + 34.0);
    let words = "aucune valeur".to_owned();
    canvas.text(place, Anchor::Middle, Writing::plain(SIZE), words);
    top + 68.0
}

/// The interval of a value across or along an axis: a line with an end at each side.
fn whisker(canvas: &mut Canvas, along: Along, at: f64, from: f64, to: f64) {
    let cap = 4.0;
    canvas.line(along.place(from, at), along.place(to, at), Ink::Thick);
    for end in [from, to] {
        let (before, after) = (along.place(end, at - cap), along.place(end, at + cap));
        canvas.line(before, after, Ink::Thick);
    }
}

/// Which way values run.
#[derive(Debug, Clone, Copy)]
enum Along {
    X,
    Y,
}

impl Along {
    /// The place of a value, so far off in the other direction.
    const fn place(self, value: f64, off: f64) -> Place {
        match self {
            Self::X => Place::at(value, off),
            Self::Y => Place::at(off, value),
        }
    }
}
