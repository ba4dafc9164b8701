//! Random histories: entries about a few subjects, over four years, of which many are accepted,
//! some are already so and some are refused.

use chrono::{Days, NaiveDate, NaiveTime};
use proptest::{
    collection::{btree_set, vec},
    option,
    prelude::*,
    sample::{Index, select, subsequence},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use carnet::domain::{
    adviser::{AdviserCommand, Registration, Renaming},
    correction::lineages,
    entry::{Command, Entry},
    event::{Correction, Reason, Recorded, Saying, Source, StreamId},
    experiment::{
        AssertedEnd, Closure, Comparison, Criterion, DeliveryModel, Evidence, ExperimentCommand,
        Extension, ExtensionRefusal, Figure, FixedCriteria, Ground, Hub, Launch, MadePermanent,
        OperatorRef, Resumption, Statement, Topic,
    },
    permanence::{AdviserRole, Appointment, HeldBy, PermanenceCommand, SlotChange, SlotTerms},
    session::{
        Accompaniment, AppointmentEnd, AppointmentOutcome, Booking, Cancellation,
        CancellationCause, Feedback, FeedbackDecline, FeedbackOffer, Holding, Otherwise, Request,
        RequestLevel, RequestOutcome, SessionEvent, SessionRef, TurningAway, TurningAwayCause,
    },
    terms::{
        AccompanimentId, AdviserId, AppointmentId, Certainty, ExperimentId, FeedbackId, InseeCode,
        Label, PermanenceId, Position, Sealed, SessionId, Slug, Text, Title, TurningAwayId,
        Validity, VenueId, WeeklyHours, Words,
    },
    venue::{Known, VenueCommand, VenueKind, VenueTerms},
};

/// Titles, with the key they are sorted by. Two differ, and sort alike.
pub(crate) const TITLES: [(&str, &str); 5] = [
    ("Écouen", "ecouen"),
    ("ecouen", "ecouen"),
    ("Zonza", "zonza"),
    ("Œuilly l'Été", "œuilly l'ete"),
    ("avallon", "avallon"),
];
/// Communes, each of another département.
const COMMUNES: [&str; 5] = ["01004", "2A004", "59350", "95658", "97411"];
pub(crate) const DEPARTEMENTS: [&str; 5] = ["01", "2A", "59", "95", "974"];
pub(crate) const MODELS: [DeliveryModel; 3] = [
    DeliveryModel::WeeklyPermanences,
    DeliveryModel::RovingDesk,
    DeliveryModel::Other,
];
/// Days of sessions, after the first of 2020: permanences mostly go on by then.
const SESSION_DAYS: [u64; 3] = [600, 601, 1000];
const HOURS: [&str; 3] = [
    "Tu 09:00-12:00",
    "Mo,We 14:00-17:00; PH off",
    "Fr 10:00-12:00",
];

/// The subjects that histories are about. There is always one more than anything is recorded of.
pub(crate) fn experiments() -> impl Iterator<Item = ExperimentId> {
    (1..=6).map(experiment)
}

/// Their venues.
pub(crate) fn venues() -> impl Iterator<Item = VenueId> {
    (1..=5).map(venue)
}

/// Their permanences.
pub(crate) fn permanences() -> impl Iterator<Item = PermanenceId> {
    (1..=4).map(permanence)
}

/// Their advisers.
pub(crate) fn advisers() -> impl Iterator<Item = AdviserId> {
    (1..=3).map(adviser)
}

/// The sessions of those permanences, on two days, and some of none.
pub(crate) fn sessions() -> impl Iterator<Item = SessionId> {
    permanences().flat_map(|id| SESSION_DAYS.map(|day| SessionId::of(id, on(day))))
}

pub(crate) fn adviser(number: u128) -> AdviserId {
    AdviserId(Uuid::from_u128(0xC000 + number))
}

pub(crate) fn experiment(number: u128) -> ExperimentId {
    ExperimentId(Uuid::from_u128(0xE000 + number))
}

fn venue(number: u128) -> VenueId {
    VenueId(Uuid::from_u128(0xA000 + number))
}

pub(crate) fn permanence(number: u128) -> PermanenceId {
    PermanenceId(Uuid::from_u128(0xB000 + number))
}

/// A history of up to `max` entries about three experiments: first mostly what later entries need
/// in order to be accepted, then anything.
pub(crate) fn histories(max: usize) -> impl Strategy<Value = Vec<Entry>> {
    let some = max / 12;
    let anything = prop_oneof![
        6 => any_experiment(3),
        1 => any_venue(),
        6 => any_permanence(),
        2 => any_adviser(),
        14 => any_session(),
        6 => crate::funding::anything(),
        3 => crate::sites::anything(),
        3 => crate::reports::anything(),
        2 => crate::access::anything(),
        2 => any_retraction(),
    ];
    (
        vec(an_experiment(3, launch()), 0..=some),
        vec(a_venue(agreement()), 0..=some),
        vec(a_permanence(schedule()), 0..=some),
        vec(crate::sites::labelled(), 0..=1),
        vec(anything, 1..=max - 3 * some - 1),
    )
        .prop_map(|(launches, agreements, schedules, labels, anything)| {
            [launches, agreements, schedules, labels, anything].concat()
        })
}

/// A history of up to `max` entries about five experiments and nothing else.
pub(crate) fn lists(max: usize) -> impl Strategy<Value = Vec<Entry>> {
    vec(any_experiment(5), 1..=max)
}

fn any_experiment(count: u128) -> impl Strategy<Value = Entry> {
    let command = prop_oneof![
        5 => launch(),
        2 => criteria().prop_map(ExperimentCommand::FixCriteria),
        3 => asserted_end(),
        2 => (select(&[Topic::Venues, Topic::Funding][..]), words()).prop_map(|(topic, words)| {
            ExperimentCommand::RecordStatement(Statement { topic, words })
        }),
        3 => (late(), grounds(), evidence()).prop_map(|(new_end, grounds, evidence)| {
            ExperimentCommand::Extend(Extension { new_end, grounds, evidence })
        }),
        1 => (grounds(), evidence()).prop_map(|(grounds, evidence)| {
            ExperimentCommand::RefuseExtension(ExtensionRefusal { grounds, evidence })
        }),
        3 => reason().prop_map(ExperimentCommand::Suspend),
        5 => resumption().prop_map(ExperimentCommand::Resume),
        1 => evidence().prop_map(|evidence| {
            ExperimentCommand::MakePermanent(MadePermanent { evidence })
        }),
        1 => (words(), option::of(evidence())).prop_map(|(reason, evidence)| {
            ExperimentCommand::Close(Closure { reason, evidence })
        }),
        2 => reason().prop_map(ExperimentCommand::CloseHub),
        6 => resumption().prop_map(ExperimentCommand::ReopenHub),
    ];
    an_experiment(count, command)
}

fn an_experiment(
    count: u128,
    command: impl Strategy<Value = ExperimentCommand>,
) -> impl Strategy<Value = Entry> {
    ((1..=count).prop_map(experiment), command).prop_flat_map(|(id, command)| {
        let from = if matches!(command, ExperimentCommand::Launch(_)) {
            early().boxed()
        } else {
            day().boxed()
        };
        let corrects = if matches!(command, ExperimentCommand::AssertEnd(_)) {
            0.5
        } else {
            0.15
        };
        saying(from, corrects).prop_map(move |saying| Entry {
            saying,
            command: Command::Experiment(id, command.clone()),
        })
    })
}

/// Mostly sealed with the person's own key.
fn any_adviser() -> impl Strategy<Value = Entry> {
    (1..=2_u128, 0..12_u128).prop_flat_map(|(number, stray)| {
        let owner = adviser(if stray == 0 { 3 } else { number }).person();
        let name = select(&["AAAA", "BBBB", "CCCC"][..])
            .prop_map(move |text| Sealed::try_new(owner, text.to_owned()).unwrap());
        let command = prop_oneof![
            4 => name.clone().prop_map(|name| AdviserCommand::Register(Registration {
                name,
                role: AdviserRole::Adviser,
            })),
            4 => name.prop_map(|name| AdviserCommand::Rename(Renaming { name })),
            1 => reason().prop_map(AdviserCommand::Erase),
        ];
        command.prop_flat_map(move |command| {
            let from = if matches!(command, AdviserCommand::Register(_)) {
                early().boxed()
            } else {
                day().boxed()
            };
            saying(from, 0.15).prop_map(move |saying| Entry {
                saying,
                command: Command::Adviser(adviser(number), command.clone()),
            })
        })
    })
}

/// Of three permanences, on two days.
fn a_session() -> impl Strategy<Value = SessionRef> {
    let permanence = (1..=3_u128).prop_map(permanence);
    (
        permanence,
        prop_oneof![4 => Just(SESSION_DAYS[0]), 1 => Just(SESSION_DAYS[1])],
    )
        .prop_map(|(permanence, day)| SessionRef {
            permanence,
            date: on(day),
        })
}

const OUTCOMES: &[RequestOutcome] = &[
    RequestOutcome::Resolved,
    RequestOutcome::Resolved,
    RequestOutcome::MustComeBack,
    RequestOutcome::Unknown,
];
const APPOINTMENT_OUTCOMES: &[AppointmentOutcome] = &[
    AppointmentOutcome::Seen,
    AppointmentOutcome::Revoked,
    AppointmentOutcome::NoShow,
    AppointmentOutcome::Unknown,
];
const OTHERWISE: &[Otherwise] = &[Otherwise::GivenUp, Otherwise::Other, Otherwise::Unknown];

/// One of two users, mostly of the first experiment.
fn pseudonym() -> impl Strategy<Value = Sealed> {
    let text = select(&["AAAA", "AAAA", "BBBB"][..]);
    (prop_oneof![4 => Just(1_u128), 1 => Just(2)], text).prop_map(|(number, text)| {
        Sealed::try_new(experiment(number).visitors(), text.to_owned()).unwrap()
    })
}

/// Few things to speak of, so that entries meet.
fn any_session() -> impl Strategy<Value = Entry> {
    let id = || (1..=2_u128).prop_map(Uuid::from_u128);
    let request = (
        option::weighted(0.8, select(&["caf", "caf", "cnav"][..])),
        select(OUTCOMES),
    )
        .prop_map(|(operator, outcome)| Request {
            operator: operator.map(|code| Slug::try_new(code).unwrap()),
            theme: None,
            level: RequestLevel::Accompaniment,
            outcome,
        });
    let accompaniment = (
        id(),
        option::of(0..60_u16),
        vec(request, 1..3),
        option::of(commune()),
        option::weighted(0.3, id()),
        select(&[Known::Yes, Known::No, Known::Unknown][..]),
        option::weighted(0.8, pseudonym()),
    );
    let accompaniment = accompaniment.prop_map(
        |(id, minutes, requests, residence, appointment, first_visit, pseudonym)| {
            SessionEvent::Accompanied(Accompaniment {
                accompaniment: AccompanimentId(id),
                minutes,
                requests,
                first_visit,
                residence,
                age_band: None,
                appointment: appointment.map(AppointmentId),
                pseudonym,
            })
        },
    );
    let feedback = FeedbackId(Uuid::from_u128(1));
    let outcome = select(APPOINTMENT_OUTCOMES);
    let event = prop_oneof![
        3 => holding(),
        1 => Just(SessionEvent::Cancelled(Cancellation {
            cause: CancellationCause::Weather,
            words: None,
        })),
        2 => id().prop_map(|id| SessionEvent::AppointmentBooked(Booking {
            appointment: AppointmentId(id),
            at: None,
            operator: None,
        })),
        4 => (id(), outcome).prop_map(|(id, outcome)| {
            SessionEvent::AppointmentEnded(AppointmentEnd {
                appointment: AppointmentId(id),
                outcome,
            })
        }),
        5 => accompaniment,
        1 => (id(), 0..4_u16).prop_map(|(id, users)| SessionEvent::TurnedAway(TurningAway {
            turning_away: TurningAwayId(id),
            users,
            cause: TurningAwayCause::Full,
        })),
        4 => option::weighted(0.2, id()).prop_map(move |about| {
            SessionEvent::FeedbackOffered(FeedbackOffer {
                feedback,
                accompaniment: about.map(AccompanimentId),
            })
        }),
        5 => (option::of(0..6_u8), select(OTHERWISE)).prop_map(move |(satisfaction, otherwise)| {
            SessionEvent::FeedbackReceived(Feedback {
                feedback,
                satisfaction,
                resolved: Known::Yes,
                otherwise,
            })
        }),
        3 => Just(SessionEvent::FeedbackDeclined(FeedbackDecline { feedback })),
    ];
    // One in ten is told of another time than the session's day.
    (a_session(), event, saying(day(), 0.3), 0..10_u8).prop_map(
        |(session, event, mut saying, stray)| {
            if stray > 0 {
                saying.valid = session.valid();
            }
            let command = Command::Session(session, event);
            Entry { saying, command }
        },
    )
}

fn holding() -> impl Strategy<Value = SessionEvent> {
    let advisers = btree_set((1..=2_u128).prop_map(adviser), 0..=1);
    (10..13_u32, 0..3_u8, advisers).prop_map(|(ends, adviser_count, advisers)| {
        SessionEvent::Held(Holding {
            starts: NaiveTime::from_hms_opt(10, 0, 0).unwrap(),
            ends: NaiveTime::from_hms_opt(ends, 30, 0).unwrap(),
            adviser_count,
            advisers,
        })
    })
}

/// Of any subject but the advisers' third.
fn any_retraction() -> impl Strategy<Value = Entry> {
    let subject = prop_oneof![
        4 => (1..=3_u128).prop_map(|number| StreamId::from(experiment(number))),
        2 => (1..=4_u128).prop_map(|number| StreamId::from(venue(number))),
        3 => (1..=3_u128).prop_map(|number| StreamId::from(permanence(number))),
        1 => (1..=2_u128).prop_map(|number| StreamId::from(adviser(number))),
        4 => a_session().prop_map(|session| StreamId::from(SessionId::from(session))),
        2 => crate::funding::subject(),
        1 => crate::sites::subject(),
        1 => crate::reports::subject(),
        1 => crate::access::subject(),
    ];
    (subject, saying(day(), 0.95)).prop_map(|(subject, saying)| Entry {
        saying,
        command: Command::Retract(subject),
    })
}

/// Points a correction at something that there is to correct: the number it was made with chooses
/// among the subject's last words of the same kind, and one in six keeps naming any position.
/// `journal` is what was recorded of the subject.
pub(crate) fn aimed(entry: &Entry, journal: &[Recorded]) -> Entry {
    let mut entry = entry.clone();
    let Some(correction) = &mut entry.saying.corrects else {
        return entry;
    };
    let chosen = correction.entry.0;
    if chosen % 6 == 0 {
        return entry;
    }
    let lineages = lineages(journal);
    let fitting: Vec<Position> = lineages
        .iter()
        .filter(|lineage| {
            let first = Command::of(&lineage.events()[0].fact.event);
            let same = first.is_some_and(|first| verb(&first) == verb(&entry.command));
            same || matches!(entry.command, Command::Retract(_))
        })
        .map(|lineage| lineage.events().last().unwrap().position)
        .collect();
    if !fitting.is_empty() {
        let index = usize::try_from(chosen).unwrap() % fitting.len();
        correction.entry = fitting[index];
    }
    entry
}

/// What a command asks for, whatever its terms.
fn verb(command: &Command) -> String {
    let told = serde_json::to_value(command).unwrap();
    let (subject, asked) = told.as_object().unwrap().iter().next().unwrap();
    let asked = match asked.as_array().and_then(|asked| asked.get(1)) {
        Some(serde_json::Value::Object(asked)) => asked.keys().next().cloned(),
        other => other.map(ToString::to_string),
    };
    format!("{subject} {}", asked.unwrap_or_default())
}

fn any_venue() -> impl Strategy<Value = Entry> {
    a_venue(prop_oneof![
        3 => agreement(),
        1 => reason().prop_map(VenueCommand::Withdraw),
    ])
}

fn a_venue(command: impl Strategy<Value = VenueCommand>) -> impl Strategy<Value = Entry> {
    let number = 1..=4_u128;
    (number, command, any::<Index>()).prop_flat_map(|(number, command, stray)| {
        let (from, command) = match command {
            // A venue mostly serves the same experiment.
            VenueCommand::Agree { terms, .. } => {
                let experiment = served(number, stray);
                (early().boxed(), VenueCommand::Agree { experiment, terms })
            }
            VenueCommand::Withdraw(_) => (day().boxed(), command),
        };
        saying(from, 0.15).prop_map(move |saying| Entry {
            saying,
            command: Command::Venue(venue(number), command.clone()),
        })
    })
}

/// The experiment that a venue serves, but for one time in ten.
fn served(venue: u128, stray: Index) -> ExperimentId {
    match stray.index(10) {
        0 => experiment(1 + venue % 3),
        _ => experiment(1 + (venue - 1) % 3),
    }
}

fn agreement() -> impl Strategy<Value = VenueCommand> {
    (
        title(),
        commune(),
        prop_oneof![6 => Just(Known::Yes), 2 => Just(Known::Unknown), 1 => Just(Known::No)],
    )
        .prop_map(|(name, commune, confidential_space)| VenueCommand::Agree {
            experiment: experiment(1),
            terms: VenueTerms {
                name,
                kind: VenueKind::TownHall,
                commune,
                address: None,
                confidential_space,
            },
        })
}

fn any_permanence() -> impl Strategy<Value = Entry> {
    let change = (
        option::weighted(0.3, (1..=4_u128).prop_map(venue)),
        option::weighted(0.6, hours()),
        option::weighted(0.3, held_by()),
    )
        .prop_map(|(venue, hours, held_by)| {
            PermanenceCommand::Reschedule(SlotChange {
                venue,
                hours,
                appointment: None,
                held_by,
            })
        });
    a_permanence(prop_oneof![
        4 => schedule(),
        4 => change,
        5 => reason().prop_map(PermanenceCommand::Suspend),
        4 => resumption().prop_map(PermanenceCommand::Resume),
        1 => reason().prop_map(PermanenceCommand::Close),
    ])
}

fn a_permanence(command: impl Strategy<Value = PermanenceCommand>) -> impl Strategy<Value = Entry> {
    ((1..=3_u128).prop_map(permanence), command).prop_flat_map(|(id, command)| {
        let from = if matches!(command, PermanenceCommand::Schedule { .. }) {
            days(200..600)
        } else {
            days(400..1461)
        };
        saying(from, 0.15).prop_map(move |saying| Entry {
            saying,
            command: Command::Permanence(id, command.clone()),
        })
    })
}

fn schedule() -> impl Strategy<Value = PermanenceCommand> {
    let number = 1..=4_u128;
    (number, any::<Index>(), hours(), held_by()).prop_map(|(number, stray, hours, held_by)| {
        PermanenceCommand::Schedule {
            experiment: served(number, stray),
            terms: SlotTerms {
                venue: venue(number),
                hours,
                appointment: Appointment::WalkIn,
                held_by,
            },
        }
    })
}

pub(crate) fn saying(
    from: impl Strategy<Value = NaiveDate>,
    corrects: f64,
) -> impl Strategy<Value = Saying> {
    (
        from,
        option::weighted(0.2, 0..200_u64),
        prop_oneof![5 => Just(Certainty::Exact), 1 => Just(Certainty::NoLaterThan)],
        select(&["Communiqué de presse", "Page du site"][..]),
        any::<bool>(),
        option::weighted(corrects, 1..60_u64),
    )
        .prop_map(
            |(from, days, certainty, label, synthetic, corrects)| Saying {
                valid: Validity {
                    from,
                    until: days.and_then(|days| from.checked_add_days(Days::new(days))),
                    certainty,
                },
                source: Source {
                    label: Label::try_new(label).unwrap(),
                    dated: None,
                    url: None,
                },
                synthetic,
                corrects: corrects.map(|position| Correction {
                    entry: Position(position),
                    reason: Some(Words::try_new("Erreur de saisie").unwrap()),
                }),
            },
        )
}

fn launch() -> impl Strategy<Value = ExperimentCommand> {
    (
        title(),
        select(&MODELS[..]),
        btree_set(commune(), 1..4),
        any::<Index>(),
        late(),
    )
        .prop_map(|(title, model, zone, hub, planned_end)| {
            let commune = *zone.iter().nth(hub.index(zone.len())).unwrap();
            ExperimentCommand::Launch(Launch {
                title,
                model,
                model_detail: None,
                carrier: Text::try_new("La Poste").unwrap(),
                hub: Hub {
                    name: Text::try_new("Bureau de poste").unwrap(),
                    commune,
                    address: None,
                },
                zone,
                operators: vec![OperatorRef {
                    code: Slug::try_new("caf").unwrap(),
                    name: Text::try_new("Caf").unwrap(),
                }],
                planned_end,
            })
        })
}

fn criteria() -> impl Strategy<Value = FixedCriteria> {
    let criterion = (0..2_usize, 0..3_i64).prop_map(|(indicator, threshold)| Criterion {
        indicator: Slug::try_new(["visits", "distance"][indicator]).unwrap(),
        comparison: Comparison::AtLeast,
        threshold: Decimal::new(threshold, 1),
        minimum_n: 10,
    });
    (title(), words(), vec(criterion, 0..3)).prop_map(|(title, hypothesis, criteria)| {
        FixedCriteria {
            title,
            hypothesis,
            criteria,
        }
    })
}

fn asserted_end() -> impl Strategy<Value = ExperimentCommand> {
    (day(), option::of(words()))
        .prop_map(|(end, words)| ExperimentCommand::AssertEnd(AssertedEnd { end, words }))
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let figure = (0..2_i64).prop_map(|value| Figure {
        indicator: Slug::try_new("visits").unwrap(),
        value: Decimal::new(value, 2),
        unit: Label::try_new("visites").unwrap(),
        n: None,
    });
    (
        prop_oneof![9 => 0..3_u64, 1 => 5..500_u64],
        words(),
        vec(figure, 0..2),
    )
        .prop_map(|(position, reasons, figures)| Evidence {
            position: Position(position),
            reasons,
            figures,
        })
}

pub(crate) fn hours() -> impl Strategy<Value = WeeklyHours> {
    select(&HOURS[..]).prop_map(|hours| WeeklyHours::try_new(hours).unwrap())
}

fn held_by() -> impl Strategy<Value = HeldBy> {
    prop_oneof![9 => 1..=2_u8, 1 => Just(0)].prop_map(|count| HeldBy {
        role: AdviserRole::DeskOfficer,
        count,
    })
}

fn grounds() -> impl Strategy<Value = std::collections::BTreeSet<Ground>> {
    subsequence(vec![Ground::EarlyFeedback, Ground::ModelRelevance], 0..=2)
        .prop_map(|grounds| grounds.into_iter().collect())
}

fn title() -> impl Strategy<Value = Title> {
    select(&TITLES[..]).prop_map(|(title, _)| Text::try_new(title).unwrap())
}

pub(crate) fn commune() -> impl Strategy<Value = InseeCode> {
    select(&COMMUNES[..]).prop_map(|code| InseeCode::try_new(code).unwrap())
}

pub(crate) fn words() -> impl Strategy<Value = Words> {
    select(&["Travaux", "Congés\nd'été"][..]).prop_map(|words| Text::try_new(words).unwrap())
}

pub(crate) fn reason() -> impl Strategy<Value = Reason> {
    words().prop_map(|reason| Reason { reason })
}

pub(crate) fn resumption() -> impl Strategy<Value = Resumption> {
    option::of(words()).prop_map(|remark| Resumption { remark })
}

/// Any day of the four years.
pub(crate) fn day() -> impl Strategy<Value = NaiveDate> {
    days(0..1461)
}

/// A day on which things begin.
pub(crate) fn early() -> impl Strategy<Value = NaiveDate> {
    days(0..400)
}

/// A day on which things end.
pub(crate) fn late() -> impl Strategy<Value = NaiveDate> {
    days(300..1461)
}

/// The day that is so many days after the first of 2020.
pub(crate) fn on(days: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 1, 1)
        .and_then(|first| first.checked_add_days(Days::new(days)))
        .unwrap()
}

/// A day among those that histories are about.
pub(crate) fn days(range: std::ops::Range<u64>) -> impl Strategy<Value = NaiveDate> {
    range.prop_map(on)
}
