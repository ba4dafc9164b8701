//! Synthetic experiments, for tests and benchmarks: the same seed always gives the same entries.
//! Whatever is made here says that it is synthetic: in each event, in its source, in its title.

mod activity;
mod example;
mod session;

use chrono::{Days, Months, NaiveDate};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::{
    entry::{Command, Entry},
    event::{Reason, Saying, Source},
    experiment::{
        AssertedEnd, Closure, Comparison, Criterion, DeliveryModel, Evidence, ExperimentCommand,
        Extension, ExtensionRefusal, Figure, FixedCriteria, Ground, Hub, Launch, OperatorRef,
        Resumption, Statement, Topic,
    },
    permanence::{AdviserRole, Appointment, HeldBy, PermanenceCommand, SlotChange, SlotTerms},
    refusal::Refusal,
    terms::{
        CommandId, ExperimentId, InseeCode, Label, PermanenceId, Position, Slug, Title, Validity,
        VenueId, WeeklyHours, Words,
        place::{Commune, communes},
    },
    venue::{Known, VenueCommand, VenueKind, VenueTerms},
};

pub use activity::{Activity, Page, activity, correction};
pub use example::{EXAMPLE_SOURCE, example};

/// A hub's commune has at least so many inhabitants.
const HUB_POPULATION_MIN: u32 = 1500;
const DAYS: [&str; 5] = ["Mo", "Tu", "We", "Th", "Fr"];
const OPERATORS: [(&str, &str); 5] = [
    ("la-poste", "La Poste"),
    ("caf", "CAF"),
    ("cnam", "CNAM"),
    ("msa", "MSA"),
    ("dgfip", "DGFIP"),
];

/// The entries of the `index`th synthetic experiment of a seed, in the order they are to be
/// written, each with its command id.
///
/// # Errors
/// [`Refusal`] if a term made here were malformed, which the tests exclude.
pub fn experiment(seed: u64, index: u64) -> Result<Vec<(CommandId, Entry)>, Refusal> {
    let mut maker = Maker::new(seed, index)?;
    maker.live()?;
    Ok(maker.entries)
}

struct Maker {
    rng: ChaCha8Rng,
    seed: u64,
    index: u64,
    id: ExperimentId,
    source: Source,
    entries: Vec<(CommandId, Entry)>,
}

impl Maker {
    fn new(seed: u64, index: u64) -> Result<Self, Refusal> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index);
        let mut maker = Self {
            rng,
            seed,
            index,
            id: ExperimentId(Uuid::nil()),
            source: Source {
                label: Label::try_new(&format!(
                    "Générateur de Carnet, données synthétiques (graine {seed})"
                ))?,
                dated: None,
                url: None,
            },
            entries: Vec::new(),
        };
        maker.id = ExperimentId(maker.uuid());
        Ok(maker)
    }

    /// The life of one experiment.
    fn live(&mut self) -> Result<(), Refusal> {
        let (hub, zone) = self.places();
        let start = self.start();
        let planned_end = after_months(start, 3 + self.below(4));
        let title = Title::try_new(&format!(
            "Expérimentation synthétique {:05} ({})",
            self.index, hub.name
        ))?;
        self.fix_criteria(&title, before(start, 20))?;
        self.launch(title, hub, &zone, start, planned_end)?;
        self.say(
            start,
            ExperimentCommand::AssertEnd(AssertedEnd {
                end: planned_end,
                words: None,
            }),
        );
        let slots = 1 + self.below(3);
        for slot in 0..slots {
            self.permanence(slot, &zone, start)?;
        }
        for week in 0..self.below(6) {
            let words = format!(
                "{} rendez-vous tenus en semaine {}.",
                3 + self.below(20),
                week + 1
            );
            self.say(
                after(start, 7 * (u64::from(week) + 1)),
                ExperimentCommand::RecordStatement(Statement {
                    topic: Topic::Activity,
                    words: Words::try_new(&words)?,
                }),
            );
        }
        if self.one_in(4) {
            self.interrupt(after(start, 30))?;
        }
        match self.below(4) {
            0 => self.extend(planned_end, 12)?,
            1 => {
                let decided = before(planned_end, 10);
                let refusal = ExtensionRefusal {
                    grounds: [Ground::ModelRelevance].into(),
                    evidence: self.evidence()?,
                };
                self.say(decided, ExperimentCommand::RefuseExtension(refusal));
                let closure = Closure {
                    reason: Words::try_new("Fin synthétique de l'expérimentation")?,
                    evidence: None,
                };
                self.say(after(planned_end, 1), ExperimentCommand::Close(closure));
            }
            _ => {}
        }
        Ok(())
    }

    fn fix_criteria(&mut self, title: &Title, on: NaiveDate) -> Result<(), Refusal> {
        let criterion = Criterion {
            indicator: Slug::try_new("attendance")?,
            comparison: Comparison::AtLeast,
            threshold: Decimal::new(i64::from(20 + self.below(40)), 1),
            minimum_n: 10,
        };
        self.say(
            on,
            ExperimentCommand::FixCriteria(FixedCriteria {
                title: title.clone(),
                hypothesis: Words::try_new("Une hypothèse synthétique")?,
                criteria: vec![criterion],
            }),
        );
        Ok(())
    }

    fn launch(
        &mut self,
        title: Title,
        hub: &Commune,
        zone: &[&Commune],
        start: NaiveDate,
        planned_end: NaiveDate,
    ) -> Result<(), Refusal> {
        let models = [
            DeliveryModel::WeeklyPermanences,
            DeliveryModel::PostalServiceExpert,
            DeliveryModel::RovingDesk,
        ];
        let model = *self.pick(&models);
        let launch = Launch {
            title,
            model,
            model_detail: None,
            carrier: Title::try_new("La Poste")?,
            hub: Hub {
                name: Title::try_new(&format!("Bureau de poste de {}", hub.name))?,
                commune: InseeCode::try_new(hub.code)?,
                address: None,
            },
            zone: zone
                .iter()
                .map(|commune| InseeCode::try_new(commune.code))
                .collect::<Result<_, _>>()?,
            operators: OPERATORS
                .iter()
                .map(|(code, name)| {
                    Ok(OperatorRef {
                        code: Slug::try_new(code)?,
                        name: Title::try_new(name)?,
                    })
                })
                .collect::<Result<_, Refusal>>()?,
            planned_end,
        };
        self.say(start, ExperimentCommand::Launch(launch));
        Ok(())
    }

    fn permanence(
        &mut self,
        slot: u32,
        zone: &[&Commune],
        start: NaiveDate,
    ) -> Result<(), Refusal> {
        let commune = *self.pick(zone);
        let venue = VenueId(self.uuid());
        let agree = VenueCommand::Agree {
            experiment: self.id,
            terms: VenueTerms {
                name: Title::try_new(&format!("Mairie de {}", commune.name))?,
                kind: VenueKind::TownHall,
                commune: InseeCode::try_new(commune.code)?,
                address: None,
                confidential_space: Known::Yes,
            },
        };
        self.write(start, Command::Venue(venue, agree));
        let id = PermanenceId(self.uuid());
        let schedule = PermanenceCommand::Schedule {
            experiment: self.id,
            terms: SlotTerms {
                venue,
                hours: self.hours(slot)?,
                appointment: Appointment::WalkIn,
                held_by: HeldBy {
                    role: AdviserRole::DeskOfficer,
                    count: 1,
                },
            },
        };
        self.write(start, Command::Permanence(id, schedule));
        if self.one_in(2) {
            let change = SlotChange {
                venue: None,
                hours: Some(self.hours(slot + 2)?),
                appointment: Some(Appointment::Either),
                held_by: None,
            };
            let command = PermanenceCommand::Reschedule(change);
            self.write(after(start, 28), Command::Permanence(id, command));
        }
        if self.one_in(3) {
            let suspend = PermanenceCommand::Suspend(Reason {
                reason: Words::try_new("Congés (synthétique)")?,
            });
            self.write(after(start, 40), Command::Permanence(id, suspend));
            let resume = PermanenceCommand::Resume(Resumption { remark: None });
            self.write(after(start, 54), Command::Permanence(id, resume));
        }
        Ok(())
    }

    fn interrupt(&mut self, from: NaiveDate) -> Result<(), Refusal> {
        let reason = Reason {
            reason: Words::try_new("Interruption synthétique")?,
        };
        self.say(from, ExperimentCommand::Suspend(reason));
        let resumption = Resumption { remark: None };
        self.say(after(from, 14), ExperimentCommand::Resume(resumption));
        Ok(())
    }

    fn extend(&mut self, planned_end: NaiveDate, weeks: u64) -> Result<(), Refusal> {
        let extension = Extension {
            new_end: after(planned_end, 7 * weeks),
            grounds: [Ground::EarlyFeedback, Ground::ModelRelevance].into(),
            evidence: self.evidence()?,
        };
        self.say(
            before(planned_end, 10),
            ExperimentCommand::Extend(extension),
        );
        Ok(())
    }

    fn evidence(&mut self) -> Result<Evidence, Refusal> {
        Ok(Evidence {
            position: Position::START,
            reasons: Words::try_new("Motifs synthétiques")?,
            figures: vec![Figure {
                indicator: Slug::try_new("response-rate")?,
                value: Decimal::new(i64::from(self.below(100)), 2),
                unit: Label::try_new("part des avis proposés")?,
                n: Some(20 + self.below(80)),
            }],
        })
    }

    fn say(&mut self, from: NaiveDate, command: ExperimentCommand) {
        self.write(from, Command::Experiment(self.id, command));
    }

    fn write(&mut self, from: NaiveDate, command: Command) {
        let entry = Entry {
            saying: Saying {
                valid: Validity::from(from),
                source: self.source.clone(),
                synthetic: true,
                corrects: None,
            },
            command,
        };
        let id = CommandId(self.uuid());
        self.entries.push((id, entry));
    }

    fn places(&mut self) -> (&'static Commune, Vec<&'static Commune>) {
        let all = communes();
        loop {
            let at = self.below(u32::try_from(all.len()).unwrap_or(u32::MAX)) as usize;
            let Some(hub) = all.get(at) else { continue };
            if hub
                .population
                .is_some_and(|count| count >= HUB_POPULATION_MIN)
            {
                let neighbours = all
                    .iter()
                    .skip(at)
                    .take(1 + self.below(6) as usize)
                    .filter(|commune| commune.departement == hub.departement)
                    .collect();
                return (hub, neighbours);
            }
        }
    }

    fn start(&mut self) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(2021, 9, 6).unwrap_or_default();
        after(first, 7 * u64::from(self.below(150)))
    }

    fn hours(&mut self, slot: u32) -> Result<WeeklyHours, Refusal> {
        let day = DAYS[slot as usize % DAYS.len()];
        let hours = *self.pick(&["09:00-12:00", "14:00-17:00", "09:00-12:00,14:00-16:00"]);
        WeeklyHours::try_new(&format!("{day} {hours}"))
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let count = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        &choices[self.below(count) as usize]
    }

    fn one_in(&mut self, chances: u32) -> bool {
        self.below(chances) == 0
    }

    /// A number from 0 to `count` - 1.
    fn below(&mut self, count: u32) -> u32 {
        self.rng.next_u32() % count.max(1)
    }

    /// An identity made from the seed, the experiment and the next random number.
    fn uuid(&mut self) -> Uuid {
        let high = u128::from(self.seed ^ (self.index << 16)) << 64;
        uuid::Builder::from_custom_bytes((high | u128::from(self.rng.next_u64())).to_be_bytes())
            .into_uuid()
    }
}

fn after(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

fn before(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}

fn after_months(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(date)
}
