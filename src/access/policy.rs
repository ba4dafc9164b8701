//! Who may do what: what each role may ([`ROLES`]), over which experiments ([`Caller::over`]), and
//! what each field of the API asks for ([`FIELDS`](super::table::FIELDS)).
//!
//! It is read as a table: a [`Capability`] to a line, a role to a column. What no line allows is
//! refused. Grants add up, each within its own reach.

use std::collections::BTreeSet;

use super::{Caller, Grant, Reach, Role};
use crate::domain::terms::{ExperimentId, Label};

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// See what is published: reports for the public, labelled sites, operators, definitions, proofs.
    Open,
    /// See experiments, where and when their permanences are held, their figures and decisions.
    Read,
    /// See funding agreements and costs.
    Money,
    /// See what was recorded entry by entry: sessions, advisers, imports, history, differences.
    Journal,
    /// Have what is sealed of persons opened.
    Personal,
    /// Record what is done: launches, venues, permanences, sessions, advisers, costs, imports.
    Record,
    /// Record what decisions are weighed by: criteria, statements, asserted counts, baselines.
    Evidence,
    /// Record decisions: extensions and their refusals, the end, what is made permanent.
    Decide,
    /// Record funding agreements and payments.
    Fund,
    /// Retract an entry that one might have recorded.
    Retract,
    /// Publish reports: over the whole programme only, since a report once published is open.
    Publish,
    /// Record operators and labelled sites, erase persons, see metrics.
    Administer,
}

use Capability::{
    Administer, Decide, Evidence, Fund, Journal, Money, Open, Personal, Publish, Read, Record,
    Retract,
};

impl Capability {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 12] = [
        Open, Read, Money, Journal, Personal, Record, Evidence, Decide, Fund, Retract, Publish,
        Administer,
    ];

    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Open => "Open",
            Read => "Read",
            Money => "Money",
            Journal => "Journal",
            Personal => "Personal",
            Record => "Record",
            Evidence => "Evidence",
            Decide => "Decide",
            Fund => "Fund",
            Retract => "Retract",
            Publish => "Publish",
            Administer => "Administer",
        }
    }

    /// Its bit in a [`Capabilities`].
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Some capabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(u16);

impl Capabilities {
    /// All of them.
    pub const ALL: Self = Self(u16::MAX);

    /// What everybody has.
    pub const OPEN: Self = Self(Open.bit());

    /// Whether one is among them.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// These and one more.
    #[must_use]
    pub const fn and(self, capability: Capability) -> Self {
        Self(self.0 | capability.bit())
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(some: I) -> Self {
        some.into_iter().fold(Self::default(), Self::and)
    }
}

const YES: bool = true;
const NO_: bool = false;

/// The roles that a line of [`ROLES`] tells of, in its order; before them stands the stranger, who
/// has no role, and may do what is open.
pub const COLUMNS: [Role; 4] = [
    Role::Evaluator,
    Role::Carrier,
    Role::Funder,
    Role::Administrator,
];

/// Which role may what.
#[rustfmt::skip]
pub const ROLES: [(Capability, [bool; 4]); 12] = [
    //            evaluator  carrier  funder  administrator
    (Open,       [YES,       YES,     YES,    YES]),
    (Read,       [YES,       YES,     YES,    YES]),
    (Money,      [YES,       YES,     YES,    YES]),
    (Journal,    [YES,       YES,     NO_,    YES]),
    (Personal,   [NO_,       YES,     NO_,    YES]),
    (Record,     [NO_,       YES,     NO_,    YES]),
    (Evidence,   [YES,       NO_,     NO_,    YES]),
    (Decide,     [NO_,       NO_,     YES,    YES]),
    (Fund,       [NO_,       NO_,     YES,    YES]),
    (Retract,    [YES,       YES,     YES,    YES]),
    (Publish,    [YES,       NO_,     NO_,    YES]),
    (Administer, [NO_,       NO_,     NO_,    YES]),
];

/// What is asked of the whole programme, so that a reach of less does not do.
pub const PROGRAMME_ONLY: [Capability; 2] = [Publish, Administer];

impl Role {
    /// Whether it may, over whatever it reaches.
    #[must_use]
    pub fn may(self, capability: Capability) -> bool {
        let column = COLUMNS.iter().position(|role| *role == self);
        let mut lines = ROLES.iter();
        let line = lines.find(|(line, _)| *line == capability);
        line.zip(column)
            .and_then(|((_, allowed), column)| allowed.get(column))
            .is_some_and(|allowed| *allowed)
    }

    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evaluator => "evaluator",
            Self::Carrier => "carrier",
            Self::Funder => "funder",
            Self::Administrator => "administrator",
        }
    }
}

impl Grant {
    /// Whether it allows anything of the kind at all.
    #[must_use]
    pub fn allows(&self, capability: Capability) -> bool {
        self.role.may(capability)
            && (self.over == Reach::Programme || !PROGRAMME_ONLY.contains(&capability))
    }
}

/// Over which experiments something may be done: what several reaches come to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Over {
    /// All of them, and what belongs to none.
    Everything,
    /// Those that one of these organisations carries, and these.
    Some {
        /// By the name that launches tell.
        organisations: BTreeSet<Label>,
        /// By identity.
        experiments: BTreeSet<ExperimentId>,
    },
}

impl Over {
    /// Over none.
    pub const NOTHING: Self = Self::Some {
        organisations: BTreeSet::new(),
        experiments: BTreeSet::new(),
    };

    fn and(self, reach: &Reach) -> Self {
        let Self::Some {
            mut organisations,
            mut experiments,
        } = self
        else {
            return self;
        };
        match reach {
            Reach::Programme => return Self::Everything,
            Reach::Organisation(name) => {
                organisations.insert(name.clone());
            }
            Reach::Experiment(id) => {
                experiments.insert(*id);
            }
        }
        Self::Some {
            organisations,
            experiments,
        }
    }
}

impl Caller {
    /// Whether nothing was granted to it.
    #[must_use]
    pub const fn is_stranger(&self) -> bool {
        self.grants.is_empty()
    }

    /// All that it may do somewhere.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        let mut may = Capabilities::OPEN;
        for capability in Capability::ALL {
            if self.grants.iter().any(|grant| grant.allows(capability)) {
                may = may.and(capability);
            }
        }
        may
    }

    /// Over which experiments it may.
    #[must_use]
    pub fn over(&self, capability: Capability) -> Over {
        if capability == Open {
            return Over::Everything;
        }
        let allowing = self.grants.iter().filter(|grant| grant.allows(capability));
        allowing.fold(Over::NOTHING, |over, grant| over.and(&grant.over))
    }
}
