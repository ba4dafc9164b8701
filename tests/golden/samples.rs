//! What is stored of each kind of event: once with every field, once with as few as can be.

use carnet::domain::{
    adviser::{AdviserEvent, Registration, Renaming},
    event::{
        AdviserKey, Correction, Event, ExperimentKey, Fact, PermanenceKey, Reason, Retraction,
        Saying, SessionKey, Source, StreamId, VenueKey,
    },
    experiment::{
        AssertedEnd, Closure, Comparison, Criterion, DeliveryModel, Evidence, ExperimentEvent,
        Extension, ExtensionRefusal, Figure, FixedCriteria, Ground, Hub, Launch, MadePermanent,
        OperatorRef, Resumption, Statement, Topic,
    },
    permanence::{AdviserRole, Appointment, HeldBy, PermanenceEvent, SlotChange, SlotTerms},
    session::{
        Accompaniment, AgeBand, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
        CancellationCause, Feedback, FeedbackDecline, FeedbackOffer, Holding, Otherwise, Request,
        RequestLevel, RequestOutcome, SessionEvent, TurningAway, TurningAwayCause,
    },
    terms::{
        AccompanimentId, AdviserId, AppointmentId, Certainty, ExperimentId, FeedbackId, InseeCode,
        Link, PermanenceId, Position, Sealed, SessionId, Slug, Text, TurningAwayId, Validity,
        VenueId, WeeklyHours,
    },
    venue::{Known, VenueEvent, VenueKind, VenueTerms},
};
use chrono::NaiveDate;
use uuid::Uuid;

/// A fact, and who recorded it.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) fact: Fact,
    pub(crate) actor: Text<300>,
}

pub(crate) const EXPERIMENT: ExperimentId = ExperimentId(Uuid::from_u128(0xe001));
const VENUE: VenueId = VenueId(Uuid::from_u128(0xa001));
pub(crate) const ADVISER: AdviserId = AdviserId(Uuid::from_u128(0xc001));
pub(crate) const PERMANENCE: PermanenceId = PermanenceId(Uuid::from_u128(0xb001));

pub(crate) fn text<const MAX: usize, const LINES: bool>(raw: &str) -> Text<MAX, LINES> {
    Text::try_new(raw).unwrap()
}

pub(crate) fn slug(raw: &str) -> Slug {
    Slug::try_new(raw).unwrap()
}

pub(crate) fn commune(raw: &str) -> InseeCode {
    InseeCode::try_new(raw).unwrap()
}

pub(crate) fn day(raw: &str) -> NaiveDate {
    raw.parse().unwrap()
}

pub(crate) fn reason(raw: &str) -> Reason {
    Reason { reason: text(raw) }
}

pub(crate) fn remark(raw: Option<&str>) -> Resumption {
    Resumption {
        remark: raw.map(text),
    }
}

fn evidence(figures: Vec<Figure>) -> Evidence {
    Evidence {
        position: Position(12),
        reasons: text("Premiers retours des usagers ; 41 accompagnements en six semaines."),
        figures,
    }
}

fn figure(n: Option<u32>) -> Figure {
    Figure {
        indicator: slug("completed-assists"),
        value: "41.50".parse().unwrap(),
        unit: text("accompagnements menés à terme"),
        n,
    }
}

/// Circumstances that say all that can be said.
pub(crate) fn full(event: Event) -> Sample {
    Sample {
        fact: Fact {
            saying: Saying {
                valid: Validity {
                    from: day("2021-04-27"),
                    until: Some(day("2021-07-26")),
                    certainty: Certainty::NoLaterThan,
                },
                source: Source {
                    label: text("Communiqué de presse « en mobilité »"),
                    dated: Some(day("2021-05-06")),
                    url: Some(Link::try_new("https://example.org/communique?id=1&p=2").unwrap()),
                },
                synthetic: true,
                corrects: Some(Correction {
                    entry: Position(1),
                    reason: None,
                }),
            },
            event,
        },
        actor: text("cellule d'évaluation"),
    }
}

/// Circumstances that say as little as can be said.
pub(crate) fn plain(event: Event) -> Sample {
    Sample {
        fact: Fact {
            saying: Saying {
                valid: Validity::from(day("2021-05-06")),
                source: Source {
                    label: text("Note de suivi"),
                    dated: None,
                    url: None,
                },
                synthetic: false,
                corrects: None,
            },
            event,
        },
        actor: text("porteur"),
    }
}

pub(crate) fn experiment(event: ExperimentEvent) -> Event {
    let key = ExperimentKey {
        experiment: EXPERIMENT,
    };
    Event::Experiment(key, event)
}

fn venue(event: VenueEvent) -> Event {
    let key = VenueKey {
        experiment: EXPERIMENT,
        venue: VENUE,
    };
    Event::Venue(key, event)
}

fn permanence(event: PermanenceEvent) -> Event {
    let key = PermanenceKey {
        experiment: EXPERIMENT,
        permanence: PERMANENCE,
    };
    Event::Permanence(key, event)
}

/// Every sample; the first seven tell the story of the chain.
pub(crate) fn all() -> Vec<Sample> {
    let mut all = vec![
        plain(experiment(ExperimentEvent::CriteriaFixed(criteria()))),
        plain(experiment(ExperimentEvent::Launched(launch(None)))),
        plain(venue(VenueEvent::Agreed(venue_terms(None, Known::Unknown)))),
        full(experiment(ExperimentEvent::EndAsserted(AssertedEnd {
            end: day("2021-07-26"),
            words: Some(text("pour une durée de trois mois minimum")),
        }))),
        plain(permanence(PermanenceEvent::Scheduled(slot_terms(
            "We 09:00-12:00",
            Appointment::WalkIn,
            HeldBy {
                role: AdviserRole::DeskOfficer,
                count: 2,
            },
        )))),
        plain(permanence(PermanenceEvent::Suspended(reason(
            "Congés d'été",
        )))),
        full(permanence(PermanenceEvent::Resumed(remark(Some(
            "Reprise\nà l'heure habituelle",
        ))))),
    ];
    all.extend(of_experiments());
    all.extend(of_places());
    all.extend(of_codes());
    all.extend(of_persons());
    all.extend(crate::funding::all());
    all.extend(crate::import::all());
    all.extend(crate::sites::all());
    all.extend(crate::reports::all());
    all.extend(crate::access::all());
    all.extend(of_sessions());
    let mut retracted = plain(Event::Retracted(Retraction {
        subject: StreamId::Permanence(PERMANENCE),
        experiment: Some(EXPERIMENT),
    }));
    retracted.fact.saying.corrects = Some(Correction {
        entry: Position(5),
        reason: Some(text("Inscrite deux fois")),
    });
    all.push(retracted);
    all.push(plain(Event::Retracted(Retraction {
        subject: StreamId::Adviser(ADVISER),
        experiment: None,
    })));
    all
}

/// Every code of every enumeration, beside those above: a code is stored as much as a tag is.
fn of_codes() -> Vec<Sample> {
    let mut all = Vec::new();
    for (kind, confidential) in [
        (VenueKind::TownHall, Known::No),
        (VenueKind::PartnerShop, Known::Yes),
        (VenueKind::Tobacconist, Known::Yes),
        (VenueKind::Supermarket, Known::Yes),
        (VenueKind::DigitalSpace, Known::Yes),
        (VenueKind::PostOffice, Known::Yes),
        (VenueKind::Other, Known::Yes),
    ] {
        let terms = VenueTerms {
            kind,
            ..venue_terms(None, confidential)
        };
        all.push(plain(venue(VenueEvent::Agreed(terms))));
    }
    for model in [
        DeliveryModel::PostalServiceExpert,
        DeliveryModel::RovingDesk,
        DeliveryModel::Other,
    ] {
        let terms = Launch {
            model,
            ..launch(None)
        };
        all.push(plain(experiment(ExperimentEvent::Launched(terms))));
    }
    for topic in [
        Topic::Model,
        Topic::Venues,
        Topic::Activity,
        Topic::Funding,
        Topic::Other,
    ] {
        let statement = Statement {
            topic,
            words: text("Selon la source"),
        };
        all.push(plain(experiment(ExperimentEvent::StatementRecorded(
            statement,
        ))));
    }
    let held_by = HeldBy {
        role: AdviserRole::DeskOfficer,
        count: 1,
    };
    let terms = slot_terms("Fr 09:00-12:00", Appointment::Unknown, held_by);
    all.push(plain(permanence(PermanenceEvent::Scheduled(terms))));
    all
}

fn of_experiments() -> Vec<Sample> {
    vec![
        full(experiment(ExperimentEvent::CriteriaFixed(criteria()))),
        full(experiment(ExperimentEvent::Launched(launch(Some(()))))),
        plain(experiment(ExperimentEvent::EndAsserted(AssertedEnd {
            end: day("2021-12-31"),
            words: None,
        }))),
        full(experiment(ExperimentEvent::StatementRecorded(Statement {
            topic: Topic::HubHours,
            words: text("Lundi, mardi, mercredi et vendredi de 9 h à 12 h"),
        }))),
        full(experiment(ExperimentEvent::Extended(Extension {
            new_end: day("2021-10-26"),
            grounds: [Ground::EarlyFeedback, Ground::ModelRelevance].into(),
            evidence: evidence(vec![figure(Some(41)), figure(None)]),
        }))),
        plain(experiment(ExperimentEvent::ExtensionRefused(
            ExtensionRefusal {
                grounds: [Ground::ModelRelevance].into(),
                evidence: evidence(vec![]),
            },
        ))),
        plain(experiment(ExperimentEvent::Suspended(reason(
            "Consignes sanitaires",
        )))),
        plain(experiment(ExperimentEvent::Resumed(remark(None)))),
        full(experiment(ExperimentEvent::Resumed(remark(Some(
            "Avec un agent de moins",
        ))))),
        plain(experiment(ExperimentEvent::MadePermanent(MadePermanent {
            evidence: evidence(vec![figure(Some(120))]),
        }))),
        plain(experiment(ExperimentEvent::Closed(Closure {
            reason: text("Terme atteint"),
            evidence: None,
        }))),
        full(experiment(ExperimentEvent::Closed(Closure {
            reason: text("Modèle abandonné"),
            evidence: Some(evidence(vec![])),
        }))),
        plain(experiment(ExperimentEvent::HubClosed(reason(
            "Travaux du bureau",
        )))),
        plain(experiment(ExperimentEvent::HubReopened(remark(None)))),
    ]
}

fn of_places() -> Vec<Sample> {
    vec![
        full(venue(VenueEvent::Agreed(venue_terms(
            Some("1 place de l'Église"),
            Known::Yes,
        )))),
        plain(venue(VenueEvent::Withdrawn(reason("Local vendu")))),
        full(permanence(PermanenceEvent::Scheduled(slot_terms(
            "Tu 09:00-12:00; PH off",
            Appointment::Either,
            HeldBy {
                role: AdviserRole::PostalServiceExpert,
                count: 1,
            },
        )))),
        plain(permanence(PermanenceEvent::Rescheduled(SlotChange {
            venue: Some(VENUE),
            hours: Some(WeeklyHours::try_new("Th[1,3] 14:00-17:00").unwrap()),
            appointment: Some(Appointment::Required),
            held_by: Some(HeldBy {
                role: AdviserRole::Adviser,
                count: 1,
            }),
        }))),
        plain(permanence(PermanenceEvent::Rescheduled(SlotChange {
            hours: Some(WeeklyHours::try_new("We 09:00-12:00").unwrap()),
            ..SlotChange::default()
        }))),
        plain(permanence(PermanenceEvent::Resumed(remark(None)))),
        plain(permanence(PermanenceEvent::Closed(reason(
            "Trop peu de demandes",
        )))),
    ]
}

/// The names of `keys.txt`, sealed.
const FIRST_NAME: &str = "E6bChQaWX+SCWE+rYFSrrHXU2T3H6FTfIlt17gdZKCh7rGOYh0xQE07qy7B20ik2AF3aWhvGPfag5J3FeqSMdYospAJMkldQaiL4iueExuM=";
const SECOND_NAME: &str = "+rDUdwr2h3vW6/PZyg68ULXTzJaQB4qXhwQrc201J6ztOf4+uQOB1ZoimeWEdU7mh8rY9YAP30R+LiubEsTDy1SGBS998gjTrMeMHzr042o=";

/// The pseudonym of `keys.txt`, sealed.
const PSEUDONYM: &str = "UdSa/oJIVomayl2PRw0vhH8iUOpnh0ihtfNfaCWhpfOxy/vVk+1iBdrkixnEjJ59Rz1rnNZ7CsSV3esB2O7/g88IDG6cvyQpKTEv8jAVZ0Q=";

/// What is sealed here opens with the keys of `keys.txt`: see `tests/privacy`.
fn of_persons() -> Vec<Sample> {
    let adviser = |event| Event::Adviser(AdviserKey { adviser: ADVISER }, event);
    let sealed = |text: &str| Sealed::try_new(ADVISER.person(), text.to_owned()).unwrap();
    vec![
        full(adviser(AdviserEvent::Registered(Registration {
            name: sealed(FIRST_NAME),
            role: AdviserRole::DeskOfficer,
        }))),
        plain(adviser(AdviserEvent::Renamed(Renaming {
            name: sealed(SECOND_NAME),
        }))),
        plain(adviser(AdviserEvent::Erased(reason(
            "Demande écrite de la personne",
        )))),
    ]
}

/// What was done at a permanence on one day, with all that can be said and with as little.
fn of_sessions() -> Vec<Sample> {
    let date = day("2021-05-04");
    let session = |event| {
        let key = SessionKey {
            experiment: EXPERIMENT,
            permanence: PERMANENCE,
            session: SessionId::of(PERMANENCE, date),
            date,
        };
        Event::Session(key, event)
    };
    let holding = |advisers: &[AdviserId]| Holding {
        starts: "09:05:00".parse().unwrap(),
        ends: "12:10:00".parse().unwrap(),
        adviser_count: 2,
        advisers: advisers.iter().copied().collect(),
    };
    let visit = AccompanimentId(Uuid::from_u128(0xd001));
    let appointment = AppointmentId(Uuid::from_u128(0xd002));
    let opinion = FeedbackId(Uuid::from_u128(0xd003));
    let mut all = vec![
        full(session(SessionEvent::Held(holding(&[ADVISER])))),
        plain(session(SessionEvent::Held(holding(&[])))),
        full(session(SessionEvent::Cancelled(Cancellation {
            cause: CancellationCause::Other,
            words: Some(text("Bureau de vote dans la salle")),
        }))),
        plain(session(SessionEvent::Cancelled(Cancellation {
            cause: CancellationCause::AdviserAbsent,
            words: None,
        }))),
        full(session(SessionEvent::AppointmentBooked(Booking {
            appointment,
            at: Some("09:30:00".parse().unwrap()),
            operator: Some(slug("caf")),
        }))),
        plain(session(SessionEvent::AppointmentBooked(Booking {
            appointment,
            at: None,
            operator: None,
        }))),
        plain(session(SessionEvent::AppointmentEnded(AppointmentEnd {
            appointment,
            outcome: AppointmentOutcome::NoShow,
        }))),
        full(session(SessionEvent::Accompanied(full_accompaniment(
            visit,
            appointment,
        )))),
        plain(session(SessionEvent::Accompanied(Accompaniment {
            accompaniment: visit,
            minutes: None,
            requests: vec![Request {
                operator: None,
                theme: None,
                level: RequestLevel::Unknown,
                outcome: RequestOutcome::Unknown,
            }],
            first_visit: Known::Unknown,
            residence: None,
            age_band: None,
            appointment: None,
            pseudonym: None,
        }))),
        plain(session(SessionEvent::TurnedAway(TurningAway {
            turning_away: TurningAwayId(Uuid::from_u128(0xd004)),
            users: 2,
            cause: TurningAwayCause::OutOfBundle,
        }))),
        full(session(SessionEvent::FeedbackOffered(FeedbackOffer {
            feedback: opinion,
            accompaniment: Some(visit),
        }))),
        plain(session(SessionEvent::FeedbackOffered(FeedbackOffer {
            feedback: opinion,
            accompaniment: None,
        }))),
        full(session(SessionEvent::FeedbackReceived(Feedback {
            feedback: opinion,
            satisfaction: Some(4),
            resolved: Known::Yes,
            otherwise: Otherwise::GivenUp,
        }))),
        plain(session(SessionEvent::FeedbackReceived(Feedback {
            feedback: opinion,
            satisfaction: None,
            resolved: Known::Unknown,
            otherwise: Otherwise::Unknown,
        }))),
        plain(session(SessionEvent::FeedbackDeclined(FeedbackDecline {
            feedback: opinion,
        }))),
    ];
    for sample in &mut all {
        sample.fact.saying.valid = Validity {
            until: Some(date),
            ..Validity::from(date)
        };
    }
    all
}

fn full_accompaniment(visit: AccompanimentId, appointment: AppointmentId) -> Accompaniment {
    let sealed = Sealed::try_new(EXPERIMENT.visitors(), PSEUDONYM.to_owned());
    Accompaniment {
        accompaniment: visit,
        minutes: Some(25),
        requests: vec![
            Request {
                operator: Some(slug("caf")),
                theme: Some(slug("carte-grise")),
                level: RequestLevel::Accompaniment,
                outcome: RequestOutcome::Resolved,
            },
            Request {
                operator: None,
                theme: Some(slug("impots")),
                level: RequestLevel::Referral,
                outcome: RequestOutcome::MustComeBack,
            },
        ],
        first_visit: Known::No,
        residence: Some(commune("95287")),
        age_band: Some(AgeBand::From65To79),
        appointment: Some(appointment),
        pseudonym: Some(sealed.unwrap()),
    }
}

fn criteria() -> FixedCriteria {
    FixedCriteria {
        title: text("France Services en mobilité, Vigny"),
        hypothesis: text("Des permanences hebdomadaires rapprochent le service des habitants."),
        criteria: vec![
            Criterion {
                indicator: slug("completed-assists"),
                comparison: Comparison::AtLeast,
                threshold: "40".parse().unwrap(),
                minimum_n: 30,
            },
            Criterion {
                indicator: slug("cost-per-assist"),
                comparison: Comparison::AtMost,
                threshold: "25.50".parse().unwrap(),
                minimum_n: 10,
            },
        ],
    }
}

fn launch(details: Option<()>) -> Launch {
    Launch {
        title: text("France Services en mobilité, Vigny"),
        model: DeliveryModel::WeeklyPermanences,
        model_detail: details.map(|()| text("deux chargées de clientèle, deux sites")),
        carrier: text("La Poste"),
        hub: Hub {
            name: text("Bureau de poste de Vigny"),
            commune: commune("95658"),
            address: details.map(|()| text("1 rue du Général Leclerc")),
        },
        zone: [commune("95658"), commune("95177"), commune("95287")].into(),
        operators: vec![
            OperatorRef {
                code: slug("la-poste"),
                name: text("La Poste"),
            },
            OperatorRef {
                code: slug("france-travail"),
                name: text("Pôle Emploi"),
            },
        ],
        planned_end: day("2021-07-26"),
    }
}

fn venue_terms(address: Option<&str>, confidential_space: Known) -> VenueTerms {
    VenueTerms {
        name: text("Agence postale communale de Cormeilles-en-Vexin"),
        kind: VenueKind::CommunalPostalAgency,
        commune: commune("95177"),
        address: address.map(text),
        confidential_space,
    }
}

fn slot_terms(hours: &str, appointment: Appointment, held_by: HeldBy) -> SlotTerms {
    SlotTerms {
        venue: VENUE,
        hours: WeeklyHours::try_new(hours).unwrap(),
        appointment,
        held_by,
    }
}
