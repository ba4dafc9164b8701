//! What a suite found: said, not panicked, since a seeded bug must be found.

/// A promise that was broken, in words.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

pub(crate) type Checked<T = ()> = Result<T, Failure>;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Failure {
    /// The same, where it was found.
    pub(crate) fn at(self, place: impl std::fmt::Display) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

/// A failure, in words.
pub(crate) fn fail<T>(why: impl Into<String>) -> Checked<T> {
    Err(Failure(why.into()))
}

/// Holds, or fails in those words.
pub(crate) fn hold(holds: bool, why: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Failure(why())) }
}
