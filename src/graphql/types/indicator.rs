//! Indicators: figures, each with its definition, how sure it is, and the entries behind it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::{
    activity::PeriodInput,
    event::Event,
    experiment::DeliveryModel,
    page::{EventConnection, page_size},
};
use crate::{
    domain::{
        event::StreamId,
        refusal::Refusal,
        terms::{self, ExperimentId, Slug},
    },
    evaluation::{
        Answer, Question,
        facts::Selection,
        group::{By, Scope},
        indicator::{self, Definition, REGISTRY},
        measure::{self, Measure},
        statistics,
    },
    graphql::{
        api,
        fault::Fault,
        id::NodeId,
        scalars::{Date, Decimal, Position},
    },
    limits::INDICATOR_DAYS_MAX,
    read::At,
};

/// Of what figures are. All that is named must be so.
#[derive(InputObject, Default, Clone)]
pub(in crate::graphql) struct IndicatorScope {
    /// Of one experiment.
    experiment_id: Option<ID>,
    /// Of one permanence.
    permanence_id: Option<ID>,
    /// Of the experiments of one model.
    model: Option<DeliveryModel>,
    /// Of the experiments whose hub lies in the departement with this code.
    departement: Option<String>,
    /// Of the requests to the operator with this code.
    operator: Option<String>,
}

impl IndicatorScope {
    pub(in crate::graphql) fn parse(self) -> Result<Scope, Fault> {
        let operator = self.operator.map(|code| Slug::try_new(&code));
        Ok(Scope {
            experiment: self.experiment_id.as_ref().map(named).transpose()?,
            permanence: self.permanence_id.as_ref().map(named).transpose()?,
            model: self.model.map(Into::into),
            departement: self.departement,
            operator: operator.transpose()?,
        })
    }
}

/// The subject of one kind that an id names.
fn named<I: TryFrom<StreamId>>(id: &ID) -> Result<I, Fault> {
    NodeId::subject(id).ok_or(Fault::UnknownId)
}

/// What figures are broken down by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "By")]
pub(in crate::graphql) enum IndicatorGrouping {
    /// Experiments.
    Experiment,
    /// Permanences.
    Permanence,
    /// Models.
    Model,
    /// Departements, those of the hubs.
    Departement,
    /// Operators.
    Operator,
    /// Weeks, from Monday to Sunday.
    Week,
    /// Months.
    Month,
}

/// Figures asked for together, all of one moment.
pub(in crate::graphql) struct IndicatorReport {
    at: At,
    period: terms::Period,
    answers: Arc<[Answer]>,
}

impl IndicatorReport {
    /// The figures of a scope and period.
    pub(in crate::graphql) async fn read(
        ctx: &Context<'_>,
        at: At,
        of: IndicatorScope,
        asked: Asked,
    ) -> Result<Self> {
        let scope = of.parse()?;
        Self::of(ctx, at, scope, asked).await
    }

    /// The figures of one experiment.
    pub(in crate::graphql) async fn of_experiment(
        ctx: &Context<'_>,
        at: At,
        experiment: ExperimentId,
        asked: Asked,
    ) -> Result<Self> {
        let scope = Scope {
            experiment: Some(experiment),
            ..Scope::default()
        };
        Self::of(ctx, at, scope, asked).await
    }

    async fn of(ctx: &Context<'_>, at: At, scope: Scope, asked: Asked) -> Result<Self> {
        let api = api(ctx);
        let named = asked.check()?;
        let codes = asked.codes.unwrap_or_default();
        let period = if let Some(period) = named {
            period
        } else {
            let whole = api
                .reads
                .whole_period(at, scope.experiment, scope.model)
                .await;
            let whole = whole.map_err(|error| api.failed_read(&error))?;
            whole.unwrap_or(terms::Period {
                from: at.on,
                until: at.on,
            })
        };
        let question = Question {
            scope,
            period,
            by: asked.by.map(Into::into),
            codes,
        };
        let answers = api.reads.figures(at, question).await;
        let answers = answers.map_err(|error| api.failed_read(&error))?;
        Ok(Self {
            at,
            period,
            answers: answers.into(),
        })
    }
}

/// What is asked of a scope.
#[derive(Clone)]
pub(in crate::graphql) struct Asked {
    pub period: Option<PeriodInput>,
    pub by: Option<IndicatorGrouping>,
    pub codes: Option<Vec<String>>,
}

impl Asked {
    /// Refuses codes that there are not, and a period that is too long; the period, where one is
    /// named.
    pub(in crate::graphql) fn check(&self) -> Result<Option<terms::Period>, Fault> {
        let mut codes = self.codes.iter().flatten();
        if let Some(unknown) = codes.find(|code| indicator::of_code(code).is_none()) {
            let code = unknown.chars().take(60).collect();
            return Err(Fault::UnknownIndicator { code });
        }
        let period = self.period.map(PeriodInput::parse).transpose()?;
        if let Some(days) = period.map(|period| period.days())
            && days > INDICATOR_DAYS_MAX
        {
            return Err(Fault::from(Refusal::PeriodTooLong {
                max_days: INDICATOR_DAYS_MAX,
                days,
            }));
        }
        Ok(period)
    }
}

/// Figures asked for together, all of one moment.
#[Object]
impl IndicatorReport {
    /// The position of the log that all of it is of.
    async fn position(&self) -> Position {
        Position(self.at.position)
    }

    /// The day that "today" stands for: nothing later has happened.
    async fn valid_at(&self) -> Date {
        Date(self.at.on)
    }

    /// The period that was asked for.
    async fn period(&self) -> Period {
        self.period.into()
    }

    /// The figures of the whole scope.
    async fn whole(&self) -> Option<IndicatorGroup> {
        self.group(0)
    }

    /// The figures of each group, in the order of their keys; none where nothing was broken down.
    async fn groups(&self) -> Vec<IndicatorGroup> {
        (1..self.answers.len())
            .filter_map(|index| self.group(index))
            .collect()
    }
}

impl IndicatorReport {
    /// The figures of the whole scope.
    pub(in crate::graphql) fn whole_figures(&self) -> Vec<IndicatorFigure> {
        self.group(0).map_or_else(Vec::new, |whole| whole.all())
    }

    fn group(&self, index: usize) -> Option<IndicatorGroup> {
        (index < self.answers.len()).then(|| IndicatorGroup {
            at: self.at,
            answers: Arc::clone(&self.answers),
            index,
        })
    }
}

/// A period of civil days, both included.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Period {
    /// The first day.
    from: Date,
    /// The last day.
    until: Date,
}

impl From<terms::Period> for Period {
    fn from(period: terms::Period) -> Self {
        Self {
            from: Date(period.from),
            until: Date(period.until),
        }
    }
}

/// The figures of a group.
pub(in crate::graphql) struct IndicatorGroup {
    at: At,
    answers: Arc<[Answer]>,
    index: usize,
}

impl IndicatorGroup {
    fn answer(&self) -> Option<&Answer> {
        self.answers.get(self.index)
    }
}

/// The figures of a group.
#[Object]
impl IndicatorGroup {
    /// What names it: an identity, a code, or the first day of a week or month; absent of the whole.
    async fn key(&self) -> Option<&str> {
        let group = self.answer()?.group.as_ref()?;
        Some(&group.key)
    }

    /// Its name, in French; absent of the whole.
    async fn label(&self) -> Option<&str> {
        let group = self.answer()?.group.as_ref()?;
        Some(&group.label)
    }

    /// Its period, as far as it is over.
    async fn period(&self) -> Option<Period> {
        Some(self.answer()?.of.period.into())
    }

    /// How many experiments it is of.
    async fn experiments(&self) -> usize {
        self.answer()
            .map_or(0, |answer| answer.of.experiments.len())
    }

    /// Whether anything that it rests on was invented, for tests or demonstration.
    async fn synthetic(&self) -> bool {
        self.answer().is_some_and(|answer| answer.synthetic)
    }

    /// The figures, by the number of the indicator; those that cannot be broken down so left out.
    async fn figures(&self) -> Vec<IndicatorFigure> {
        self.all()
    }
}

impl IndicatorGroup {
    fn all(&self) -> Vec<IndicatorFigure> {
        let Some(answer) = self.answer() else {
            return Vec::new();
        };
        let of = Arc::new(answer.of.clone());
        let figures = answer.figures.iter();
        figures
            .flat_map(|figures| {
                let (at, of) = (self.at, Arc::clone(&of));
                figures.measures.iter().map(move |measure| IndicatorFigure {
                    at,
                    of: Arc::clone(&of),
                    definition: figures.definition,
                    measure: measure.clone(),
                })
            })
            .collect()
    }
}

/// One figure of an indicator.
pub(in crate::graphql) struct IndicatorFigure {
    pub at: At,
    pub of: Arc<Selection>,
    pub definition: &'static Definition,
    pub measure: Measure,
}

/// One figure of an indicator: a value with what it was computed from, and how sure it is.
#[Object]
impl IndicatorFigure {
    /// The code of the figure: its indicator's, and that of its part where it has several.
    async fn code(&self) -> String {
        self.full_code()
    }

    /// Which of the indicator's figures it is, in French; absent where there is but one.
    async fn part(&self) -> Option<&str> {
        Some(&self.measure.part.as_ref()?.label)
    }

    /// The value, in `unit`; absent where there is nothing to measure, which is not 0.
    async fn value(&self) -> Option<Decimal> {
        self.measure.value.map(Decimal)
    }

    /// The unit, in a stable code.
    async fn unit(&self) -> IndicatorUnit {
        self.measure.unit.into()
    }

    /// The unit, in French.
    async fn unit_label(&self) -> &str {
        self.measure.unit.label()
    }

    /// What it is a share or a mean of, counted.
    async fn numerator(&self) -> Option<Decimal> {
        self.measure.numerator.map(Decimal)
    }

    /// What that is divided by.
    async fn denominator(&self) -> Option<Decimal> {
        self.measure.denominator.map(Decimal)
    }

    /// How many observations it rests on.
    async fn n(&self) -> u64 {
        self.measure.n
    }

    /// The interval it lies in; absent where there is none.
    async fn interval(&self) -> Option<IndicatorInterval> {
        let bounds = self.measure.interval.as_ref()?;
        Some(IndicatorInterval {
            lower: Decimal(bounds.lower),
            upper: Decimal(bounds.upper),
            level: statistics::LEVEL,
            method: bounds.method.into(),
            method_label: bounds.method.label(),
        })
    }

    /// Of how many the value is not known.
    async fn missing(&self) -> u64 {
        self.measure.missing
    }

    /// The share of what could have been known that is not, in percent; absent where there was
    /// nothing to know.
    async fn missing_share(&self) -> Option<Decimal> {
        self.measure.missing_share().map(Decimal)
    }

    /// Whether a norm is met, where the figure is one.
    async fn verdict(&self) -> Option<NormVerdict> {
        self.measure.verdict.map(Into::into)
    }

    /// Whether it is withheld, since it could tell of one person.
    async fn suppressed(&self) -> bool {
        self.measure.suppressed
    }

    /// What it means.
    async fn definition(&self) -> IndicatorDefinition {
        self.definition.into()
    }

    /// The position of the log that it was computed at.
    async fn position(&self) -> Position {
        Position(self.at.position)
    }

    /// The entries behind it, as they stood, in the order they were recorded.
    async fn evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        Some(self.read_evidence(ctx, first, after).await)
    }
}

impl IndicatorFigure {
    /// The code of the figure.
    pub(in crate::graphql) fn full_code(&self) -> String {
        self.measure.code(self.definition)
    }

    async fn read_evidence(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<Position>,
    ) -> Result<EventConnection> {
        let api = api(ctx);
        let limit = page_size(first)?;
        let after = after.map(|after| after.0).unwrap_or_default();
        let kinds = self.definition.evidence;
        let found = api
            .reads
            .evidence(self.at, &self.of, kinds, after, limit + 1)
            .await;
        let found = found.map_err(|error| api.failed_read(&error))?;
        let events = Event::at(api, self.at, &found).await?;
        let began = after == terms::Position::START;
        Ok(EventConnection::cut(events, limit, began))
    }
}

/// An interval around a figure, in its unit.
#[derive(SimpleObject)]
pub(in crate::graphql) struct IndicatorInterval {
    /// Its lower end.
    lower: Decimal,
    /// Its upper end.
    upper: Decimal,
    /// Its level; worst-case bounds and ranges hold whatever the chance.
    level: f64,
    /// How it was computed.
    method: IntervalMethod,
    /// The same, in French.
    method_label: &'static str,
}

/// How an interval was computed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "statistics::Method")]
pub(in crate::graphql) enum IntervalMethod {
    /// Wilson's score interval of a share (1927).
    Wilson,
    /// Garwood's exact interval of a Poisson mean (1936).
    ExactPoisson,
    /// The percentile bootstrap, sessions drawn anew (Efron 1979).
    BootstrapBySession,
    /// The linearised variance of a ratio (Cochran 1977).
    LinearisedRatio,
    /// The percentile bootstrap, weeks drawn anew.
    Bootstrap,
    /// Worst-case bounds under non-response (Manski 1989): not of chance, but of what is not known.
    WorstCaseBounds,
    /// The slope of a quasi-Poisson regression (Wedderburn 1974).
    QuasiPoissonSlope,
    /// From leaving out to counting what no source tells: not of chance either.
    Range,
}

/// The unit of a figure.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "measure::Unit")]
pub(in crate::graphql) enum IndicatorUnit {
    /// A share, in percent.
    Percent,
    /// A difference of changes, in percentage points.
    Points,
    /// Accompaniments to a session held.
    AccompanimentsPerSession,
    /// Accompaniments to a week.
    AccompanimentsPerWeek,
    /// Growth from week to week, in percent.
    PercentPerWeek,
    /// The number of a week, the first being 1.
    Week,
    /// Euros to an hour held.
    EurosPerHour,
    /// Euros to an accompaniment.
    EurosPerAccompaniment,
    /// Euros to a request resolved on the spot.
    EurosPerRequest,
    /// Communes.
    Communes,
    /// Cantons.
    Cantons,
    /// Inhabitants.
    Inhabitants,
    /// Hours a week to 1 000 inhabitants.
    HoursPerThousand,
    /// Days a week.
    DaysPerWeek,
    /// Hours a week.
    HoursPerWeek,
    /// People.
    People,
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Whether a norm is met.
    Norm,
}

/// Whether a norm is met.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "measure::Verdict")]
pub(in crate::graphql) enum NormVerdict {
    /// It is.
    Meets,
    /// It is not.
    Fails,
    /// What is known does not tell.
    Undetermined,
}

/// What an indicator means.
#[derive(SimpleObject)]
pub(in crate::graphql) struct IndicatorDefinition {
    /// Its number in the list of indicators.
    number: u8,
    /// Its stable code.
    code: &'static str,
    /// The version of the definition: another number means another thing.
    version: u32,
    /// Its name, in French.
    name: &'static str,
    /// Its definition, in French.
    text: &'static str,
    /// Its name, in English.
    name_en: &'static str,
    /// Its definition, in English.
    text_en: &'static str,
    /// Where the formulas come from.
    source: &'static str,
}

impl From<&'static Definition> for IndicatorDefinition {
    fn from(definition: &'static Definition) -> Self {
        Self {
            number: definition.number,
            code: definition.code,
            version: definition.version,
            name: definition.french.name,
            text: definition.french.text,
            name_en: definition.english.name,
            text_en: definition.english.text,
            source: definition.source,
        }
    }
}

/// Every definition, by number.
pub(in crate::graphql) fn definitions() -> Vec<IndicatorDefinition> {
    let indicators = REGISTRY.into_iter();
    indicators.map(|it| (&it.definition).into()).collect()
}
