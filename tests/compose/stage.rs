//! Two experiments of 2021 as a report is composed from them: Vigny, with invented sessions, and the
//! Nord, of which only what sources say is known.

use carnet::domain::report::Audience;
use std::{collections::BTreeMap, sync::Arc};

use carnet::{
    domain::{
        agreement::{AgreementEvent, AgreementKey, Signature},
        cost::{Allocation, CostCategory, CostEvent, CostKey, CostNature, CostOrigin, CostTerms},
        event::{
            Event, ExperimentKey, Fact, PermanenceKey, Recorded, Saying, Source, StreamId, VenueKey,
        },
        experiment::{
            AppointmentState, AssertedCount, AssertedEnd, Comparison, CountQualifier, CountUnit,
            Criterion, DeliveryModel, Evidence, ExperimentEvent, Extension, Figure, FixedCriteria,
            Ground, Hub, Launch, OperatorRef, Statement, Topic,
        },
        permanence::{AdviserRole, Appointment, HeldBy, PermanenceEvent, SlotTerms},
        sentence,
        session::{
            RequestOutcome,
            tally::{Answers, Asked, Entries, FeedbackTally, Held, Tally},
        },
        terms::{
            AgreementId, Cents, CostId, EventId, ExperimentId, InseeCode, Label, Period,
            PermanenceId, Position, SessionId, Slug, Title, Validity, VenueId, WeeklyHours, Words,
        },
        venue::{Known as Whether, VenueEvent, VenueKind, VenueTerms},
        world::World,
    },
    evaluation::{
        Answer, Question, answers,
        decision::{assess, basis, decisions},
        facts::{Facts, Known, Observation},
        group::{By, Scope},
    },
    report::material::{Chapter, Material, Ruling, Told},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

pub(crate) const VIGNY: ExperimentId = ExperimentId(Uuid::from_u128(0x95658));
pub(crate) const NORD: ExperimentId = ExperimentId(Uuid::from_u128(0x59418));
const GRISY: VenueId = VenueId(Uuid::from_u128(0x95287));
const TUESDAY: PermanenceId = PermanenceId(Uuid::from_u128(2));
const CONVENTION: AgreementId = AgreementId(Uuid::from_u128(7));

pub(crate) fn date(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn words(text: &str) -> Words {
    Words::try_new(text).unwrap()
}

fn title(text: &str) -> Title {
    Title::try_new(text).unwrap()
}

fn slug(code: &str) -> Slug {
    Slug::try_new(code).unwrap()
}

fn source(label: &str, dated: &str) -> Source {
    Source {
        label: Label::try_new(label).unwrap(),
        dated: Some(date(dated)),
        url: None,
    }
}

fn release() -> Source {
    source("Communiqué de presse", "2021-05-06")
}

fn said(from: &str, until: Option<&str>, source: Source) -> Saying {
    Saying {
        valid: Validity {
            until: until.map(date),
            ..Validity::from(date(from))
        },
        source,
        synthetic: false,
        corrects: None,
    }
}

fn of(experiment: ExperimentId, saying: Saying, event: ExperimentEvent) -> Fact {
    Fact {
        saying,
        event: Event::Experiment(ExperimentKey { experiment }, event),
    }
}

fn criterion(indicator: &str, threshold: &str, minimum_n: u32) -> Criterion {
    Criterion {
        indicator: slug(indicator),
        comparison: Comparison::AtLeast,
        threshold: threshold.parse().unwrap(),
        minimum_n,
    }
}

fn fixed(day: &str, criteria: Vec<Criterion>) -> Fact {
    let fixed = FixedCriteria {
        title: title("Vigny"),
        hypothesis: words("Des permanences hebdomadaires rapprochent les services"),
        criteria,
    };
    let saying = said(day, None, source("Note de cadrage", day));
    of(VIGNY, saying, ExperimentEvent::CriteriaFixed(fixed))
}

fn launch(name: &str, model: DeliveryModel, hub: &str, zone: &[&str], end: &str) -> Launch {
    Launch {
        title: title(name),
        model,
        model_detail: None,
        carrier: title("La Poste"),
        hub: Hub {
            name: title(&format!("Bureau de poste de {name}")),
            commune: InseeCode::try_new(hub).unwrap(),
            address: None,
        },
        zone: zone
            .iter()
            .map(|code| InseeCode::try_new(code).unwrap())
            .collect(),
        operators: vec![
            OperatorRef {
                code: slug("la-poste"),
                name: title("La Poste"),
            },
            OperatorRef {
                code: slug("caf"),
                name: title("CAF"),
            },
        ],
        planned_end: date(end),
    }
}

/// What is known of Vigny, and of the money.
fn vigny() -> Vec<Fact> {
    vec![
        fixed("2021-04-01", vec![criterion("satisfaction", "75", 20)]),
        of(
            VIGNY,
            said("2021-04-27", None, release()),
            ExperimentEvent::Launched(launch(
                "Vigny",
                DeliveryModel::WeeklyPermanences,
                "95658",
                &["95658", "95287", "95177"],
                "2021-07-27",
            )),
        ),
        fixed(
            "2021-06-01",
            vec![
                criterion("resolution", "80", 500),
                criterion("bonheur", "1", 1),
            ],
        ),
        Fact {
            saying: said("2021-04-27", None, release()),
            event: Event::Venue(
                VenueKey {
                    experiment: VIGNY,
                    venue: GRISY,
                },
                VenueEvent::Agreed(VenueTerms {
                    name: title("Mairie de Grisy-les-Plâtres"),
                    kind: VenueKind::TownHall,
                    commune: InseeCode::try_new("95287").unwrap(),
                    address: None,
                    confidential_space: Whether::Yes,
                }),
            ),
        },
        Fact {
            saying: said("2021-04-27", None, release()),
            event: Event::Permanence(
                PermanenceKey {
                    experiment: VIGNY,
                    permanence: TUESDAY,
                },
                PermanenceEvent::Scheduled(SlotTerms {
                    venue: GRISY,
                    hours: WeeklyHours::try_new("Tu 09:00-12:00,14:00-16:30").unwrap(),
                    appointment: Appointment::Either,
                    held_by: HeldBy {
                        role: AdviserRole::DeskOfficer,
                        count: 2,
                    },
                }),
            ),
        },
        cost(
            1,
            CostNature::Actual,
            CostCategory::Staff,
            123_456,
            CostOrigin::Marginal,
        ),
        cost(
            2,
            CostNature::Estimated,
            CostCategory::Travel,
            50_000,
            CostOrigin::Unknown,
        ),
        Fact {
            saying: said("2021-04-01", None, release()),
            event: Event::Agreement(
                AgreementKey {
                    agreement: CONVENTION,
                },
                AgreementEvent::Signed(Signature {
                    title: title("Trois expérimentations"),
                    funder: title("Banque des Territoires"),
                    beneficiary: title("La Poste"),
                    amount: Cents::try_new(30_000_000).unwrap(),
                    experiments: [].into(),
                }),
            ),
        },
        of(
            VIGNY,
            said(
                "2021-06-20",
                None,
                source("Comité de pilotage", "2021-06-20"),
            ),
            ExperimentEvent::Extended(extension()),
        ),
    ]
}

/// What is known of the Nord.
fn nord() -> Vec<Fact> {
    vec![
        of(
            NORD,
            said("2021-04-08", None, release()),
            ExperimentEvent::Launched(launch(
                "Mortagne-du-Nord",
                DeliveryModel::PostalServiceExpert,
                "59418",
                &["59418"],
                "2021-07-08",
            )),
        ),
        of(
            NORD,
            said(
                "2021-05-17",
                None,
                source("Préfecture du Nord", "2021-05-17"),
            ),
            ExperimentEvent::EndAsserted(AssertedEnd {
                end: date("2021-06-30"),
                words: Some(words("fin juin")),
            }),
        ),
        statement("2021-05-06", release(), "Le passage d'un facteur."),
        statement(
            "2021-04-12",
            source("La Poste", "2021-04-12"),
            "Un facteur services-expert tient des permanences en 15 lieux.",
        ),
        counted(79, CountQualifier::AtLeast),
    ]
}

fn extension() -> Extension {
    Extension {
        new_end: date("2021-10-27"),
        grounds: [Ground::EarlyFeedback].into(),
        evidence: Evidence {
            position: Position(8),
            reasons: words("Les premiers retours sont bons"),
            figures: vec![
                Figure {
                    indicator: slug("satisfaction"),
                    value: "81".parse().unwrap(),
                    unit: Label::try_new("% des réponses").unwrap(),
                    n: Some(18),
                },
                Figure {
                    indicator: slug("bonheur"),
                    value: "3".parse().unwrap(),
                    unit: Label::try_new("sourires").unwrap(),
                    n: None,
                },
            ],
        },
    }
}

fn statement(day: &str, source: Source, text: &str) -> Fact {
    let statement = Statement {
        topic: Topic::Model,
        words: words(text),
    };
    of(
        NORD,
        said(day, None, source),
        ExperimentEvent::StatementRecorded(statement),
    )
}

fn counted(count: u32, qualifier: CountQualifier) -> Fact {
    let visit = source("Visite du sous-préfet", "2021-05-07");
    let count = AssertedCount {
        unit: CountUnit::Appointment,
        state: Some(AppointmentState::Held),
        qualifier,
        count,
        words: None,
    };
    let saying = said("2021-04-08", Some("2021-05-06"), visit);
    of(NORD, saying, ExperimentEvent::CountAsserted(count))
}

fn cost(
    number: u128,
    nature: CostNature,
    category: CostCategory,
    cents: u64,
    origin: CostOrigin,
) -> Fact {
    let terms = CostTerms {
        category,
        nature,
        origin,
        amount: Cents::try_new(cents).unwrap(),
        allocation: Allocation::Direct,
        words: None,
        agreement: Some(CONVENTION),
        estimate: None,
    };
    let key = CostKey {
        experiment: VIGNY,
        cost: CostId(Uuid::from_u128(number)),
    };
    Fact {
        saying: said(
            "2021-04-27",
            Some("2021-06-30"),
            source("Tableau des coûts", "2021-07-01"),
        ),
        event: Event::Cost(key, CostEvent::Recorded(terms)),
    }
}

fn recorded(facts: &[Fact]) -> Vec<Recorded> {
    let first: DateTime<Utc> = "2021-06-30T08:00:00Z".parse().unwrap();
    let mut streams: Vec<StreamId> = Vec::new();
    let records = (1_u64..).zip(facts).map(|(position, fact)| {
        let stream = fact.event.stream();
        streams.push(stream);
        Recorded {
            position: Position(position),
            place: Position(position),
            version: streams.iter().filter(|known| **known == stream).count() as u64,
            event_id: EventId(Uuid::from_u128(position.into())),
            recorded_at: first + TimeDelta::minutes(i64::try_from(position).unwrap()),
            actor: Label::try_new("La Poste").unwrap(),
            fact: fact.clone(),
        }
    });
    records.collect()
}

/// A session of so many accompaniments, each of one request, a third of them asked and half of those
/// who answer satisfied.
pub(crate) fn session(day: &str, accompaniments: u32) -> Observation {
    let resolved = accompaniments * 4 / 5;
    let rated = accompaniments / 2;
    Observation {
        session: SessionId::of(TUESDAY, date(day)),
        permanence: TUESDAY,
        day: date(day),
        tally: Tally {
            held: Some(Held {
                starts: 540,
                minutes: 180,
                advisers: 2,
            }),
            accompaniments,
            timed: accompaniments,
            minutes: accompaniments * 20,
            first_visits: Answers {
                yes: accompaniments,
                no: 0,
                unknown: 0,
            },
            requests: vec![
                Asked {
                    operator: Some(slug("caf")),
                    outcome: RequestOutcome::Resolved,
                    count: resolved,
                },
                Asked {
                    operator: Some(slug("caf")),
                    outcome: RequestOutcome::Referred,
                    count: accompaniments - resolved,
                },
            ],
            feedback: FeedbackTally {
                received: rated,
                declined: accompaniments - rated,
                satisfied: rated - rated / 4,
                rated,
                additional: Answers {
                    yes: rated / 2,
                    no: rated - rated / 2,
                    unknown: 0,
                },
                ..FeedbackTally::default()
            },
            entries: Entries {
                count: accompaniments,
                delays: [(2, accompaniments)].into(),
                values: accompaniments,
                ..Entries::default()
            },
            ..Tally::default()
        },
    }
}

/// The sessions of nine Tuesdays, the fourth of which nothing is recorded of.
pub(crate) fn sessions() -> Vec<Observation> {
    let days = [
        ("2021-04-27", 3),
        ("2021-05-04", 5),
        ("2021-05-11", 8),
        ("2021-05-25", 9),
        ("2021-06-01", 12),
        ("2021-06-08", 10),
        ("2021-06-15", 11),
        ("2021-06-22", 12),
    ];
    days.into_iter()
        .map(|(day, count)| session(day, count))
        .collect()
}

pub(crate) fn period() -> Period {
    Period {
        from: date("2021-04-08"),
        until: date("2021-06-30"),
    }
}

const ON: &str = "2021-06-30";

/// What is known, Vigny with the sessions given; `and` are further facts.
fn known(world: &World, sessions: Vec<Observation>) -> Vec<Known> {
    let mut vigny = Known::new(VIGNY, Arc::new(world.experiment(VIGNY).unwrap().clone()));
    let venue = world.venue(GRISY).unwrap().clone();
    vigny.venues = Arc::new(BTreeMap::from([(GRISY, venue)]));
    let permanence = world.permanence(TUESDAY).unwrap().clone();
    vigny.permanences = Arc::new(BTreeMap::from([(TUESDAY, permanence)]));
    let costs = (1..=2).map(|number| CostId(Uuid::from_u128(number)));
    let costs = costs.map(|id| (id, world.cost(id).unwrap().clone()));
    vigny.costs = Arc::new(costs.collect());
    vigny.sessions = sessions;
    vigny.planned = Arc::new(vigny.plan(period()).unwrap());
    let nord = Known::new(NORD, Arc::new(world.experiment(NORD).unwrap().clone()));
    vec![vigny, nord]
}

fn asked(known: &[Known], by: Option<By>) -> Vec<Answer> {
    let question = Question {
        scope: Scope::default(),
        period: period(),
        by,
        codes: Vec::new(),
    };
    answers(&question, known, date(ON))
}

fn chapter(known: &Known, records: &[Recorded]) -> Chapter {
    let one = std::slice::from_ref(known);
    let mut weeks = asked(one, Some(By::Week));
    let figures = weeks.remove(0);
    let facts = Facts::new(&[known], period(), date(ON));
    let mut rulings = Vec::new();
    for decision in decisions(&known.experiment) {
        let cited = decision
            .evidence
            .map_or([].as_slice(), |it| it.figures.as_slice());
        // A session was recorded after the decision.
        let mut before = known.clone();
        before.sessions.retain(|it| it.day < date("2021-06-15"));
        rulings.push(Ruling {
            then: basis(&before, decision.on, cited, date(ON)),
            now: basis(known, decision.on, cited, date(ON)),
            ..Ruling::new(&decision)
        });
    }
    let history = records.iter().filter_map(|recorded| {
        let about = matches!(
            &recorded.fact.event,
            Event::Experiment(key, _) if key.experiment == known.id
        );
        about.then(|| Told {
            position: recorded.position,
            recorded: recorded.recorded_at.date_naive(),
            valid: Some(recorded.fact.saying.valid.from),
            sentence: sentence::tell(&recorded.fact, |_| None),
        })
    });
    Chapter {
        figures,
        weeks,
        criteria: assess(known, &facts),
        decisions: rulings,
        history: history.collect(),
        known: known.clone(),
    }
}

/// The report of both experiments, of these sessions at Vigny and of what else is recorded.
pub(crate) fn material_of(sessions: Vec<Observation>, and: Vec<Fact>) -> Material {
    let facts = vigny().into_iter().chain(nord());
    let facts: Vec<Fact> = facts.chain(and).collect();
    let records = recorded(&facts);
    let mut world = World::default();
    for record in &records {
        world.open(record.fact.event.stream());
        world.apply(record.clone());
    }
    let known = known(&world, sessions);
    let mut by_model = asked(&known, Some(By::Model));
    let whole = by_model.remove(0);
    let agreement = world.agreement(CONVENTION).unwrap().clone();
    Material {
        code: "rapport-2021".to_owned(),
        title: "Les expérimentations de 2021".to_owned(),
        period: period(),
        on: date(ON),
        position: Position(records.len() as u64),
        recorded_at: records.last().map(|last| last.recorded_at),
        head: "3f2a9c".repeat(10),
        audience: Audience::Evaluator,
        whole,
        by_model,
        experiments: known.iter().map(|known| chapter(known, &records)).collect(),
        agreements: [(CONVENTION, agreement)].into(),
        sources: facts.into_iter().map(|fact| fact.saying.source).collect(),
    }
}

/// The report as it is told of most.
pub(crate) fn material() -> Material {
    material_of(sessions(), Vec::new())
}

/// Vigny twice, under other names, so that there is something to compare.
pub(crate) fn twins(other: Vec<Observation>) -> Material {
    let mut material = material();
    let twin = material_of(other, Vec::new()).experiments.remove(0);
    let experiment = Arc::make_mut(&mut material.experiments[1].known.experiment);
    experiment.clone_from(&twin.known.experiment);
    if let Some(launch) = &mut experiment.launch {
        launch.what.title = title("Jumelle");
    }
    material.experiments[1].figures = twin.figures;
    material
}

/// An invented event.
pub(crate) fn invented() -> Fact {
    let mut fact = counted(12, CountQualifier::About);
    fact.saying.synthetic = true;
    fact
}

/// A count that would tell of four people.
pub(crate) fn four() -> Fact {
    counted(4, CountQualifier::Exactly)
}
