//! What stands on the pages that are set, and where.

use carnet::report::render::pdf::Typeset;
use typst::layout::{Frame, FrameItem, Point, Transform};

/// A page: its texts, in the order they are set.
pub(crate) struct Page {
    width: f64,
    runs: Vec<Run>,
}

/// A text of one font on one line, and from where to where it goes, in points.
#[derive(Debug)]
pub(crate) struct Run {
    text: String,
    from: f64,
    to: f64,
}

/// The pages of a report.
pub(crate) fn pages(set: &Typeset) -> Vec<Page> {
    let page = |page: &typst_layout::Page| {
        let mut runs = Vec::new();
        walk(&page.frame, Transform::identity(), &mut runs);
        Page {
            width: page.frame.width().to_pt(),
            runs,
        }
    };
    set.pages.pages().iter().map(page).collect()
}

fn walk(frame: &Frame, transform: Transform, runs: &mut Vec<Run>) {
    for (at, item) in frame.items() {
        match item {
            FrameItem::Group(group) => {
                let moved = Transform::translate(at.x, at.y).pre_concat(group.transform);
                walk(&group.frame, transform.pre_concat(moved), runs);
            }
            FrameItem::Text(text) => {
                let from = at.transform(transform);
                let to = Point::new(at.x + text.width(), at.y).transform(transform);
                runs.push(Run {
                    text: text.text.to_string(),
                    from: from.x.to_pt(),
                    to: to.x.to_pt(),
                });
            }
            FrameItem::Shape(..)
            | FrameItem::Image(..)
            | FrameItem::Link(..)
            | FrameItem::Tag(_) => {}
        }
    }
}

impl Page {
    /// Whether it says the text, wherever lines are broken.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.times(text) > 0
    }

    /// How often it says the text.
    pub(crate) fn times(&self, text: &str) -> usize {
        let said: String = self.runs.iter().map(|run| solid(&run.text)).collect();
        said.matches(&solid(text)).count()
    }

    /// Its texts, as they are set.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &str> {
        self.runs.iter().map(|run| run.text.as_str())
    }

    /// What is set beyond so wide a margin.
    pub(crate) fn outside(&self, margin: f64) -> impl Iterator<Item = &Run> {
        let beyond = move |run: &&Run| run.from < margin || run.to > self.width - margin;
        self.runs.iter().filter(beyond)
    }
}

/// A text without what parts its words and lines.
fn solid(text: &str) -> String {
    let parts = |character: char| {
        character.is_whitespace() || matches!(character, '\u{200b}' | '\u{ad}' | '-' | '\u{2010}')
    };
    text.replace(parts, "")
}
