//! Beside the API: reports, from the read models to what is frozen of them.
//!
//! In: what a report is to be of, and the moment. Out: its [`Content`]: the document, and every
//! figure with the entries behind it, all as known at the moment's position.
//!
//! ```text
//! material  what a report is composed from, read from the read models
//! evidence  the entries behind its figures
//! ```
//!
//! **Invariants.** A report is of one moment: the same parameters at the same position give the same
//! bytes, whatever was recorded since.
//!
//! **Deliberately absent.** Nothing here writes: publishing is a command like any other.

mod evidence;
mod material;

use std::pin::Pin;

use crate::{
    domain::{
        refusal::Refusal,
        report::{Audience, ReportScope},
        terms::{Period, ReportId, Text},
    },
    evaluation::{
        Answer,
        disclosure::Published,
        group::{Group, Scope},
        indicator::Definition,
    },
    limits::{INDICATOR_DAYS_MAX, PAGE_ITEMS_MAX, REPORT_EXPERIMENTS_MAX},
    log::proof::{ProofError, Proofs},
    read::{
        At, ReadError, ReadModels,
        page::{Page, Window},
        report::Filter,
    },
    report::{
        compose::compose,
        content::{Content, Defined, FORMAT, Frozen},
        material::Material,
    },
};

/// What a report is to be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Its name; told from the scope where there is none.
    pub title: Option<String>,
    /// The experiments.
    pub scope: Scope,
    /// The days; from the first launch to the day of the moment where there are none.
    pub period: Option<Period>,
    /// Who it is for.
    pub audience: Audience,
}

/// The experiments that a published report says it is of.
fn scope(of: &ReportScope) -> Scope {
    Scope {
        experiment: of.experiment,
        model: of.model,
        departement: of.departement.as_ref().map(ToString::to_string),
        ..Scope::default()
    }
}

impl Parameters {
    /// What a report was asked for by, from what is frozen of it.
    #[must_use]
    pub fn of(content: &Content) -> Self {
        Self {
            title: Some(content.title.clone()),
            scope: scope(&content.scope),
            period: Some(content.period),
            audience: content.audience,
        }
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// The read models failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log failed.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Nothing in the scope was launched by then.
    #[error("Aucune expérimentation de ce périmètre n'est lancée à cette date.")]
    NothingLaunched,
    /// There are more experiments than a report holds.
    #[error(
        "Un rapport porte sur {max} expérimentations au plus ; ce périmètre en compte {found}."
    )]
    TooManyExperiments {
        /// How many at most.
        max: usize,
        /// How many there are.
        found: usize,
    },
    /// The period is refused.
    #[error(transparent)]
    Period(#[from] Refusal),
    /// The content could not be written down.
    #[error("Le contenu du rapport ne s'écrit pas : {0}")]
    Content(#[from] serde_json::Error),
}

/// A step of making a report, for whoever waits: what is done, how much of it, of how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Figures are computed.
    Figures,
    /// Experiments are read, one after the other.
    Experiments,
    /// Entries behind figures are looked up.
    Evidence,
    /// The document is composed.
    Document,
}

/// Whoever is told of progress.
pub type Progress<'a> = &'a (dyn Fn(Step, usize, usize) + Send + Sync);

/// Makes a report of a moment. `before` are the figures that earlier reports published, which those
/// for the public must not be compared with to tell of one person.
///
/// # Errors
/// [`PublicationError`].
pub async fn draft(
    reads: &ReadModels,
    proofs: &Proofs,
    at: At,
    parameters: &Parameters,
    before: &[Published],
    progress: Progress<'_>,
) -> Result<(Content, Option<Published>), PublicationError> {
    let period = period(reads, at, parameters).await?;
    let head = proofs.head(at.position).await?;
    let read = material::read(reads, at, parameters, period, progress).await?;
    let (material, published) = material::disclosed(read, head.hash.to_string(), before);
    let mut figures = frozen(&material);
    if material.audience == Audience::Evaluator {
        evidence::cite(reads, at, &mut figures, progress).await?;
    }
    progress(Step::Document, 0, 1);
    let mut definitions: Vec<Defined> = Vec::new();
    for (definition, _) in &figures {
        if !definitions
            .iter()
            .any(|known| known.code == definition.code)
        {
            definitions.push((*definition).into());
        }
    }
    let content = Content {
        format: FORMAT,
        title: material.title.clone(),
        position: material.position,
        head: material.head.clone(),
        scope: ReportScope {
            experiment: parameters.scope.experiment,
            model: parameters.scope.model,
            departement: parameters
                .scope
                .departement
                .as_deref()
                .map(Text::try_new)
                .transpose()?,
        },
        audience: parameters.audience,
        period: material.period,
        on: material.on,
        definitions,
        figures: figures.into_iter().map(|(_, frozen)| frozen).collect(),
        document: compose(&material),
    };
    progress(Step::Document, 1, 1);
    Ok((content, published))
}

/// Makes a report that is to be published under an identity. Whatever was published for the public
/// before it is computed again, so that no two reports tell together what neither may tell alone.
///
/// # Errors
/// [`PublicationError`].
pub async fn for_publication(
    reads: &ReadModels,
    proofs: &Proofs,
    now: At,
    at: At,
    parameters: &Parameters,
    report: ReportId,
) -> Result<Content, PublicationError> {
    let mut before = Vec::new();
    if parameters.audience == Audience::Public {
        for earlier in public_before(reads, now, report).await? {
            let (parameters, at) = earlier;
            let period = period(reads, at, &parameters).await?;
            let read = material::read(reads, at, &parameters, period, &|_, _, _| {}).await?;
            let (_, published) = material::disclosed(read, String::new(), &before);
            before.extend(published);
        }
    }
    let made = draft(reads, proofs, at, parameters, &before, &|_, _, _| {}).await?;
    Ok(made.0)
}

/// The reports that were published for the public before one, in the order they were, each with what
/// it is of and as known where.
async fn public_before(
    reads: &ReadModels,
    now: At,
    report: ReportId,
) -> Result<Vec<(Parameters, At)>, PublicationError> {
    let filter = Filter {
        audience: Some(Audience::Public),
        ..Filter::default()
    };
    let mut found = Vec::new();
    for earlier in
        every(|window| Box::pin(async move { reads.reports(now, filter, &window).await })).await?
    {
        if earlier.id == report {
            // Asked for again: what came after it is nothing that it was held against.
            found.clear();
            continue;
        }
        if let Some(published) = &earlier.state.published {
            let what = &published.what;
            let parameters = Parameters {
                title: None,
                scope: scope(&what.scope),
                period: Some(what.period),
                audience: Audience::Public,
            };
            let at = At {
                position: what.known_at,
                on: what.on,
                ..now
            };
            found.push((parameters, at));
        }
    }
    // The newest came first.
    found.reverse();
    Ok(found)
}

/// What is being read.
type Reading<'a, T> = Pin<Box<dyn Future<Output = Result<T, ReadError>> + Send + 'a>>;

/// All that is listed, page by page.
async fn every<'a, T>(page: impl Fn(Window) -> Reading<'a, Page<T>>) -> Result<Vec<T>, ReadError> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let window = Window {
            after: after.take(),
            before: None,
            limit: PAGE_ITEMS_MAX.unsigned_abs(),
            from_end: false,
        };
        let page = page(window).await?;
        for (cursor, item) in page.items {
            after = Some(cursor);
            found.push(item);
        }
        if !page.has_next {
            return Ok(found);
        }
    }
}

/// The period of a report, as far as it is over.
async fn period(
    reads: &ReadModels,
    at: At,
    parameters: &Parameters,
) -> Result<Period, PublicationError> {
    let Scope {
        experiment, model, ..
    } = &parameters.scope;
    let whole = reads.whole_period(at, *experiment, *model).await?;
    let whole = whole.ok_or(PublicationError::NothingLaunched)?;
    let asked = parameters.period.unwrap_or(whole);
    let period = Period::try_new(asked.from, asked.until.min(at.on))?;
    if period.days() > INDICATOR_DAYS_MAX {
        return Err(PublicationError::Period(Refusal::PeriodTooLong {
            max_days: INDICATOR_DAYS_MAX,
            days: period.days(),
        }));
    }
    Ok(period)
}

/// Refuses a scope of none, or of more experiments than a report holds.
fn check_count(found: usize) -> Result<(), PublicationError> {
    let max = REPORT_EXPERIMENTS_MAX;
    match found {
        0 => Err(PublicationError::NothingLaunched),
        found if found > max => Err(PublicationError::TooManyExperiments { max, found }),
        _ => Ok(()),
    }
}

/// Every figure that the report shows: of the whole, of each model, of each experiment and its weeks;
/// each named so that no two are of the same group.
fn frozen(material: &Material) -> Vec<(&'static Definition, Frozen)> {
    let mut answers = vec![material.whole.clone()];
    answers.extend(material.by_model.iter().cloned());
    let several = material.experiments.len() > 1;
    for chapter in &material.experiments {
        let named = |week: Option<&Group>| Group {
            key: week.map_or_else(
                || chapter.known.id.to_string(),
                |week| format!("{}:{}", chapter.known.id, week.key),
            ),
            label: week.map_or_else(
                || chapter.name(),
                |week| format!("{}, {}", chapter.name(), week.label),
            ),
        };
        // Of one experiment alone, its figures are those of the whole.
        let own = several.then_some(&chapter.figures).into_iter();
        answers.extend(own.chain(&chapter.weeks).map(|answer| Answer {
            group: Some(named(answer.group.as_ref())),
            ..answer.clone()
        }));
    }
    answers.iter().flat_map(Frozen::of).collect()
}
