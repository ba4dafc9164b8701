//! What is under a chart: what its marks mean, and its notes.

use std::collections::BTreeSet;

use super::{
    Along, Framing, LINE, LINES_MAX, MARGIN, ROOM, SMALL, WIDTH,
    canvas::{Anchor, Canvas, Fill, Place, Writing},
    letters::{width, wrap},
    whisker,
};
use crate::report::{
    document::{Chart, ChartKind, Mark, Point},
    french,
};

/// What stands on the axis of weeks where there is nothing to show.
pub(super) const MISSING: &str = "\u{2013}";
/// The room of a mark before the words that say what it means.
const SIGN: f64 = 30.0;
/// From one line of notes to the next.
const NOTE_LINE: f64 = LINE - 2.0;

/// Counts the points that have a note.
pub(super) struct Notes(u32);

impl Notes {
    /// None so far.
    pub(super) const fn new() -> Self {
        Self(0)
    }

    /// The number of a point's note, if it has one.
    pub(super) fn number(&mut self, point: &Point) -> Option<u32> {
        point.note.as_ref()?;
        self.0 = self.0.saturating_add(1);
        Some(self.0)
    }
}

enum Sign {
    Bar,
    Whisker,
    Hatched,
}

/// Draws it, from `top` on; answers where it ends.
pub(super) fn draw(canvas: &mut Canvas, chart: &Chart, framing: Framing, top: f64) -> f64 {
    let mut at = signs(canvas, chart, top);
    let mut notes = Notes::new();
    let numbered = chart.points.iter().filter_map(|point| {
        let number = notes.number(point)?;
        let note = point.note.as_ref()?;
        Some(format!("({number}) {}\u{a0}: {note}", point.label))
    });
    let own = chart.note.iter().filter(|_| framing == Framing::Alone);
    for note in numbered.chain(own.cloned()) {
        for line in wrap(&note, ROOM, SMALL, LINES_MAX) {
            at += NOTE_LINE;
            let place = Place::at(MARGIN, at - 4.0);
            canvas.text(place, Anchor::Start, Writing::plain(SMALL), line);
        }
    }
    at
}

/// What the marks mean, one after another, on as many lines as it takes.
fn signs(canvas: &mut Canvas, chart: &Chart, top: f64) -> f64 {
    let meant = meant(chart);
    if meant.is_empty() {
        return top;
    }
    let mut x = MARGIN;
    let mut y = top + LINE;
    for (sign, words) in meant {
        let before = if sign.is_some() { SIGN } else { 0.0 };
        let lines = wrap(&words, ROOM - before, SMALL, LINES_MAX);
        let wide = lines
            .iter()
            .map(|line| width(line, SMALL))
            .fold(0.0, f64::max);
        if x > MARGIN && x + before + wide > WIDTH - MARGIN {
            x = MARGIN;
            y += LINE;
        }
        if let Some(sign) = sign {
            draw_sign(canvas, &sign, x, y - 4.0);
        }
        let mut rest = lines.into_iter();
        let writing = Writing::plain(SMALL);
        if let Some(line) = rest.next() {
            canvas.text(Place::at(x + before, y), Anchor::Start, writing, line);
        }
        for line in rest {
            y += NOTE_LINE;
            canvas.text(Place::at(x + before, y), Anchor::Start, writing, line);
        }
        x += before + wide + 24.0;
    }
    y + 8.0
}

fn draw_sign(canvas: &mut Canvas, sign: &Sign, x: f64, y: f64) {
    match sign {
        Sign::Whisker => {
            whisker(canvas, Along::X, y, x + 2.0, x + SIGN - 8.0);
            canvas.dot(Place::at(x + SIGN / 2.0 - 3.0, y));
        }
        Sign::Bar => canvas.rect(Place::at(x + 9.0, y - 6.0), 8.0, 12.0, Fill::Full),
        Sign::Hatched => {
            let corner = Place::at(x + 2.0, y - 5.0);
            canvas.rect(corner, SIGN - 10.0, 10.0, Fill::Hatched);
        }
    }
}

/// The marks that there are, and what they mean.
fn meant(chart: &Chart) -> Vec<(Option<Sign>, String)> {
    let (mut value, mut estimate, mut bounds, mut suppressed) = (false, false, false, false);
    let mut reasons = BTreeSet::new();
    for point in &chart.points {
        match &point.mark {
            Mark::Value(_) => value = true,
            Mark::Estimate { .. } => estimate = true,
            Mark::Bounds { .. } => bounds = true,
            Mark::Suppressed => suppressed = true,
            Mark::Missing(why) => {
                reasons.insert(why.as_str());
            }
        }
    }
    let mut meant = Vec::new();
    if estimate {
        let words = "valeur et son intervalle".to_owned();
        meant.push((Some(Sign::Whisker), words));
    }
    if value && (estimate || bounds) && chart.kind == ChartKind::Weeks {
        meant.push((Some(Sign::Bar), "valeur sans intervalle".to_owned()));
    }
    if bounds {
        meant.push((Some(Sign::Hatched), "bornes".to_owned()));
    }
    if suppressed {
        meant.push((None, french::SUPPRESSED_MEANS.to_owned()));
    }
    // A row says itself why it is empty; on the axis of weeks there is no room for that.
    if chart.kind == ChartKind::Weeks && !reasons.is_empty() {
        let reasons: Vec<&str> = reasons.into_iter().collect();
        meant.push((
            None,
            format!("{MISSING}\u{a0}: {}", reasons.join("\u{a0}; ")),
        ));
    }
    meant
}
