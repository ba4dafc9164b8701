//! How stories are told, and the people and places they are told of.

use std::collections::BTreeSet;

use carnet::domain::{
    adviser::{AdviserCommand, AdviserEvent},
    entry::{Command, Entry, decide},
    event::{
        AdviserKey, Correction, Event, ExperimentKey, Fact, PermanenceKey, Reason, Recorded,
        Saying, Source, StreamId, VenueKey,
    },
    experiment::{
        AssertedEnd, Criterion, DeliveryModel, Evidence, ExperimentCommand, ExperimentEvent,
        Extension, ExtensionRefusal, FixedCriteria, Ground, Hub, Launch, OperatorRef, Resumption,
    },
    permanence::{
        AdviserRole, Appointment, HeldBy, PermanenceCommand, PermanenceEvent, SlotChange, SlotTerms,
    },
    refusal::Refusal,
    site::{Labelling, SiteEvent, SiteFormat, SiteKey},
    terms::{
        AdviserId, Certainty, EventId, ExperimentId, InseeCode, Label, PermanenceId, Position,
        SiteId, Slug, Title, Validity, VenueId, WeeklyHours, Words,
    },
    venue::{Known, VenueCommand, VenueEvent, VenueKind, VenueTerms},
    world::World,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

/// The experiment of Vigny, in the Val-d'Oise.
pub(crate) const VIGNY: ExperimentId = ExperimentId(Uuid::from_u128(0x95658));
/// Another experiment, in the Nord.
pub(crate) const NORD: ExperimentId = ExperimentId(Uuid::from_u128(0x59418));
/// The town hall of Grisy-les-Plâtres.
pub(crate) const GRISY: VenueId = VenueId(Uuid::from_u128(0x95287));
/// The communal postal agency of Cormeilles-en-Vexin.
pub(crate) const CORMEILLES: VenueId = VenueId(Uuid::from_u128(0x95177));
/// The post office of Vigny, a labelled site.
pub(crate) const OFFICE: SiteId = SiteId(Uuid::from_u128(553));
/// The permanence of Tuesday morning, at Grisy.
pub(crate) const TUESDAY: PermanenceId = PermanenceId(Uuid::from_u128(2));

/// An adviser, who holds that permanence.
pub(crate) const ADVISER: AdviserId = AdviserId(Uuid::from_u128(3));

/// The first day at Vigny.
pub(crate) const START: &str = "2021-04-27";
/// The last day planned at Vigny.
pub(crate) const PLANNED_END: &str = "2021-07-27";

// Stories.

/// What was recorded before.
pub(crate) struct Given(Vec<Fact>);

/// What came of an entry.
pub(crate) struct Decided {
    before: Vec<Fact>,
    entry: Entry,
    answer: Result<Vec<Fact>, Refusal>,
}

/// Begins a story.
pub(crate) fn given(facts: impl IntoIterator<Item = Fact>) -> Given {
    Given(facts.into_iter().collect())
}

impl Given {
    /// Somebody writes an entry.
    #[track_caller]
    pub(crate) fn when(self, entry: Entry) -> Decided {
        let answer = ask(&self.0, &entry);
        Decided {
            before: self.0,
            entry,
            answer,
        }
    }
}

impl Decided {
    /// These facts follow, and asking again adds nothing. Returns the world after it.
    #[track_caller]
    pub(crate) fn then(self, expected: impl IntoIterator<Item = Fact>) -> World {
        let expected: Vec<Fact> = expected.into_iter().collect();
        assert_eq!(self.answer, Ok(expected.clone()));
        let mut after = self.before;
        after.extend(expected);
        assert_eq!(ask(&after, &self.entry), Ok(Vec::new()), "asked again");
        world(&after)
    }

    /// It is accepted as it was asked: one fact follows, with the circumstances of the entry.
    #[track_caller]
    pub(crate) fn then_recorded(self) -> World {
        let fact = match &self.answer {
            Ok(facts) if facts.len() == 1 => facts[0].clone(),
            other => panic!("one fact was expected, not {other:?}"),
        };
        assert_eq!(fact.saying, self.entry.saying);
        assert_eq!(fact.event.stream(), self.entry.command.subject());
        self.then([fact])
    }

    /// Nothing follows: it is already so.
    #[track_caller]
    pub(crate) fn then_nothing(self) {
        assert_eq!(self.answer, Ok(Vec::new()));
    }

    /// It is refused.
    #[track_caller]
    pub(crate) fn refused(self, refusal: Refusal) {
        assert_eq!(self.answer, Err(refusal));
    }
}

/// Decides as the program does: only the streams that `needs` names are folded. A decision that
/// would read another one is told apart by deciding on everything, too.
#[track_caller]
pub(crate) fn ask(facts: &[Fact], entry: &Entry) -> Result<Vec<Fact>, Refusal> {
    let records = recorded(facts);
    let mut loaded = World::default();
    let mut streams = BTreeSet::new();
    while let Some(stream) = loaded.needs(entry) {
        assert!(streams.insert(stream), "asked twice for {stream}");
        loaded.open(stream);
        for record in records.iter().filter(|r| r.fact.event.stream() == stream) {
            loaded.apply(record.clone());
        }
    }
    assert!(
        streams.contains(&entry.command.subject()),
        "the subject itself is read, so that its version is guarded"
    );
    let head = Position(records.len() as u64);
    let answer = decide(&loaded, entry, head);
    assert_eq!(
        answer,
        decide(&world(facts), entry, head),
        "the decision depends on a stream that was not asked for"
    );
    answer
}

/// Everything that was recorded, folded.
pub(crate) fn world(facts: &[Fact]) -> World {
    let mut world = World::default();
    for record in recorded(facts) {
        world.apply(record);
    }
    world
}

/// Facts as the log would hold them: at positions 1, 2, 3 ..., one a minute.
pub(crate) fn recorded(facts: &[Fact]) -> Vec<Recorded> {
    let first: DateTime<Utc> = "2021-01-01T08:00:00Z".parse().unwrap();
    let mut streams: Vec<StreamId> = Vec::new();
    facts
        .iter()
        .enumerate()
        .map(|(index, fact)| {
            let stream = fact.event.stream();
            streams.push(stream);
            Recorded {
                position: Position(index as u64 + 1),
                place: Position(index as u64 + 1),
                version: streams.iter().filter(|known| **known == stream).count() as u64,
                event_id: EventId(Uuid::from_u128(index as u128 + 1)),
                recorded_at: first + TimeDelta::minutes(i64::try_from(index).unwrap()),
                actor: Label::try_new("La Poste").unwrap(),
                fact: fact.clone(),
            }
        })
        .collect()
}

// Circumstances.

/// The circumstances of an entry or a fact, being told.
#[derive(Clone)]
pub(crate) struct Said(Saying);

/// What is so from that day on, as the press release says.
pub(crate) fn on(day: &str) -> Said {
    Said(Saying {
        valid: Validity::from(date(day)),
        source: Source {
            label: Label::try_new("Communiqué de presse du 6 mai 2021").unwrap(),
            dated: Some(date("2021-05-06")),
            url: None,
        },
        synthetic: false,
        corrects: None,
    })
}

impl Said {
    pub(crate) fn until(mut self, day: &str) -> Self {
        self.0.valid.until = Some(date(day));
        self
    }

    /// The day is only known to be no later.
    pub(crate) fn at_the_latest(mut self) -> Self {
        self.0.valid.certainty = Certainty::NoLaterThan;
        self
    }

    pub(crate) fn source(mut self, label: &str, dated: &str) -> Self {
        self.0.source.label = Label::try_new(label).unwrap();
        self.0.source.dated = Some(date(dated));
        self
    }

    pub(crate) fn correcting(mut self, position: u64) -> Self {
        self.0.corrects = Some(Correction {
            entry: Position(position),
            reason: Some(words("Erreur de saisie")),
        });
        self
    }

    pub(crate) fn synthetic(mut self) -> Self {
        self.0.synthetic = true;
        self
    }

    /// It happened.
    pub(crate) fn fact(self, event: impl Happens) -> Fact {
        Fact {
            saying: self.0,
            event: event.happens(),
        }
    }

    /// Somebody asks for it.
    pub(crate) fn entry(self, command: impl Asked) -> Entry {
        Entry {
            saying: self.0,
            command: command.asked(),
        }
    }
}

/// What happens: at Vigny, unless it says otherwise.
pub(crate) trait Happens {
    fn happens(self) -> Event;
}

impl Happens for Event {
    fn happens(self) -> Event {
        self
    }
}

impl Happens for ExperimentEvent {
    fn happens(self) -> Event {
        (VIGNY, self).happens()
    }
}

impl Happens for (ExperimentId, ExperimentEvent) {
    fn happens(self) -> Event {
        Event::Experiment(ExperimentKey { experiment: self.0 }, self.1)
    }
}

impl Happens for (VenueId, VenueEvent) {
    fn happens(self) -> Event {
        (VIGNY, self.0, self.1).happens()
    }
}

impl Happens for (ExperimentId, VenueId, VenueEvent) {
    fn happens(self) -> Event {
        let key = VenueKey {
            experiment: self.0,
            venue: self.1,
        };
        Event::Venue(key, self.2)
    }
}

impl Happens for PermanenceEvent {
    fn happens(self) -> Event {
        let key = PermanenceKey {
            experiment: VIGNY,
            permanence: TUESDAY,
        };
        Event::Permanence(key, self)
    }
}

impl Happens for SiteEvent {
    fn happens(self) -> Event {
        Event::Site(SiteKey { site: OFFICE }, self)
    }
}

impl Happens for AdviserEvent {
    fn happens(self) -> Event {
        Event::Adviser(AdviserKey { adviser: ADVISER }, self)
    }
}

/// What is asked: at Vigny, unless it says otherwise.
pub(crate) trait Asked {
    fn asked(self) -> Command;
}

impl Asked for Command {
    fn asked(self) -> Command {
        self
    }
}

impl Asked for ExperimentCommand {
    fn asked(self) -> Command {
        Command::Experiment(VIGNY, self)
    }
}

impl Asked for (VenueId, VenueCommand) {
    fn asked(self) -> Command {
        Command::Venue(self.0, self.1)
    }
}

impl Asked for AdviserCommand {
    fn asked(self) -> Command {
        Command::Adviser(ADVISER, self)
    }
}

impl Asked for SiteEvent {
    fn asked(self) -> Command {
        Command::Site(OFFICE, self)
    }
}

impl Asked for PermanenceCommand {
    fn asked(self) -> Command {
        Command::Permanence(TUESDAY, self)
    }
}

// Terms.

pub(crate) fn date(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

pub(crate) fn words(text: &str) -> Words {
    Words::try_new(text).unwrap()
}

pub(crate) fn title(text: &str) -> Title {
    Title::try_new(text).unwrap()
}

pub(crate) fn slug(code: &str) -> Slug {
    Slug::try_new(code).unwrap()
}

pub(crate) fn hours(text: &str) -> WeeklyHours {
    WeeklyHours::try_new(text).unwrap()
}

pub(crate) fn insee(code: &str) -> InseeCode {
    InseeCode::try_new(code).unwrap()
}

/// A code that is well formed but no commune's, as a log of other years may hold.
pub(crate) fn no_commune() -> InseeCode {
    InseeCode::try_from("95999".to_owned()).unwrap()
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason {
        reason: words(text),
    }
}

pub(crate) fn resumption() -> Resumption {
    Resumption { remark: None }
}

pub(crate) fn operator(code: &str, name: &str) -> OperatorRef {
    OperatorRef {
        code: slug(code),
        name: title(name),
    }
}

/// The launch at Vigny. Its zone has the Vigny of the Val-d'Oise (95658), not that of the
/// Moselle (57715).
pub(crate) fn launch() -> Launch {
    Launch {
        title: title("Vigny en mobilité"),
        model: DeliveryModel::WeeklyPermanences,
        model_detail: None,
        carrier: title("La Poste"),
        hub: Hub {
            name: title("Bureau de poste de Vigny"),
            commune: insee("95658"),
            address: Some(Label::try_new("1 rue du Général Leclerc").unwrap()),
        },
        zone: ["95658", "95287", "95177"].map(insee).into(),
        operators: vec![
            operator("la-poste", "La Poste"),
            operator("caf", "CAF"),
            operator("pole-emploi", "Pôle Emploi"),
        ],
        planned_end: date(PLANNED_END),
    }
}

pub(crate) fn launched() -> Fact {
    on(START).fact(ExperimentEvent::Launched(launch()))
}

pub(crate) fn criteria() -> FixedCriteria {
    use carnet::domain::experiment::Comparison;
    FixedCriteria {
        title: title("Vigny en mobilité"),
        hypothesis: words("Des permanences hebdomadaires rapprochent les services."),
        criteria: vec![Criterion {
            indicator: slug("satisfaction-moyenne"),
            comparison: Comparison::AtLeast,
            threshold: "4.0".parse().unwrap(),
            minimum_n: 30,
        }],
    }
}

pub(crate) fn end(day: &str) -> AssertedEnd {
    AssertedEnd {
        end: date(day),
        words: None,
    }
}

/// Evidence that cites the log as it was at `position`.
pub(crate) fn evidence(position: u64) -> Evidence {
    Evidence {
        position: Position(position),
        reasons: words("Les premiers retours sont bons"),
        figures: Vec::new(),
    }
}

pub(crate) fn extension(new_end: &str) -> Extension {
    Extension {
        new_end: date(new_end),
        grounds: [Ground::EarlyFeedback].into(),
        evidence: evidence(1),
    }
}

pub(crate) fn extension_refusal() -> ExtensionRefusal {
    ExtensionRefusal {
        grounds: [Ground::ModelRelevance].into(),
        evidence: evidence(1),
    }
}

/// The town hall of Grisy-les-Plâtres.
pub(crate) fn town_hall() -> VenueTerms {
    VenueTerms {
        name: title("Mairie de Grisy-les-Plâtres"),
        kind: VenueKind::TownHall,
        commune: insee("95287"),
        address: None,
        confidential_space: Known::Yes,
    }
}

/// The communal postal agency of Cormeilles-en-Vexin.
pub(crate) fn postal_agency() -> VenueTerms {
    VenueTerms {
        name: title("La Poste Agence Communale de Cormeilles-en-Vexin"),
        kind: VenueKind::CommunalPostalAgency,
        commune: insee("95177"),
        address: None,
        confidential_space: Known::Unknown,
    }
}

pub(crate) fn grisy_agreed() -> Fact {
    on(START).fact((GRISY, VenueEvent::Agreed(town_hall())))
}

pub(crate) fn cormeilles_agreed() -> Fact {
    on(START).fact((CORMEILLES, VenueEvent::Agreed(postal_agency())))
}

pub(crate) fn grisy_withdrawn(day: &str) -> Fact {
    on(day).fact((GRISY, VenueEvent::Withdrawn(reason("Travaux à la mairie"))))
}

/// Tuesday, 09:00-12:00, at Grisy.
pub(crate) fn tuesday_morning() -> SlotTerms {
    slot(GRISY, "Tu 09:00-12:00")
}

pub(crate) fn slot(venue: VenueId, text: &str) -> SlotTerms {
    SlotTerms {
        venue,
        hours: hours(text),
        appointment: Appointment::Either,
        held_by: HeldBy {
            role: AdviserRole::DeskOfficer,
            count: 2,
        },
    }
}

/// Another venue, and nothing else.
pub(crate) fn to_venue(venue: VenueId) -> SlotChange {
    SlotChange {
        venue: Some(venue),
        ..SlotChange::default()
    }
}

pub(crate) fn scheduled() -> Fact {
    on(START).fact(PermanenceEvent::Scheduled(tuesday_morning()))
}

/// The post office of Vigny, as the national list of 2020 has it.
pub(crate) fn office() -> Labelling {
    Labelling {
        name: title("Vigny"),
        commune: insee("95658"),
        format: SiteFormat::Fixed,
        address: Some(Label::try_new("1 rue du Général Leclerc").unwrap()),
        code: None,
    }
}

pub(crate) fn labelled(day: &str) -> Fact {
    on(day).fact(SiteEvent::Labelled(office()))
}
