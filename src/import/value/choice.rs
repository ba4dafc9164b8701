//! Cells that hold one of a few words.

use crate::import::{
    reason::Reason,
    table::Cell,
    words::{folded, nearest},
};

/// The words of a column, each with what it means; the first is the one that is shown, the others
/// are taken for it.
pub(in crate::import) struct Choices<T: 'static>(
    pub(in crate::import) &'static [(T, &'static [&'static str])],
);

impl<T: Copy> Choices<T> {
    /// What a cell says.
    ///
    /// # Errors
    /// [`Reason::NotAChoice`].
    pub(in crate::import) fn read(&self, cell: &Cell) -> Result<T, Reason> {
        let given = match cell {
            Cell::Bool(true) => "oui".to_owned(),
            Cell::Bool(false) => "non".to_owned(),
            cell @ (Cell::Text(_)
            | Cell::Number(_)
            | Cell::Date(..)
            | Cell::Duration(_)
            | Cell::Uncomputed
            | Cell::Error(_)) => cell.shown(),
        };
        self.of(&given).ok_or_else(|| Reason::NotAChoice {
            nearest: nearest(&given, self.known()),
            choices: self.words().join(", "),
        })
    }

    /// What a word says.
    pub(in crate::import) fn of(&self, given: &str) -> Option<T> {
        let words = folded(given);
        // Of a question mark nothing is left but itself.
        let same = |word: &&str| match words.as_str() {
            "" => *word == given.trim(),
            words => folded(word) == words,
        };
        self.0
            .iter()
            .find(|(_, words)| words.iter().any(&same))
            .map(|(meant, _)| *meant)
    }

    fn known(&self) -> impl Iterator<Item = (String, &'static str)> {
        self.0.iter().flat_map(|(_, words)| {
            let shown = words.first().copied().unwrap_or_default();
            words.iter().map(move |word| (folded(word), shown))
        })
    }

    /// The words that are shown.
    pub(in crate::import) fn words(&self) -> Vec<&'static str> {
        self.0
            .iter()
            .filter_map(|(_, words)| words.first().copied())
            .collect()
    }
}
