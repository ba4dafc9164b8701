//! A series over weeks: values upwards, weeks one after another; a longer series on several panels,
//! one under another, so that each week keeps its room.

use rust_decimal::Decimal;

use super::{
    Along, LINE, MARGIN, SMALL, WIDTH,
    canvas::{Anchor, Canvas, Fill, Ink, Place, Writing},
    dots::whole,
    foot::{MISSING, Notes},
    letters::{count, cut, width, wrap},
    scale::Scale,
    whisker,
};
use crate::report::{
    document::{Chart, Mark, Point, Unit},
    french,
};

/// The most weeks of one panel.
const PANEL_WEEKS_MAX: usize = 60;
/// How high a panel is.
const HEIGHT: f64 = 190.0;
/// Room above the highest value, for what is written there.
const HEAD: f64 = 18.0;
/// The widest a week is drawn.
const WEEK_MAX: f64 = 64.0;
/// The widest a bar is drawn.
const BAR_MAX: f64 = 30.0;
/// The most room of the labels of thresholds, at the right.
const THRESHOLDS_MAX: f64 = 130.0;
/// The most lines of such a label.
const THRESHOLD_LINES_MAX: usize = 2;
/// The most room of the label of a week.
const LABEL_MAX: f64 = 90.0;
/// How many weeks there may be from one label to the next.
const LABEL_STEPS: [usize; 8] = [1, 2, 4, 8, 13, 26, 52, 104];
/// Between what is written and what is drawn.
const GAP: f64 = 8.0;

/// Where everything of a panel stands.
struct Panel<'a> {
    chart: &'a Chart,
    scale: &'a Scale,
    left: f64,
    right: f64,
    week: f64,
    top: f64,
    bottom: f64,
}

impl Panel<'_> {
    /// The height of a value.
    fn y(&self, value: Decimal) -> f64 {
        self.scale.place(value, self.bottom, self.top + HEAD)
    }

    /// The middle of a week.
    fn x(&self, week: usize) -> f64 {
        self.left + (count(week) + 0.5) * self.week
    }
}

/// Draws the chart, from `top` on; answers where it ends.
pub(super) fn draw(canvas: &mut Canvas, chart: &Chart, top: f64) -> f64 {
    let scale = Scale::of(chart);
    let ticks = scale.ticks.iter().map(|(_, words)| width(words, SMALL));
    let left = MARGIN + ticks.fold(0.0, f64::max) + GAP;
    let compared = threshold_lines(chart);
    let beside = compared
        .iter()
        .flatten()
        .map(|line| width(line, SMALL) + GAP);
    let right = WIDTH - MARGIN - beside.fold(0.0, f64::max);
    let panels = chart.points.len().div_ceil(PANEL_WEEKS_MAX).max(1);
    let weeks = chart.points.len().div_ceil(panels).max(1);
    let week = ((right - left) / count(weeks)).min(WEEK_MAX);
    let right = left + week * count(weeks);
    let mut at = top;
    if let Unit::Of(unit) = &chart.unit {
        let words = cut(unit, WIDTH - 2.0 * MARGIN, SMALL);
        let place = Place::at(MARGIN, at + 12.0);
        canvas.text(place, Anchor::Start, Writing::plain(SMALL), words);
        at += LINE;
    }
    let mut notes = Notes::new();
    for points in chart.points.chunks(weeks) {
        let panel = Panel {
            chart,
            scale: &scale,
            left,
            right,
            week,
            top: at,
            bottom: at + HEIGHT,
        };
        axis(canvas, &panel);
        thresholds(canvas, &panel, &compared);
        marks(canvas, &panel, points);
        at = below(canvas, &panel, points, &mut notes) + GAP;
    }
    at
}

fn axis(canvas: &mut Canvas, panel: &Panel<'_>) {
    for (value, words) in &panel.scale.ticks {
        let y = panel.y(*value);
        let ink = if value.is_zero() {
            Ink::Thin
        } else {
            Ink::Grey
        };
        canvas.line(
            Place::at(panel.left - 4.0, y),
            Place::at(panel.right, y),
            ink,
        );
        let place = Place::at(panel.left - GAP, y + 4.0);
        canvas.text(place, Anchor::End, Writing::plain(SMALL), words.clone());
    }
    let (top, bottom) = (panel.top + HEAD, panel.bottom);
    canvas.line(
        Place::at(panel.left, top),
        Place::at(panel.left, bottom),
        Ink::Thin,
    );
}

/// The lines of the labels of thresholds.
fn threshold_lines(chart: &Chart) -> Vec<Vec<String>> {
    let lines = chart.thresholds.iter().map(|threshold| {
        let value = french::threshold(&chart.unit, threshold.value);
        let mut lines = wrap(&threshold.label, THRESHOLDS_MAX, SMALL, THRESHOLD_LINES_MAX);
        lines.push(value);
        lines
    });
    lines.collect()
}

/// Thresholds, with their labels at the right, none over another and none below the panel.
fn thresholds(canvas: &mut Canvas, panel: &Panel<'_>, compared: &[Vec<String>]) {
    let line = LINE - 3.0;
    let chart = panel.chart;
    let high = |lines: &Vec<String>| count(lines.len()) * line + 3.0;
    let mut placed: Vec<_> = chart.thresholds.iter().zip(compared).enumerate().collect();
    placed.sort_by_key(|(_, (threshold, _))| std::cmp::Reverse(threshold.value));
    let mut tops = Vec::new();
    let mut free = panel.top;
    for (_, (threshold, lines)) in &placed {
        let top = (panel.y(threshold.value) - high(lines) / 2.0).max(free);
        free = top + high(lines);
        tops.push(top);
    }
    let mut end = panel.bottom + 4.0;
    for (top, (_, (_, lines))) in tops.iter_mut().zip(&placed).rev() {
        *top = top.min(end - high(lines));
        end = *top;
    }
    for ((at, (threshold, lines)), top) in placed.into_iter().zip(tops) {
        let y = panel.y(threshold.value);
        let (from, to) = (Place::at(panel.left, y), Place::at(panel.right, y));
        canvas.line(from, to, Ink::Dashed(at));
        let value = french::threshold(&chart.unit, threshold.value);
        canvas.group(format!("{}\u{a0}: {value}", threshold.label));
        for (nth, words) in lines.iter().enumerate() {
            let y = top + (count(nth) + 1.0) * line - 3.0;
            let place = Place::at(panel.right + GAP, y);
            canvas.text(place, Anchor::Start, Writing::plain(SMALL), words.clone());
        }
        canvas.end();
    }
}

fn marks(canvas: &mut Canvas, panel: &Panel<'_>, points: &[Point]) {
    let chart = panel.chart;
    let said = |value: Decimal| french::value(&chart.unit, value, chart.digits);
    // Values are written where there is room for all of them.
    let fits = chart.points.iter().all(|point| match &point.mark {
        Mark::Value(value) | Mark::Estimate { value, .. } => {
            width(&said(*value), SMALL) + 4.0 <= panel.week
        }
        Mark::Bounds { .. } | Mark::Suppressed | Mark::Missing(_) => true,
    });
    for (week, point) in points.iter().enumerate() {
        let x = panel.x(week);
        canvas.group(whole(chart, point));
        let written = match &point.mark {
            Mark::Value(value) => {
                bar(canvas, panel, x, Fill::Full, (Decimal::ZERO, *value));
                Some((*value, *value))
            }
            Mark::Estimate {
                value,
                lower,
                upper,
            } => {
                whisker(canvas, Along::Y, x, panel.y(*lower), panel.y(*upper));
                canvas.dot(Place::at(x, panel.y(*value)));
                Some((*value, *upper))
            }
            Mark::Bounds { lower, upper } => {
                bar(canvas, panel, x, Fill::Hatched, (*lower, *upper));
                None
            }
            Mark::Suppressed => {
                sign(canvas, panel, x, french::SUPPRESSED);
                None
            }
            Mark::Missing(_) => {
                sign(canvas, panel, x, MISSING);
                None
            }
        };
        if let Some((value, over)) = written.filter(|_| fits) {
            let place = Place::at(x, panel.y(over.max(Decimal::ZERO)) - 5.0);
            canvas.text(place, Anchor::Middle, Writing::plain(SMALL), said(value));
        }
        canvas.end();
    }
}

/// A box from a value to a value.
fn bar(canvas: &mut Canvas, panel: &Panel<'_>, x: f64, fill: Fill, ends: (Decimal, Decimal)) {
    let wide = (panel.week * 0.7).min(BAR_MAX);
    let (one, other) = (panel.y(ends.0), panel.y(ends.1));
    // What is 0 is still seen, on its axis.
    let high = (one - other).abs().max(1.0);
    let corner = Place::at(x - wide / 2.0, one.max(other) - high);
    canvas.rect(corner, wide, high, fill);
}

/// What stands on the axis where no value is shown.
fn sign(canvas: &mut Canvas, panel: &Panel<'_>, x: f64, words: &str) {
    let place = Place::at(x, panel.y(Decimal::ZERO) - 4.0);
    canvas.text(
        place,
        Anchor::Middle,
        Writing::plain(SMALL),
        words.to_owned(),
    );
}

/// Under the panel: the numbers of notes, none over another, and the labels of some weeks.
fn below(canvas: &mut Canvas, panel: &Panel<'_>, points: &[Point], notes: &mut Notes) -> f64 {
    let mut rows: Vec<f64> = Vec::new();
    let mut top = panel.bottom + 4.0;
    for (week, point) in points.iter().enumerate() {
        let Some(number) = notes.number(point) else {
            continue;
        };
        let words = format!("({number})");
        let (x, half) = (panel.x(week), width(&words, SMALL) / 2.0);
        let free = rows.iter().position(|right| x - half > *right);
        let row = free.unwrap_or(rows.len());
        match rows.get_mut(row) {
            Some(right) => *right = x + half,
            None => rows.push(x + half),
        }
        let place = Place::at(x, top + (count(row) + 1.0) * 13.0 - 2.0);
        canvas.text(place, Anchor::Middle, Writing::plain(SMALL), words);
    }
    top += count(rows.len()) * 13.0;
    let labels: Vec<String> = points
        .iter()
        .map(|point| cut(&point.label, LABEL_MAX, SMALL))
        .collect();
    let widest = labels.iter().map(|label| width(label, SMALL));
    let widest = widest.fold(0.0, f64::max) + GAP;
    let step = LABEL_STEPS
        .into_iter()
        .find(|step| count(*step) * panel.week >= widest)
        .unwrap_or(points.len().max(1));
    for (week, label) in labels.into_iter().enumerate().step_by(step) {
        let x = panel.x(week);
        canvas.line(
            Place::at(x, panel.bottom),
            Place::at(x, panel.bottom + 4.0),
            Ink::Thin,
        );
        // A label at either end keeps within the picture.
        let half = width(&label, SMALL) / 2.0;
        let x = x.max(MARGIN + half).min(WIDTH - MARGIN - half);
        let place = Place::at(x, top + 13.0);
        canvas.text(place, Anchor::Middle, Writing::plain(SMALL), label);
    }
    top + 20.0
}
