//! What figures are counted from, and how those counts hang together within one cell.
//!
//! A figure shows counts: its numerator, its denominator, what is not known, and what is left when
//! they are subtracted. Different figures show the same count: whoever reads the accompaniments off
//! the unmet demand needs no attendance.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    domain::session::REQUESTS_MAX,
    evaluation::{Figures, measure::Measure},
};

/// Something that is counted in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    /// Accompaniments, in whatever sessions.
    Accompaniments,
    /// Those in sessions held.
    InSessionsHeld,
    /// Those in sessions of which nobody says so.
    Elsewhere,
    /// Those in sessions held, with their minutes.
    Timed,
    /// Those in sessions held, without.
    Untimed,
    /// Those of which it is known whether they are first visits.
    VisitsTold,
    /// First visits.
    FirstVisits,
    /// Visits of who came before.
    LaterVisits,
    /// Those of which it is not known.
    VisitsUntold,
    /// Accompaniments of whole weeks.
    OfWholeWeeks,
    /// Those of days beside them.
    BesideWeeks,
    /// Users who came: served or turned away.
    Demand,
    /// Users turned away.
    TurnedAway,
    /// Requests.
    Requests,
    /// Those with a known outcome.
    Concluded,
    /// Those without.
    Open,
    /// Those resolved on the spot.
    Resolved,
    /// Those that were not.
    Unresolved,
    /// Resolved ones that could be followed.
    Followed,
    /// Resolved ones that could not.
    Unfollowed,
    /// Followed ones whose user came back.
    Returned,
    /// Followed ones whose user did not.
    Settled,
    /// Appointments of which it is known whether the user came.
    Due,
    /// Those to which the user came.
    Seen,
    /// Those to which the user did not.
    NoShow,
    /// Those of which it is not known.
    DueUntold,
    /// Users asked for feedback.
    Offered,
    /// Feedback received.
    Received,
    /// Users who gave none.
    NotReceived,
    /// Answers on satisfaction.
    Rated,
    /// Feedback without one.
    Unrated,
    /// Users asked who gave no answer on satisfaction.
    RatedNot,
    /// Satisfied answers.
    Satisfied,
    /// The others.
    Dissatisfied,
    /// Answers on what one would have done.
    Otherwise,
    /// Feedback without one.
    OtherwiseUnknown,
    /// Users asked who gave no answer on what they would have done.
    OtherwiseNot,
    /// Answers that make the permanence additional.
    Additional,
    /// The others.
    NotAdditional,
    /// Sessions held in which somebody was accompanied.
    SessionsVisited,
    /// Sessions with accompaniments of which nobody says that they were held.
    SessionsUntold,
    /// Entries.
    Entries,
    /// Values that could have been told.
    Values,
    /// Those that were not.
    ValuesMissing,
    /// What a count exceeds its lower bound by: which bound.
    Slack(u8),
    /// Of an indicator that this module does not know: its number, its figure's, which count.
    Other(u8, usize, Slot),
}

/// Which count of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// Its numerator.
    Of,
    /// What its denominator has beside.
    Rest,
    /// Its denominator.
    Among,
    /// What is not known.
    Missing,
}

use Count::{
    Accompaniments, Additional, BesideWeeks, Concluded, Demand, Dissatisfied, Due, DueUntold,
    Elsewhere, Entries, FirstVisits, Followed, InSessionsHeld, LaterVisits, NoShow, NotAdditional,
    NotReceived, OfWholeWeeks, Offered, Open, Other, Otherwise, OtherwiseNot, OtherwiseUnknown,
    Rated, RatedNot, Received, Requests, Resolved, Returned, Satisfied, Seen, SessionsUntold,
    SessionsVisited, Settled, Slack, Timed, TurnedAway, Unfollowed, Unrated, Unresolved, Untimed,
    Values, ValuesMissing, VisitsTold, VisitsUntold,
};

impl Count {
    /// Whether it is one of people, or of what single people did, so that a small one could tell of
    /// one of them. The others only bound such counts.
    pub(super) const fn of_people(self) -> bool {
        !matches!(
            self,
            SessionsVisited | SessionsUntold | Entries | Values | ValuesMissing | Slack(_)
        )
    }

    /// Whether the counts of the parts of a cell add up to the cell's. Whole weeks do not: they are
    /// counted from a day of each cell's own.
    pub(super) const fn adds_up(self) -> bool {
        !matches!(self, OfWholeWeeks | BesideWeeks | Slack(_))
    }
}

/// Counts that add up, within any one cell: so many times the first of a line is the sum of so many
/// times the others.
type Sum = ((i64, Count), &'static [(i64, Count)]);

/// The most requests of one accompaniment.
#[expect(clippy::cast_possible_wrap, reason = "a small number")]
const REQUESTS_MOST: i64 = REQUESTS_MAX as i64;

/// Every sum that holds whatever is counted. Where one gives a count that no figure shows, it defines
/// it; a slack is what makes a bound a sum.
pub(super) const SUMS: &[Sum] = &[
    ((1, Accompaniments), &[(1, InSessionsHeld), (1, Elsewhere)]),
    ((1, InSessionsHeld), &[(1, Timed), (1, Untimed)]),
    ((1, Accompaniments), &[(1, VisitsTold), (1, VisitsUntold)]),
    ((1, VisitsTold), &[(1, FirstVisits), (1, LaterVisits)]),
    ((1, Accompaniments), &[(1, OfWholeWeeks), (1, BesideWeeks)]),
    ((1, Demand), &[(1, Accompaniments), (1, TurnedAway)]),
    ((1, Requests), &[(1, Concluded), (1, Open)]),
    ((1, Concluded), &[(1, Resolved), (1, Unresolved)]),
    ((1, Resolved), &[(1, Followed), (1, Unfollowed)]),
    ((1, Followed), &[(1, Returned), (1, Settled)]),
    ((1, Due), &[(1, Seen), (1, NoShow)]),
    ((1, Offered), &[(1, Received), (1, NotReceived)]),
    ((1, Received), &[(1, Rated), (1, Unrated)]),
    ((1, Offered), &[(1, Rated), (1, RatedNot)]),
    ((1, Rated), &[(1, Satisfied), (1, Dissatisfied)]),
    ((1, Received), &[(1, Otherwise), (1, OtherwiseUnknown)]),
    ((1, Offered), &[(1, Otherwise), (1, OtherwiseNot)]),
    ((1, Otherwise), &[(1, Additional), (1, NotAdditional)]),
    // Somebody was accompanied in each session that was not empty.
    ((1, InSessionsHeld), &[(1, SessionsVisited), (1, Slack(0))]),
    ((1, Elsewhere), &[(1, SessionsUntold), (1, Slack(1))]),
    // An accompaniment has a request at least, and so many at most.
    ((1, Requests), &[(1, Accompaniments), (1, Slack(2))]),
    (
        (REQUESTS_MOST, Accompaniments),
        &[(1, Requests), (1, Slack(3))],
    ),
    // What is told of each, and what each was entered by.
    (
        (1, Values),
        &[
            (2, Accompaniments),
            (2, Received),
            (1, Requests),
            (1, Due),
            (1, Slack(4)),
        ],
    ),
    (
        (1, ValuesMissing),
        &[
            (1, VisitsUntold),
            (1, Untimed),
            (1, Open),
            (1, Unrated),
            (1, OtherwiseUnknown),
            (1, Slack(5)),
        ],
    ),
    (
        (1, Entries),
        &[
            (1, Accompaniments),
            (1, Offered),
            (1, Due),
            (1, DueUntold),
            (1, Slack(6)),
        ],
    ),
];

/// Of which cell a count is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// Of the one that the figure is of.
    Own,
    /// Of the same with the requests to every operator.
    EveryOperator,
    /// Of the same with the requests to one: its code.
    Operator(String),
}

/// A count that can be read off a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) whose: Whose,
    pub(super) count: Count,
    pub(super) value: i64,
}

/// What can be read off each figure of an indicator.
pub(super) fn shown(figures: &Figures) -> Vec<Vec<Shown>> {
    let measures = figures.measures.iter();
    // The other parts of some indicators are computed from what their first is.
    let first = figures.measures.first();
    let first = |read: fn(&Measure) -> Vec<(Count, i64)>| first.map(read).unwrap_or_default();
    match figures.definition.code {
        "requests-by-operator" => measures.map(requests_of_one).collect(),
        "satisfaction" => measures.map(|_| own(first(satisfaction))).collect(),
        "ramp-up" => measures
            .map(|_| own(first(|it| read(&[(OfWholeWeeks, it.numerator)]))))
            .collect(),
        code => measures
            .enumerate()
            .map(|(index, it)| own(of_one(code, figures.definition.number, index, it)))
            .collect(),
    }
}

fn own(counts: Vec<(Count, i64)>) -> Vec<Shown> {
    let whose = |(count, value)| Shown {
        whose: Whose::Own,
        count,
        value,
    };
    counts.into_iter().map(whose).collect()
}

/// What can be read off a figure by itself.
fn of_one(code: &str, number: u8, index: usize, it: &Measure) -> Vec<(Count, i64)> {
    let part = it.part.as_ref().map_or("", |part| part.code.as_str());
    let missing = Some(Decimal::from(it.missing));
    let expected = Some(Decimal::from(it.expected));
    match code {
        "attendance" => read(&[(InSessionsHeld, it.numerator), (SessionsUntold, missing)]),
        "empty-sessions" => read(&[(SessionsVisited, minus(it.denominator, it.numerator))]),
        "occupancy" => read(&[
            (InSessionsHeld, expected),
            (Untimed, missing),
            (Timed, minus(expected, missing)),
        ]),
        "no-show" => share(it, [NoShow, Seen, Due], Some(DueUntold), None),
        "resolution" => share(
            it,
            [Resolved, Unresolved, Concluded],
            Some(Open),
            Some(Requests),
        ),
        "return-within-30-days" => share(
            it,
            [Returned, Settled, Followed],
            Some(Unfollowed),
            Some(Resolved),
        ),
        "response-rate" => share(it, [Received, NotReceived, Offered], None, None),
        "additionality" => share(
            it,
            [Additional, NotAdditional, Otherwise],
            Some(OtherwiseNot),
            Some(Offered),
        ),
        "new-users" => share(
            it,
            [FirstVisits, LaterVisits, VisitsTold],
            Some(VisitsUntold),
            Some(Accompaniments),
        ),
        "unmet-demand" => share(it, [TurnedAway, Accompaniments, Demand], None, None),
        "cost" if part.ends_with("-per-accompaniment") => read(&[(Accompaniments, it.denominator)]),
        "cost" if part.ends_with("-per-resolved-request") => read(&[
            (Resolved, it.denominator),
            (Open, missing),
            (Requests, expected),
        ]),
        "data-quality" if part == "missing" => {
            read(&[(ValuesMissing, it.numerator), (Values, it.denominator)])
        }
        "data-quality" => read(&[(Entries, expected)]),
        _ if it.of_people => {
            let [of, rest, among, unknown] = [Slot::Of, Slot::Rest, Slot::Among, Slot::Missing]
                .map(|slot| Other(number, index, slot));
            share(it, [of, rest, among], Some(unknown), None)
        }
        // Of sessions, schedules, places, costs an hour, and of weeks of a hub.
        _ => Vec::new(),
    }
}

fn satisfaction(it: &Measure) -> Vec<(Count, i64)> {
    share(
        it,
        [Satisfied, Dissatisfied, Rated],
        Some(RatedNot),
        Some(Offered),
    )
}

/// A share shows what it is of, the rest, both together, what is not known, and all of them.
fn share(
    it: &Measure,
    [of, rest, among]: [Count; 3],
    unknown: Option<Count>,
    all: Option<Count>,
) -> Vec<(Count, i64)> {
    let mut shown = read(&[
        (of, it.numerator),
        (rest, minus(it.denominator, it.numerator)),
        (among, it.denominator),
    ]);
    let missing = Decimal::from(it.missing);
    if let Some(unknown) = unknown {
        shown.extend(read(&[(unknown, Some(missing))]));
    }
    if let (Some(all), Some(among)) = (all, it.denominator) {
        shown.extend(read(&[(all, among.checked_add(missing))]));
    }
    shown
}

/// A share of requests shows those to its operator, and all of them; that there is such a share, that
/// there is a request at least.
fn requests_of_one(it: &Measure) -> Vec<Shown> {
    let mut shown = Vec::new();
    let Some(part) = &it.part else {
        return own(vec![(Requests, 0)]);
    };
    let whose = Whose::Operator(part.code.clone());
    for (whose, number) in [
        (whose, it.numerator),
        (Whose::EveryOperator, it.denominator),
    ] {
        let found = read(&[(Requests, number)]).into_iter();
        shown.extend(found.map(|(count, value)| Shown {
            whose: whose.clone(),
            count,
            value,
        }));
    }
    shown
}

fn minus(from: Option<Decimal>, what: Option<Decimal>) -> Option<Decimal> {
    from?.checked_sub(what?)
}

/// Those of some numbers that are counts.
fn read(numbers: &[(Count, Option<Decimal>)]) -> Vec<(Count, i64)> {
    let read = numbers.iter().filter_map(|(count, number)| {
        let number = number.filter(Decimal::is_integer)?.to_i64()?;
        Some((*count, number))
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use crate::evaluation::indicator::REGISTRY;

    /// Would catch: an indicator that is added, or has its code changed, without anybody asking what
    /// counts of people can be read off it.
    #[test]
    fn every_indicator_is_known_here() {
        let known = [
            "held-rate",
            "attendance",
            "empty-sessions",
            "occupancy",
            "no-show",
            "requests-by-operator",
            "resolution",
            "return-within-30-days",
            "response-rate",
            "satisfaction",
            "additionality",
            "new-users",
            "displacement",
            "unmet-demand",
            "cost",
            "coverage",
            "access-hours",
            "ramp-up",
            "label-floor",
            "data-quality",
        ];
        for indicator in REGISTRY {
            let code = indicator.definition.code;
            assert!(known.contains(&code), "{code} is not known to disclosure");
        }
    }
}
