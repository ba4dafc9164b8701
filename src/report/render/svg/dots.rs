//! A row to each point: its label at the left, its value and interval along the axis, and in words
//! at the right.

use super::{
    Along, LINE, MARGIN, SIZE, SMALL, WIDTH,
    canvas::{Anchor, Canvas, Fill, Ink, Place, Writing},
    foot::Notes,
    letters::{count, cut, width, wrap},
    scale::{Scale, values},
    whisker,
};
use crate::report::{
    document::{Chart, Mark, Point, Unit},
    french,
};

/// The most room that labels take.
const LABELS_MAX: f64 = 220.0;
/// The most room that words at the right take.
const WORDS_MAX: f64 = 190.0;
/// The most lines of a label.
const LABEL_LINES_MAX: usize = 3;
/// The most lines at the right.
const WORDS_LINES_MAX: usize = 2;
/// Between labels, axis and words.
const GAP: f64 = 16.0;

/// Where everything stands.
struct Layout {
    scale: Scale,
    low: f64,
    high: f64,
    words: f64,
}

/// A row: its lines at either side.
struct Row<'a> {
    point: &'a Point,
    label: Vec<String>,
    words: Vec<String>,
    height: f64,
}

/// Draws the chart, from `top` on; answers where it ends.
pub(super) fn draw(canvas: &mut Canvas, chart: &Chart, top: f64) -> f64 {
    let rows = rows(chart);
    let widest = |lines: for<'r> fn(&'r Row<'_>) -> &'r Vec<String>| {
        let all = rows.iter().flat_map(|row| lines(row).iter());
        all.map(|line| width(line, SIZE)).fold(0.0, f64::max)
    };
    let labels = widest(|row| &row.label);
    let words = widest(|row| &row.words);
    let layout = Layout {
        scale: Scale::of(chart),
        low: MARGIN + labels + GAP,
        high: WIDTH - MARGIN - words - GAP,
        words: WIDTH - MARGIN - words,
    };
    let height: f64 = rows.iter().map(|row| row.height).sum();
    let begin = top + count(chart.thresholds.len()) * LINE + 4.0;
    let end = begin + height;
    // An axis says nothing where nothing stands on it.
    let stands =
        !chart.thresholds.is_empty() || rows.iter().any(|row| !values(&row.point.mark).is_empty());
    let mut bottom = end + 6.0;
    if stands {
        bottom = axis(canvas, chart, &layout, begin, end);
        thresholds(canvas, chart, &layout, top, end);
    }
    let mut at = begin;
    for row in &rows {
        draw_row(canvas, chart, &layout, row, at);
        at += row.height;
    }
    bottom
}

fn rows(chart: &Chart) -> Vec<Row<'_>> {
    let mut notes = Notes::new();
    let rows = chart.points.iter().map(|point| {
        let label = match notes.number(point) {
            Some(number) => format!("{} ({number})", point.label),
            None => point.label.clone(),
        };
        let label = wrap(&label, LABELS_MAX, SIZE, LABEL_LINES_MAX);
        let words = french::mark(&chart.unit, &point.mark, chart.digits);
        let words = wrap(&words, WORDS_MAX, SIZE, WORDS_LINES_MAX);
        let lines = label.len().max(words.len()).max(1);
        Row {
            point,
            label,
            words,
            height: count(lines) * LINE + 12.0,
        }
    });
    rows.collect()
}

fn axis(canvas: &mut Canvas, chart: &Chart, layout: &Layout, begin: f64, end: f64) -> f64 {
    let Layout {
        scale, low, high, ..
    } = layout;
    canvas.line(Place::at(*low, end), Place::at(*high, end), Ink::Thin);
    let mut written = f64::MIN;
    for (value, words) in &scale.ticks {
        let x = scale.place(*value, *low, *high);
        let ink = if value.is_zero() {
            Ink::Thin
        } else {
            Ink::Grey
        };
        canvas.line(Place::at(x, begin), Place::at(x, end + 4.0), ink);
        let half = width(words, SMALL) / 2.0;
        if x - half > written + 6.0 {
            let place = Place::at(x, end + 17.0);
            canvas.text(place, Anchor::Middle, Writing::plain(SMALL), words.clone());
            written = x + half;
        }
    }
    let Unit::Of(unit) = &chart.unit else {
        return end + 24.0;
    };
    let place = Place::at(f64::midpoint(*low, *high), end + 34.0);
    let unit = cut(unit, high - low, SMALL);
    canvas.text(place, Anchor::Middle, Writing::plain(SMALL), unit);
    end + 41.0
}

/// Thresholds, each with its label on a line of its own above the rows.
fn thresholds(canvas: &mut Canvas, chart: &Chart, layout: &Layout, top: f64, end: f64) {
    let place = |value| layout.scale.place(value, layout.low, layout.high);
    let tops = (0..).map(|line| top + count(line) * LINE);
    for ((at, threshold), top) in chart.thresholds.iter().enumerate().zip(tops.clone()) {
        let x = place(threshold.value);
        canvas.line(Place::at(x, top + LINE), Place::at(x, end), Ink::Dashed(at));
    }
    for (threshold, top) in chart.thresholds.iter().zip(tops) {
        let value = french::threshold(&chart.unit, threshold.value);
        let said = format!("{}\u{a0}: {value}", threshold.label);
        let room = WIDTH - 2.0 * MARGIN;
        // The value is said even where the label is cut.
        let label = if width(&said, SMALL) > room {
            let tail = format!("\u{a0}: {value}");
            cut(&threshold.label, room - width(&tail, SMALL), SMALL) + &tail
        } else {
            said.clone()
        };
        let wide = width(&label, SMALL);
        let x = place(threshold.value) - wide / 2.0;
        let x = x.max(MARGIN).min(WIDTH - MARGIN - wide);
        canvas.group(said);
        canvas.text_before(Place::at(x, top + 12.0), Writing::plain(SMALL), label);
        canvas.end();
    }
}

fn draw_row(canvas: &mut Canvas, chart: &Chart, layout: &Layout, row: &Row<'_>, top: f64) {
    let place = |value| layout.scale.place(value, layout.low, layout.high);
    let middle = top + row.height / 2.0;
    let point = row.point;
    canvas.group(whole(chart, point));
    lines(canvas, &row.label, MARGIN, middle);
    lines(canvas, &row.words, layout.words, middle);
    match &point.mark {
        Mark::Value(value) => canvas.dot(Place::at(place(*value), middle)),
        Mark::Estimate {
            value,
            lower,
            upper,
        } => {
            whisker(canvas, Along::X, middle, place(*lower), place(*upper));
            canvas.dot(Place::at(place(*value), middle));
        }
        Mark::Bounds { lower, upper } => {
            let (from, to) = (place(*lower), place(*upper));
            let corner = Place::at(from, middle - 5.0);
            canvas.rect(corner, (to - from).max(1.0), 10.0, Fill::Hatched);
        }
        Mark::Suppressed | Mark::Missing(_) => {}
    }
    canvas.end();
}

/// Lines around a height.
fn lines(canvas: &mut Canvas, lines: &[String], x: f64, middle: f64) {
    let mut y = middle - count(lines.len()) * LINE / 2.0;
    for line in lines {
        y += LINE;
        let place = Place::at(x, y - 4.5);
        canvas.text(place, Anchor::Start, Writing::plain(SIZE), line.clone());
    }
}

/// All that there is of a point, in words.
pub(super) fn whole(chart: &Chart, point: &Point) -> String {
    let mark = french::mark(&chart.unit, &point.mark, chart.digits);
    match &point.note {
        Some(note) => format!("{}\u{a0}: {mark} ({note})", point.label),
        None => format!("{}\u{a0}: {mark}", point.label),
    }
}
