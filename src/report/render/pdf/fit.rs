//! How a table fits a page: the size of its type, whether its page is turned, how wide each column
//! is, and over how many tables it is parted if it fits no page at all.

/// How far apart the sides of a column and its text are, both together, in points.
const INSETS: f64 = 12.0;
/// So much is added to what was measured, against kerning and rounding, in em.
const SLACK: f64 = 0.15;
/// The most a column of figures is wide, in em; what is longer goes on on the next line.
const FIGURES_MAX: f64 = 11.0;
/// How wide a heading of two lines may make a column of figures, in em.
const HEADING: f64 = 6.0;
/// The most a column of texts is wide for its own sake, in em.
const TEXT_MAX: f64 = 34.0;
/// How wide a column of long texts is at least where there is room, in em.
const TEXT_COMFORTABLE: f64 = 13.0;
/// How wide it is at least, in em.
const TEXT_LEAST: f64 = 6.0;

/// What a column needs to be read, in em of its type, without its insets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// Whether it holds texts, which are broken into lines.
    pub(super) text: bool,
    /// The longest word of it.
    pub(super) word: f64,
    /// The longest cell of it.
    pub(super) cell: f64,
    /// Its heading on one line.
    pub(super) heading: f64,
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Width {
    /// So many em.
    Em(f64),
    /// Its share in what the others leave.
    Share(f64),
}

/// How a table fits a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// The size of its type, in points.
    pub(super) size: f64,
    /// Whether its page is turned.
    pub(super) turned: bool,
    /// Its parts: which columns stand in each, by their index.
    pub(super) parts: Vec<Vec<usize>>,
    /// How wide each column is.
    pub(super) widths: Vec<Width>,
}

/// A way to set a table, with the length of a line in points.
struct Way {
    size: f64,
    turned: bool,
    line: f64,
}

/// An A4 page less its margins, upright and turned.
const UPRIGHT: f64 = 481.8;
const TURNED: f64 = 728.5;

/// The ways to set a table, the best first; the last is the one of parted tables too.
const WAYS: [Way; 4] = [
    Way {
        size: 9.5,
        turned: false,
        line: UPRIGHT,
    },
    Way {
        size: 8.5,
        turned: false,
        line: UPRIGHT,
    },
    Way {
        size: 9.0,
        turned: true,
        line: TURNED,
    },
    Way {
        size: 8.0,
        turned: true,
        line: TURNED,
    },
];

/// The way to set a table of few rows that would otherwise have a turned page to itself.
const TIGHT: Way = Way {
    size: 8.0,
    turned: false,
    line: UPRIGHT,
};

/// How columns that need so much fit a page; those of a `short` table rather stand close together
/// than on a page of their own.
pub(super) fn fit(needs: &[Need], short: bool) -> Fit {
    let comfortable: Vec<f64> = needs.iter().map(Need::comfortable).collect();
    let least: Vec<f64> = needs.iter().map(Need::least).collect();
    let whole = vec![(0..needs.len()).collect()];
    let [best, .., tightest] = &WAYS;
    let mut chosen = (best, whole);
    let easy = WAYS.iter().find(|way| way.holds(&comfortable));
    if short && easy.is_none_or(|way| way.turned) && TIGHT.holds(&least) {
        chosen.0 = &TIGHT;
    } else if let Some(way) = easy {
        chosen.0 = way;
    } else if tightest.holds(&least) {
        chosen.0 = tightest;
    } else {
        chosen = (tightest, parts(&least, tightest));
    }
    let (way, parts) = chosen;
    Fit {
        size: way.size,
        turned: way.turned,
        widths: widths(needs, &parts, way),
        parts,
    }
}

impl Way {
    fn holds(&self, widths: &[f64]) -> bool {
        widths.iter().map(|width| self.taken(*width)).sum::<f64>() <= self.line
    }

    /// What a column takes of the line, in points.
    fn taken(&self, width: f64) -> f64 {
        width * self.size + INSETS
    }
}

impl Need {
    /// A column of figures is as wide as they are; its heading takes two lines, or three.
    fn figures(&self) -> f64 {
        let line = (self.heading / 2.0 + 0.5)
            .min(HEADING)
            .max(self.heading / 3.0 + 1.0);
        let heading = self.word.max(line).min(self.heading);
        self.cell.max(heading).min(FIGURES_MAX) + SLACK
    }

    fn wished(&self) -> f64 {
        if !self.text {
            return self.figures();
        }
        self.cell.max(self.heading).min(TEXT_MAX) + SLACK
    }

    fn comfortable(&self) -> f64 {
        self.least().max(self.wished().min(TEXT_COMFORTABLE))
    }

    fn least(&self) -> f64 {
        if !self.text {
            return self.figures();
        }
        self.wished()
            .min(TEXT_LEAST.max(self.word + SLACK))
            .min(TEXT_COMFORTABLE)
    }
}

/// How wide each column is: one of figures as wide as they are, one of texts as wide as it must be,
/// with its share of the room that is left, by how much more it wished.
fn widths(needs: &[Need], parts: &[Vec<usize>], way: &Way) -> Vec<Width> {
    let mut widths: Vec<Width> = needs
        .iter()
        .map(|need| Width::Em(need.figures() + INSETS / way.size))
        .collect();
    for part in parts {
        let columns = || {
            part.iter()
                .filter_map(|column| Some((*column, needs.get(*column)?)))
        };
        let taken: f64 = columns().map(|(_, need)| way.taken(need.least())).sum();
        let more = |need: &Need| {
            if need.text {
                need.wished() - need.least()
            } else {
                0.0
            }
        };
        let wished: f64 = columns().map(|(_, need)| more(need)).sum();
        let left = ((way.line - taken) / way.size).max(0.0);
        for (column, need) in columns().filter(|(_, need)| need.text) {
            let share = if wished > 0.0 {
                left * more(need) / wished
            } else {
                left
            };
            if let Some(width) = widths.get_mut(column) {
                *width = Width::Share(need.least() + INSETS / way.size + share);
            }
        }
    }
    widths
}

/// The columns in parts that each hold the first one and as many others as fit.
fn parts(least: &[f64], way: &Way) -> Vec<Vec<usize>> {
    let taken = |column: usize| way.taken(least.get(column).copied().unwrap_or_default());
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut left = 0.0;
    for column in 1..least.len() {
        let width = taken(column);
        match parts.last_mut() {
            Some(part) if width <= left => part.push(column),
            _ => {
                left = way.line - taken(0);
                parts.push(vec![0, column]);
            }
        }
        left -= width;
    }
    parts
}
