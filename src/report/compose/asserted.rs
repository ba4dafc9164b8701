//! What sources assert: ends, statements and counts, side by side, none chosen over another.

use crate::domain::report::Audience;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    figures::WITHHELD,
    wording::{self, count, paragraph, text},
};
use crate::{
    domain::{
        event::Stated,
        experiment::{AssertedCount, AssertedEnd, CountQualifier, Topic},
        sentence,
        terms::Period,
    },
    evaluation::{
        disclosure::SMALL,
        measure::rounded,
        statistics::{self, Interval},
    },
    report::{
        document::{Block, Cell, ColumnKind},
        french::{self, date},
        material::{Chapter, Material},
    },
};

/// Days of a week.
const WEEK: f64 = 7.0;

/// What sources assert of an experiment.
pub(super) fn blocks(number: u64, material: &Material, chapter: &Chapter) -> Vec<Block> {
    let mut blocks = Vec::new();
    blocks.extend(ends(chapter).map(paragraph));
    let rows = rows(chapter);
    if !rows.is_empty() {
        let mut table = wording::table(
            format!("assertions-{number}"),
            format!("{} : ce que disent les sources", chapter.name()),
            &[
                ("Sujet", ColumnKind::Text),
                ("Assertion", ColumnKind::Text),
                ("Source", ColumnKind::Text),
                ("Date de la source", ColumnKind::Date),
            ],
            rows,
        );
        table.notes.push(
            "Là où des sources parlent du même sujet, leurs assertions sont données l’une à côté de \
             l’autre ; aucune n’est retenue contre une autre."
                .to_owned(),
        );
        blocks.push(Block::Table(table));
    }
    blocks.extend(counts(number, material, chapter));
    blocks
}

/// Whether sources disagree on when it ends; none where they do not.
fn ends(chapter: &Chapter) -> Option<String> {
    let experiment = &chapter.known.experiment;
    let mut ends: BTreeMap<_, Vec<String>> = BTreeMap::new();
    if let Some(launch) = &experiment.launch {
        let source = wording::source(&launch.source);
        ends.entry(launch.what.planned_end)
            .or_default()
            .push(source);
    }
    for end in &experiment.ends {
        let source = wording::source(&end.source);
        ends.entry(end.what.end).or_default().push(source);
    }
    if ends.len() < 2 {
        return None;
    }
    let told: Vec<String> = ends
        .iter()
        .map(|(end, sources)| format!("le {} ({})", date(*end), sources.join(" ; ")))
        .collect();
    Some(format!(
        "Les sources ne s’accordent pas sur la fin de l’expérimentation : {}.",
        told.join(", ou ")
    ))
}

/// Whether sources disagree on its end, or say several things of one topic.
pub(super) fn disagree(chapter: &Chapter) -> bool {
    let statements = &chapter.known.experiment.statements;
    let mut topics: BTreeMap<Topic, u64> = BTreeMap::new();
    for statement in statements {
        let of = topics.entry(statement.what.topic).or_default();
        *of = of.saturating_add(1);
    }
    ends(chapter).is_some() || topics.values().any(|count| *count > 1)
}

fn rows(chapter: &Chapter) -> Vec<Vec<Cell>> {
    let experiment = &chapter.known.experiment;
    let mut rows = Vec::new();
    if let Some(launch) = experiment
        .launch
        .as_ref()
        .filter(|_| !experiment.ends.is_empty())
    {
        let planned = format!(
            "Fin prévue au lancement : {}.",
            date(launch.what.planned_end)
        );
        rows.push(row("la fin", planned, launch));
    }
    rows.extend(
        experiment
            .ends
            .iter()
            .map(|end| row("la fin", asserted(&end.what), end)),
    );
    let mut statements: Vec<_> = experiment.statements.iter().collect();
    statements.sort_by_key(|it| (it.what.topic, it.source.dated, it.position));
    rows.extend(statements.into_iter().map(|it| {
        row(
            sentence::topic(it.what.topic),
            sentence::ended(&it.what.words),
            it,
        )
    }));
    rows
}

fn asserted(end: &AssertedEnd) -> String {
    match &end.words {
        Some(words) => format!("Fin annoncée au {} (« {words} »).", date(end.end)),
        None => format!("Fin annoncée au {}.", date(end.end)),
    }
}

fn row<T>(topic: &str, words: String, stated: &Stated<T>) -> Vec<Cell> {
    vec![
        text(wording::capital(topic)),
        text(words),
        text(stated.source.label.as_str()),
        wording::day(stated.source.dated),
    ]
}

/// The days counted.
fn period(counted: &Stated<AssertedCount>) -> Period {
    let from = counted.valid.from;
    Period {
        from,
        until: counted.valid.until.unwrap_or(from),
    }
}

/// A count's rate a week, with Garwood's interval.
fn weekly(counted: &Stated<AssertedCount>) -> Option<(Decimal, Interval)> {
    let days = u32::try_from(period(counted).days()).ok()?;
    let weeks = f64::from(days) / WEEK;
    let interval = statistics::rate(counted.what.count.into(), weeks)?;
    Some((rounded(f64::from(counted.what.count) / weeks), interval))
}

/// Whether a count is too small for the public.
pub(super) fn withheld(material: &Material, counted: &Stated<AssertedCount>) -> bool {
    material.audience == Audience::Public && (1..SMALL).contains(&counted.what.count.into())
}

/// What is counted, in the plural.
fn unit(counted: &AssertedCount) -> String {
    sentence::unit(counted.unit, counted.state, true)
}

const fn qualifier(qualifier: CountQualifier) -> &'static str {
    match qualifier {
        CountQualifier::Exactly => "exactement",
        CountQualifier::AtLeast => "au moins",
        CountQualifier::About => "environ",
    }
}

/// The counts that sources give, each with its rate a week in words.
pub(super) fn rates(material: &Material, chapter: &Chapter) -> Vec<String> {
    let counts = chapter.known.experiment.asserted_counts.iter();
    let told = counts.map(|counted| {
        let source = wording::source(&counted.source);
        let AssertedCount {
            unit,
            state,
            qualifier,
            count,
            ..
        } = counted.what;
        if withheld(material, counted) {
            let unit = sentence::unit(unit, state, true);
            return format!("{unit} : {WITHHELD} ({source}).");
        }
        let unit = sentence::unit(unit, state, count > 1);
        let exactly = qualifier == CountQualifier::Exactly;
        let qualifier = if exactly {
            ""
        } else {
            self::qualifier(qualifier)
        };
        let number = wording::whole(count.into());
        let told = format!(
            "{qualifier} {number} {unit} {}",
            wording::during(period(counted))
        );
        let rate = weekly(counted).map(|(rate, within)| {
            format!(
                ", soit {} par semaine (intervalle exact de Poisson à 95 % : {})",
                french::number(rate, 1),
                french::interval(rounded(within.lower), rounded(within.upper), 1)
            )
        });
        format!("{}{} ({source}).", told.trim(), rate.unwrap_or_default())
    });
    told.collect()
}

fn counts(number: u64, material: &Material, chapter: &Chapter) -> Option<Block> {
    let counts = &chapter.known.experiment.asserted_counts;
    if counts.is_empty() {
        return None;
    }
    let rows = counts.iter().map(|counted| {
        let rate = weekly(counted);
        let (rate, within) = match rate {
            _ if withheld(material, counted) => (Cell::Suppressed, Cell::Suppressed),
            Some((value, within)) => (
                Cell::Number { value, digits: 1 },
                Cell::Interval {
                    lower: rounded(within.lower),
                    upper: rounded(within.upper),
                    digits: 1,
                },
            ),
            None => (wording::without(), wording::without()),
        };
        let shown = if withheld(material, counted) {
            Cell::Suppressed
        } else {
            count(counted.what.count.into())
        };
        let period = period(counted);
        vec![
            text(unit(&counted.what)),
            text(qualifier(counted.what.qualifier)),
            shown,
            Cell::Date(period.from),
            Cell::Date(period.until),
            rate,
            within,
            text(wording::source(&counted.source)),
        ]
    });
    let mut table = wording::table(
        format!("decomptes-{number}"),
        format!("{} : décomptes donnés par des sources", chapter.name()),
        &[
            ("Unité", ColumnKind::Text),
            ("Selon la source", ColumnKind::Text),
            ("Nombre", ColumnKind::Number),
            ("Du", ColumnKind::Date),
            ("Au", ColumnKind::Date),
            ("Par semaine", ColumnKind::Number),
            ("Intervalle exact de Poisson à 95 %", ColumnKind::Interval),
            ("Source", ColumnKind::Text),
        ],
        rows.collect(),
    );
    table.notes.push(
        "Ces décomptes ne s’additionnent ni entre eux, ni aux inscriptions de séance : les sources et les \
         unités diffèrent. L’intervalle est celui d’un taux constant sur la période (Garwood, 1936) ; là où \
         la source dit « au moins », le taux est un minimum."
            .to_owned(),
    );
    Some(Block::Table(table))
}
