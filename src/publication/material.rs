//! What a report is composed from, read from the read models.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Parameters, Progress, PublicationError, Step, check_count, every};
use crate::{
    domain::{
        agreement::Agreement,
        event::{Recorded, Source, StreamId},
        holiday,
        report::Audience,
        sentence,
        terms::{AgreementId, Period},
    },
    evaluation::{
        self, Answer, Question,
        decision::{self, Decision},
        disclosure::{self, Published},
        facts::{Facts, Known},
        group::{By, Scope},
        measure::Measure,
    },
    limits::WEEKLY_INDICATORS,
    read::{At, ReadModels},
    report::material::{Chapter, Material, Ruling, Told},
};

/// Reads what a report is composed from.
pub(super) async fn read(
    reads: &ReadModels,
    at: At,
    parameters: &Parameters,
    period: Period,
    progress: Progress<'_>,
) -> Result<Material, PublicationError> {
    progress(Step::Figures, 0, 1);
    let scope = parameters.scope.clone();
    let known = reads.known(at, &scope, period).await?;
    let known: Vec<Known> = known
        .into_iter()
        .filter(|known| {
            let launch = known.experiment.launch.as_ref();
            launch.is_some_and(|launch| launch.valid.from <= period.until)
        })
        .collect();
    check_count(known.len())?;
    let ask = |scope: &Scope, period: Period, by: Option<By>, codes: &[&str]| {
        let question = Question {
            scope: scope.clone(),
            period,
            by,
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        };
        evaluation::answers(&question, &known, at.on)
    };
    let mut whole = ask(&scope, period, Some(By::Model), &[]);
    let by_model = whole.split_off(1);
    progress(Step::Figures, 1, 1);
    let mut chapters = Vec::with_capacity(known.len());
    let mut sources = BTreeMap::new();
    for (index, one) in known.iter().enumerate() {
        progress(Step::Experiments, index, known.len());
        let own = Scope {
            experiment: Some(one.id),
            ..scope.clone()
        };
        let mut figures = ask(&own, period, None, &[]);
        let mut weeks = ask(&own, lived(one, period), Some(By::Week), &WEEKLY_INDICATORS);
        let entries = entries(reads, at, one).await?;
        for entry in &entries {
            let source = &entry.fact.saying.source;
            let key = (source.label.to_string(), source.dated);
            sources.entry(key).or_insert_with(|| source.clone());
        }
        chapters.push(Chapter {
            known: one.clone(),
            figures: figures.swap_remove(0),
            weeks: weeks.split_off(1),
            criteria: decision::assess(one, &Facts::new(&[one], period, at.on)),
            decisions: rulings(reads, at, one).await?,
            history: told(reads, at, &entries).await?,
        });
    }
    progress(Step::Experiments, known.len(), known.len());
    let agreements = agreements(reads, at, &known).await?;
    let sources: Vec<Source> = sources.into_values().collect();
    let recorded_at = reads.recorded_at(at.position).await?;
    let title = parameters
        .title
        .clone()
        .unwrap_or_else(|| title(&scope, &known));
    Ok(Material {
        code: code(&scope, at.on),
        title,
        period,
        on: at.on,
        position: at.position,
        recorded_at,
        head: String::new(),
        audience: parameters.audience,
        whole: whole.swap_remove(0),
        by_model: if by_model.len() > 1 {
            by_model
        } else {
            Vec::new()
        },
        experiments: chapters,
        agreements,
        sources,
    })
}

/// The part of a period in which an experiment ran, or anything was recorded of its sessions: weeks
/// before and after it are not told.
fn lived(known: &Known, period: Period) -> Period {
    let start = known
        .experiment
        .launch
        .as_ref()
        .map(|launch| launch.valid.from);
    let last = known.sessions.last().map(|session| session.day);
    let from = start.map_or(period.from, |start| start.max(period.from));
    let permanent = known.experiment.made_permanent.is_some();
    let end = known.experiment.end().filter(|_| !permanent);
    let until = end.map_or(period.until, |end| last.map_or(end, |last| last.max(end)));
    Period {
        from,
        until: until.clamp(from, period.until.max(from)),
    }
}

/// The material as its audience may read it, with the hash of the log; and what is then published.
pub(super) fn disclosed(
    mut material: Material,
    head: String,
    before: &[Published],
) -> (Material, Option<Published>) {
    material.head = head;
    if material.audience == Audience::Evaluator {
        return (material, None);
    }
    // By weeks, nearly every count of people would be too small to be told.
    for chapter in &mut material.experiments {
        chapter.weeks.clear();
    }
    let published = disclosure::publish(tables(&material), before);
    let mut tables = published.tables().iter();
    let mut take = || tables.next().cloned().unwrap_or_default();
    let mut models = take();
    if !models.is_empty() {
        material.whole = models.remove(0);
        material.by_model = models;
    }
    let mut experiments = take();
    if !experiments.is_empty() {
        experiments.remove(0);
    }
    for (chapter, figures) in material.experiments.iter_mut().zip(experiments) {
        chapter.figures = figures;
    }
    for chapter in &mut material.experiments {
        withhold(chapter);
    }
    (material, Some(published))
}

/// The tables of a report for the public, each its total first: by model and by experiment.
fn tables(material: &Material) -> Vec<Vec<Answer>> {
    let whole = || material.whole.clone();
    let models = std::iter::once(whole()).chain(material.by_model.iter().cloned());
    let chapters = material.experiments.iter();
    let experiments = std::iter::once(whole()).chain(chapters.map(|it| it.figures.clone()));
    vec![models.collect(), experiments.collect()]
}

/// Leaves of criteria and decisions what their outcomes say: a figure of the report's own period is
/// shown as that is published, one of another period not at all.
fn withhold(chapter: &mut Chapter) {
    let published: BTreeMap<String, Measure> = chapter
        .figures
        .figures
        .iter()
        .flat_map(|it| {
            let measures = it.measures.iter();
            measures.map(|measure| (measure.code(it.definition), measure.clone()))
        })
        .collect();
    for assessed in &mut chapter.criteria {
        let published = published.get(assessed.criterion.indicator.as_str());
        if let Some(measure) = &mut assessed.measure {
            *measure = published.cloned().unwrap_or_else(|| measure.withheld());
        }
    }
    // Those of decisions are of other periods, and as known at other positions, which nothing that is
    // published was held against: none is shown, whatever it counts.
    for ruling in &mut chapter.decisions {
        ruling.withheld = true;
        if let Some(evidence) = &mut ruling.evidence {
            evidence.figures.clear();
        }
        for basis in ruling.then.iter_mut().chain(&mut ruling.now) {
            basis.cited.clear();
            let criteria = basis
                .criteria
                .iter_mut()
                .filter_map(|it| it.measure.as_mut());
            let rate = basis.response_rate.iter_mut().map(|(_, measure)| measure);
            criteria
                .chain(rate)
                .for_each(|measure| *measure = measure.withheld());
        }
    }
}

/// What was recorded of an experiment, its permanences, venues, costs and hubs, in order.
async fn entries(
    reads: &ReadModels,
    at: At,
    known: &Known,
) -> Result<Vec<Recorded>, PublicationError> {
    let mut subjects: Vec<StreamId> = vec![StreamId::Experiment(known.id)];
    subjects.extend(known.permanences.keys().copied().map(StreamId::Permanence));
    subjects.extend(known.venues.keys().copied().map(StreamId::Venue));
    subjects.extend(known.costs.keys().copied().map(StreamId::Cost));
    subjects.extend(known.sites.keys().copied().map(StreamId::Site));
    let mut entries = Vec::new();
    for some in subjects.chunks(crate::limits::INSERT_ROWS_MAX) {
        entries.extend(reads.journals(at, some).await?.into_values().flatten());
    }
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}

/// Entries as sentences.
async fn told(
    reads: &ReadModels,
    at: At,
    entries: &[Recorded],
) -> Result<Vec<Told>, PublicationError> {
    let subjects = entries
        .iter()
        .filter_map(|entry| sentence::named(&entry.fact));
    let subjects: Vec<StreamId> = subjects.collect();
    let names = reads.names(at, subjects).await?;
    let told = entries.iter().map(|entry| Told {
        position: entry.position,
        recorded: entry
            .recorded_at
            .with_timezone(&holiday::zone(""))
            .date_naive(),
        valid: Some(entry.fact.saying.valid.from),
        sentence: sentence::tell(&entry.fact, |named| names.get(&named).cloned()),
    });
    Ok(told.collect())
}

/// The decisions on an experiment, each with what it rests on, then and now.
async fn rulings(
    reads: &ReadModels,
    at: At,
    known: &Known,
) -> Result<Vec<Ruling>, PublicationError> {
    let mut rulings = Vec::new();
    for decision in decision::decisions(&known.experiment) {
        let mut ruling = Ruling::new(&decision);
        let Decision { on, evidence, .. } = decision;
        if let Some(evidence) = evidence {
            let position = evidence.position.min(at.position);
            let then = At { position, on, ..at };
            ruling.then = reads.basis(then, known.id, on, &evidence.figures).await?;
            ruling.now = reads.basis(at, known.id, on, &evidence.figures).await?;
        }
        rulings.push(ruling);
    }
    Ok(rulings)
}

/// The funding agreements that pay for any of some experiments.
async fn agreements(
    reads: &ReadModels,
    at: At,
    known: &[Known],
) -> Result<BTreeMap<AgreementId, Agreement>, PublicationError> {
    let all = every(|window| Box::pin(async move { reads.agreements(at, &window).await })).await?;
    let paying = all
        .into_iter()
        .filter(|agreement| known.iter().any(|known| agreement.state.covers(known.id)));
    Ok(paying
        .map(|agreement| (agreement.id, (*agreement.state).clone()))
        .collect())
}

/// The name of a report of a scope.
fn title(scope: &Scope, known: &[Known]) -> String {
    let one = scope
        .experiment
        .and(known.first())
        .and_then(|it| it.experiment.title());
    match (one, scope.model, &scope.departement) {
        (Some(title), ..) => title.to_string(),
        (None, Some(model), _) => format!("Les expérimentations du modèle « {} »", model.name()),
        (None, None, Some(code)) => format!("Les expérimentations du département {code}"),
        (None, None, None) => "L’ensemble des expérimentations".to_owned(),
    }
}

/// What the files of a report are named after.
fn code(scope: &Scope, on: NaiveDate) -> String {
    let of = match (scope.experiment, scope.model, &scope.departement) {
        (Some(id), ..) => id.to_string(),
        (None, Some(model), _) => model.code().to_owned(),
        (None, None, Some(code)) => format!("departement-{}", code.to_lowercase()),
        (None, None, None) => "ensemble".to_owned(),
    };
    format!("rapport-{of}-{on}")
}
