//! What is drawn, until it is known how high the picture is; then its marks.

use super::{super::xml::Xml, letters};
use crate::report::document::Chart;

/// The one grey; 4.5 to 1 on white.
const GREY: &str = "#767676";

/// A place in the picture, from its upper left corner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Place {
    /// The place there.
    pub(super) const fn at(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// Behind everything.
    Grey,
    /// An axis.
    Thin,
    /// A value.
    Thick,
    /// The threshold at that place among those of the chart.
    Dashed(usize),
}

/// How a box is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fill {
    /// A frame.
    Frame,
    /// A frame in grey, around nothing.
    Empty,
    /// Grey, in a frame.
    Full,
    /// Hatched, in a frame.
    Hatched,
    /// White, without a frame: what is behind words.
    Blank,
}

/// From where words run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How words are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing {
    size: f64,
    bold: bool,
}

impl Writing {
    /// In plain letters of that size.
    pub(super) const fn plain(size: f64) -> Self {
        Self { size, bold: false }
    }

    /// In bold ones.
    pub(super) const fn bold(size: f64) -> Self {
        Self { size, bold: true }
    }
}

enum Shape {
    Line(Place, Place, Ink),
    Rect(Place, f64, f64, Fill),
    Dot(Place),
    Text(Place, Anchor, Writing, String),
    Group(String),
    End,
}

/// What is drawn so far.
pub(super) struct Canvas {
    shapes: Vec<Shape>,
}

impl Canvas {
    /// An empty one.
    pub(super) const fn new() -> Self {
        Self { shapes: Vec::new() }
    }

    /// A line.
    pub(super) fn line(&mut self, from: Place, to: Place, ink: Ink) {
        self.shapes.push(Shape::Line(from, to, ink));
    }

    /// A box, from its upper left corner.
    pub(super) fn rect(&mut self, place: Place, width: f64, height: f64, fill: Fill) {
        self.shapes.push(Shape::Rect(place, width, height, fill));
    }

    /// A value.
    pub(super) fn dot(&mut self, place: Place) {
        self.shapes.push(Shape::Dot(place));
    }

    /// Words, on a base line.
    pub(super) fn text(&mut self, place: Place, anchor: Anchor, writing: Writing, words: String) {
        self.shapes.push(Shape::Text(place, anchor, writing, words));
    }

    /// Words before which nothing else is seen.
    pub(super) fn text_before(&mut self, place: Place, writing: Writing, words: String) {
        let width = letters::width(&words, writing.size) + 4.0;
        let corner = Place::at(place.x - 2.0, place.y - writing.size);
        self.rect(corner, width, writing.size + 4.0, Fill::Blank);
        self.text(place, Anchor::Start, writing, words);
    }

    /// Begins what is one thing; the title says it whole.
    pub(super) fn group(&mut self, title: String) {
        self.shapes.push(Shape::Group(title));
    }

    /// Ends what is one thing.
    pub(super) fn end(&mut self) {
        self.shapes.push(Shape::End);
    }

    /// The picture, so wide and so high.
    pub(super) fn finish(
        self,
        chart: &Chart,
        notice: Option<&str>,
        width: f64,
        height: f64,
    ) -> String {
        let code = &chart.code;
        let (title, desc, hatch) = (
            format!("{code}-title"),
            format!("{code}-desc"),
            format!("{code}-hatch"),
        );
        let (w, h) = (short(width), short(height));
        let mut xml = Xml::new();
        xml.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("width", &w),
                ("height", &h),
                ("viewBox", &format!("0 0 {w} {h}")),
                ("role", "img"),
                ("aria-labelledby", &format!("{title} {desc}")),
                ("lang", "fr"),
                ("font-family", "sans-serif"),
                ("fill", "#000000"),
            ],
        );
        xml.leaf("title", &[("id", &title)], &chart.title);
        let said = match notice {
            Some(notice) => format!("{notice} {}", chart.alt),
            None => chart.alt.clone(),
        };
        xml.leaf("desc", &[("id", &desc)], &said);
        hatching(&mut xml, &hatch);
        xml.empty(
            "rect",
            &[("width", &w), ("height", &h), ("fill", "#ffffff")],
        );
        let hatch = format!("url(#{hatch})");
        for shape in self.shapes {
            draw(&mut xml, shape, &hatch);
        }
        xml.finish()
    }
}

fn hatching(xml: &mut Xml, id: &str) {
    xml.open("defs", &[]);
    xml.open(
        "pattern",
        &[
            ("id", id),
            ("width", "5"),
            ("height", "5"),
            ("patternUnits", "userSpaceOnUse"),
        ],
    );
    let line = "M-1 1 l2 -2 M0 5 l5 -5 M4 6 l2 -2";
    xml.empty(
        "path",
        &[("d", line), ("stroke", "#000000"), ("stroke-width", "1")],
    );
    xml.close();
    xml.close();
}

fn draw(xml: &mut Xml, shape: Shape, hatch: &str) {
    match shape {
        Shape::Line(from, to, ink) => {
            let (colour, wide, dashes) = stroke(ink);
            let (x1, y1, x2, y2) = (short(from.x), short(from.y), short(to.x), short(to.y));
            let mut attributes = vec![
                ("x1", x1.as_str()),
                ("y1", &y1),
                ("x2", &x2),
                ("y2", &y2),
                ("stroke", colour),
                ("stroke-width", wide),
            ];
            attributes.extend(dashes.map(|dashes| ("stroke-dasharray", dashes)));
            xml.empty("line", &attributes);
        }
        Shape::Rect(place, width, height, fill) => {
            let (fill, stroke) = match fill {
                Fill::Frame => ("none", "#000000"),
                Fill::Empty => ("none", GREY),
                Fill::Full => (GREY, "#000000"),
                Fill::Hatched => (hatch, "#000000"),
                Fill::Blank => ("#ffffff", "none"),
            };
            xml.empty(
                "rect",
                &[
                    ("x", &short(place.x)),
                    ("y", &short(place.y)),
                    ("width", &short(width)),
                    ("height", &short(height)),
                    ("fill", fill),
                    ("stroke", stroke),
                ],
            );
        }
        Shape::Dot(place) => xml.empty(
            "circle",
            &[("cx", &short(place.x)), ("cy", &short(place.y)), ("r", "4")],
        ),
        Shape::Text(place, anchor, writing, words) => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let (x, y, size) = (short(place.x), short(place.y), short(writing.size));
            let mut attributes = vec![
                ("x", x.as_str()),
                ("y", &y),
                ("font-size", &size),
                ("text-anchor", anchor),
            ];
            if writing.bold {
                attributes.push(("font-weight", "bold"));
            }
            xml.leaf("text", &attributes, &words);
        }
        Shape::Group(title) => {
            xml.open("g", &[]);
            xml.leaf("title", &[], &title);
        }
        Shape::End => xml.close(),
    }
}

/// The colour, the width and the dashes of a line.
const fn stroke(ink: Ink) -> (&'static str, &'static str, Option<&'static str>) {
    match ink {
        Ink::Grey => (GREY, "0.5", None),
        Ink::Thin => ("#000000", "1", None),
        Ink::Thick => ("#000000", "2", None),
        Ink::Dashed(0) => ("#000000", "1.5", Some("7 4")),
        Ink::Dashed(1) => ("#000000", "1.5", Some("2 3")),
        Ink::Dashed(2) => ("#000000", "1.5", Some("10 3 2 3")),
        Ink::Dashed(_) => ("#000000", "1.5", Some("12 6")),
    }
}

/// A measure to the tenth.
fn short(measure: f64) -> String {
    let text = format!("{measure:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}
