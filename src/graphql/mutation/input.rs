//! Inputs, parsed: every field is checked, and all that is wrong is said at once.

use async_graphql::{Context, ID, InputObject};

use super::{UserError, reach};
use crate::{
    domain::{
        entry::{Command, Entry, identity},
        event::{Correction, Event, Reason, Saying, Source, StreamId},
        experiment::{self as experiment, Evidence, ExperimentCommand, Figure, Resumption},
        refusal::Refusal,
        terms::{
            AdviserId, AgreementId, Certainty, CostId, ExperimentId, Label, Link, OperatorId,
            PermanenceId, SiteId, Slug, Validity, VenueId, Words,
        },
    },
    graphql::{
        api,
        id::NodeId,
        scalars::{Date, Decimal, Position, Uuid},
        types::common::{DateCertainty, Ground},
    },
};

/// An input that asks for an entry.
pub(super) trait Intent {
    /// What every input has.
    fn common(&self) -> &Common;
    /// The entry it asks for; what is wrong goes to `fields`.
    fn entry(self, fields: &mut Fields) -> Option<Entry>;
}

/// What is wrong with an input, field by field.
#[derive(Default)]
pub(super) struct Fields {
    errors: Vec<UserError>,
    /// What the entry says that the input corrects.
    corrected: Option<Event>,
}

impl Fields {
    /// For an input that may draw an identity: a correction keeps that of what it corrects.
    pub(super) async fn of(ctx: &Context<'_>, common: &Common) -> async_graphql::Result<Self> {
        let api = api(ctx);
        let mut fields = Self::default();
        if let Some(asked) = &common.correcting {
            let said = api.commands.said_at(asked.entry.0).await;
            let said = said.map_err(|error| api.failed_command(&error))?;
            // Of another's entry nothing is taken over: it is as one that is not there.
            fields.corrected = match said {
                Some(said) if reach::is_seen(ctx, said.stream()).await? => Some(said),
                Some(_) | None => None,
            };
        }
        Ok(fields)
    }

    /// The identity of a subject that the sender left to us: that of the corrected one, or the
    /// command's own, so that the same command always names the same subject.
    pub(super) fn new_subject<I: TryFrom<StreamId>>(
        &self,
        common: &Common,
        new: impl FnOnce(uuid::Uuid) -> I,
    ) -> I {
        let corrected = self.corrected.as_ref();
        let known = corrected.and_then(|event| I::try_from(event.stream()).ok());
        known.unwrap_or_else(|| new(common.command_id.0))
    }

    /// The identity of a thing within its subject: the one that was given, that of the corrected
    /// one, or the command's own. `of` tells which one an event of its kind has.
    pub(super) fn identity(
        &mut self,
        common: &Common,
        field: &str,
        given: Option<Uuid>,
        of: impl FnOnce(&Event) -> Option<uuid::Uuid>,
    ) -> Option<uuid::Uuid> {
        let position = common.correcting.as_ref().map(|asked| asked.entry.0);
        let corrected = position.zip(self.corrected.as_ref().and_then(of));
        let given = given.map(|given| given.0);
        self.take(field, identity(given, corrected, common.command_id.0))
    }

    /// The value, or nothing and a note of what is wrong with the field.
    pub(super) fn take<T>(&mut self, field: &str, parsed: Result<T, Refusal>) -> Option<T> {
        parsed
            .map_err(|refusal| self.note(field, refusal.code(), refusal.to_string()))
            .ok()
    }

    /// Every value of a list, or nothing.
    pub(super) fn take_all<T, C: FromIterator<T>>(
        &mut self,
        field: &str,
        parsed: impl IntoIterator<Item = Result<T, Refusal>>,
    ) -> Option<C> {
        let values: Vec<Option<T>> = parsed
            .into_iter()
            .enumerate()
            .map(|(index, parsed)| self.take(&format!("{field}.{index}"), parsed))
            .collect();
        values.into_iter().collect()
    }

    /// Notes what is wrong with a field, where that is no refusal of the domain.
    pub(super) fn note(&mut self, field: &str, code: &'static str, message: String) {
        let path = std::iter::once("input").chain(field.split('.'));
        self.errors.push(UserError {
            code,
            field: Some(path.map(str::to_owned).collect()),
            message,
        });
    }

    /// Whether nothing is wrong so far.
    pub(super) const fn are_right(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn into_errors(self) -> Vec<UserError> {
        self.errors
    }
}

/// What every entry states.
#[derive(InputObject)]
pub(super) struct Common {
    /// The idempotency key: asking again with the same one answers what was answered first. A
    /// UUID of version 7 is best.
    pub command_id: Uuid,
    /// On what source it is said.
    source: SourceInput,
    /// The version of the subject that the sender saw; refused if it has another.
    pub expected_version: Option<u64>,
    /// Whether it is invented, for tests or demonstration.
    #[graphql(default)]
    synthetic: bool,
    /// The earlier entry that this one takes the place of: it stays in the history, and what is
    /// known no longer rests on it. It must be of the same subject and kind. An id that may be left out is
    /// then that of the earlier entry.
    pub correcting: Option<CorrectionInput>,
}

/// The earlier entry that an entry takes the place of.
#[derive(InputObject)]
pub(super) struct CorrectionInput {
    /// Its position: the last one of its lineage.
    entry: Position,
    /// Why.
    reason: String,
}

/// What is corrected, and why.
pub(super) fn correction(
    fields: &mut Fields,
    field: &str,
    entry: crate::domain::terms::Position,
    reason: &str,
) -> Option<Correction> {
    let reason = fields.take(field, Words::try_new(reason))?;
    Some(Correction {
        entry,
        reason: Some(reason),
    })
}

/// Where an assertion comes from.
#[derive(InputObject)]
struct SourceInput {
    /// What the source is called, 300 characters at most.
    label: String,
    /// The date it bears.
    dated: Option<Date>,
    /// Where it can be read.
    url: Option<String>,
}

impl Common {
    /// What is said beside the event.
    pub(super) fn saying(&self, fields: &mut Fields, valid: Validity) -> Option<Saying> {
        let label = fields.take("source.label", Label::try_new(&self.source.label));
        let url = fields.take(
            "source.url",
            self.source.url.as_deref().map(Link::try_new).transpose(),
        );
        let corrects = match &self.correcting {
            None => Some(None),
            Some(asked) => {
                let (entry, reason) = (asked.entry.0, &asked.reason);
                correction(fields, "correcting.reason", entry, reason).map(Some)
            }
        };
        Some(Saying {
            valid,
            source: Source {
                label: label?,
                dated: self.source.dated.map(|dated| dated.0),
                url: url?,
            },
            synthetic: self.synthetic,
            corrects: corrects?,
        })
    }

    /// The whole entry.
    pub(super) fn entry(
        &self,
        fields: &mut Fields,
        valid: Validity,
        command: Option<Command>,
    ) -> Option<Entry> {
        let saying = self.saying(fields, valid);
        Some(Entry {
            saying: saying?,
            command: command?,
        })
    }
}

/// A validity from `from`, open, the day being known.
pub(super) const fn valid_from(from: Date) -> Validity {
    Validity::from(from.0)
}

/// A validity from `from`, of which more or less is known.
pub(super) fn valid_from_about(from: Date, certainty: DateCertainty) -> Validity {
    Validity {
        certainty: Certainty::from(certainty),
        ..Validity::from(from.0)
    }
}

/// A validity from `from`, of which more or less is known, until a last day if one is known.
pub(super) fn valid_over(from: Date, until: Option<Date>, certainty: DateCertainty) -> Validity {
    Validity {
        until: until.map(|until| until.0),
        ..valid_from_about(from, certainty)
    }
}

pub(super) fn experiment_id(fields: &mut Fields, field: &str, id: &ID) -> Option<ExperimentId> {
    fields.take(field, NodeId::subject(id).ok_or(Refusal::UnknownExperiment))
}

pub(super) fn venue_id(fields: &mut Fields, field: &str, id: &ID) -> Option<VenueId> {
    fields.take(field, NodeId::subject(id).ok_or(Refusal::UnknownVenue))
}

pub(super) fn permanence_id(fields: &mut Fields, field: &str, id: &ID) -> Option<PermanenceId> {
    fields.take(field, NodeId::subject(id).ok_or(Refusal::UnknownPermanence))
}

pub(super) fn adviser_id(fields: &mut Fields, field: &str, id: &ID) -> Option<AdviserId> {
    fields.take(field, NodeId::subject(id).ok_or(Refusal::UnknownAdviser))
}

pub(super) fn agreement_id(fields: &mut Fields, field: &str, id: &ID) -> Option<AgreementId> {
    fields.take(field, NodeId::subject(id).ok_or(Refusal::UnknownAgreement))
}

pub(super) fn cost_id(fields: &mut Fields, field: &str, id: &ID) -> Option<CostId> {
    fields.take(field, NodeId::subject(id).ok_or(Refusal::UnknownCost))
}

pub(super) fn site_id(fields: &mut Fields, field: &str, id: &ID) -> Option<SiteId> {
    fields.take(field, NodeId::subject(id).ok_or(Refusal::UnknownSite))
}

pub(super) fn operator_id(fields: &mut Fields, field: &str, code: &str) -> Option<OperatorId> {
    let code = fields.take(field, Slug::try_new(code))?;
    Some(OperatorId::of(&code))
}

pub(super) fn reason(fields: &mut Fields, raw: &str) -> Option<Reason> {
    let reason = fields.take("reason", Words::try_new(raw))?;
    Some(Reason { reason })
}

pub(super) fn resumption(fields: &mut Fields, raw: Option<&str>) -> Option<Resumption> {
    let remark = fields.take("remark", raw.map(Words::try_new).transpose())?;
    Some(Resumption { remark })
}

/// What a decision is taken on.
#[derive(InputObject)]
pub(super) struct EvidenceInput {
    /// The position of the log that was known when the decision was taken.
    position: Position,
    /// The reasons, in words.
    reasons: String,
    /// The figures cited.
    #[graphql(default)]
    figures: Vec<FigureInput>,
}

/// A figure cited as evidence.
#[derive(InputObject)]
struct FigureInput {
    /// The indicator's code.
    indicator: String,
    /// Its value, in `unit`.
    value: Decimal,
    /// The unit, and what one of it is.
    unit: String,
    /// How many observations it rests on, where that is known.
    n: Option<u32>,
}

impl EvidenceInput {
    pub(super) fn parse(&self, fields: &mut Fields) -> Option<Evidence> {
        let reasons = fields.take("evidence.reasons", Words::try_new(&self.reasons));
        let indicators: Option<Vec<Slug>> = fields.take_all(
            "evidence.figures.indicator",
            self.figures
                .iter()
                .map(|figure| Slug::try_new(&figure.indicator)),
        );
        let units: Option<Vec<Label>> = fields.take_all(
            "evidence.figures.unit",
            self.figures
                .iter()
                .map(|figure| Label::try_new(&figure.unit)),
        );
        Some(Evidence {
            position: self.position.0,
            reasons: reasons?,
            figures: indicators?
                .into_iter()
                .zip(units?)
                .zip(&self.figures)
                .map(|((indicator, unit), figure)| Figure {
                    indicator,
                    value: figure.value.0,
                    unit,
                    n: figure.n,
                })
                .collect(),
        })
    }
}

pub(super) fn grounds<C: FromIterator<experiment::Ground>>(grounds: &[Ground]) -> C {
    grounds
        .iter()
        .copied()
        .map(experiment::Ground::from)
        .collect()
}

/// An entry on an experiment.
pub(super) fn to_experiment(
    common: &Common,
    fields: &mut Fields,
    valid: Validity,
    id: Option<ExperimentId>,
    command: Option<ExperimentCommand>,
) -> Option<Entry> {
    let command = id
        .zip(command)
        .map(|(id, command)| Command::Experiment(id, command));
    common.entry(fields, valid, command)
}
