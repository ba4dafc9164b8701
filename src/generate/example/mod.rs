//! The worked example: synthetic activity, costs and baselines for the three experiments of 2021
//! that the demonstration tells. No source tells any of it: each entry is marked as synthetic, and
//! its source says so. What the sources do tell is left as it is, and is not added to.
//!
//! The sessions are those of the permanences that the demonstration has; where it has none, since no
//! source gives their hours, of permanences that are themselves synthetic.

mod means;

use chrono::{NaiveDate, Timelike};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use uuid::{Uuid, uuid};

use super::{
    Maker, Page, after,
    session::{Manner, Session, slugs},
};
use crate::domain::{
    entry::{Command, Entry},
    event::Saying,
    holiday::is_public,
    permanence::{AdviserRole, Appointment, HeldBy, PermanenceCommand, SlotTerms},
    refusal::Refusal,
    session::SessionRef,
    terms::{
        CommandId, ExperimentId, InseeCode, Label, Period, PermanenceId, Slug, Title, Validity,
        VenueId, WeeklyHours,
    },
    venue::{Known, VenueCommand, VenueKind, VenueTerms},
};

/// What the source of each entry of the example begins with; the seed follows.
pub const EXAMPLE_SOURCE: &str = "Exemple synthétique, graine";

/// The subjects of the demonstration, as `demo/experimentations-2021.graphql` names them.
const VIGNY: Uuid = uuid!("00000000-0000-7000-8000-000000000101");
const GRISY_TUESDAY: Uuid = uuid!("00000000-0000-7000-8000-000000000121");
const CORMEILLES_WEDNESDAY: Uuid = uuid!("00000000-0000-7000-8000-000000000122");
const NORD: Uuid = uuid!("00000000-0000-7000-8000-000000000201");
const AGEN: Uuid = uuid!("00000000-0000-7000-8000-000000000301");
const PONT_DU_CASSE: Uuid = uuid!("00000000-0000-7000-8000-000000000311");
const FOULAYRONNES: Uuid = uuid!("00000000-0000-7000-8000-000000000312");

/// The operators of the three experiments, and what each is asked about.
const OPERATORS: [(&str, &str); 9] = [
    ("la-poste", "courrier"),
    ("caf", "prime-activite"),
    ("pole-emploi", "recherche-emploi"),
    ("cnam", "carte-vitale"),
    ("cnav", "retraite"),
    ("msa", "retraite"),
    ("interieur", "carte-grise"),
    ("justice", "acces-aux-droits"),
    ("dgfip", "impots"),
];

/// Whose random numbers: no generated experiment has so high an index, so that none of the same
/// seed has these identities.
const INDEX: u64 = u64::MAX;
/// So many streams of random numbers each experiment has.
const STREAMS_EACH: u64 = 16;
/// One session in so many is written down late,
const LATE: u32 = 12;
/// by so many days; the others on the morrow.
const LATE_DAYS: u64 = 30;
/// Of one session in so many nothing is written at all.
const UNTOLD: u32 = 20;
/// In so many weeks one more user comes to a session,
const WEEKS_TO_GROW: u64 = 3;
/// until so many more do.
const GROWN: u64 = 2;

/// The pages of the example, in the order they are to be written after the demonstration.
///
/// # Errors
/// [`Refusal`] if a term made here were malformed, which the tests exclude.
pub fn example(seed: u64) -> Result<Vec<Page>, Refusal> {
    let mut pages = Vec::new();
    let mut author = Author::new(seed, 0)?;
    let agreement = means::agreement(&mut author)?;
    pages.append(&mut author.pages);
    for (number, tell) in (1..).zip([vigny, nord, agen]) {
        let mut author = Author::new(seed, number * STREAMS_EACH)?;
        let told = tell(&mut author)?;
        means::costs(&mut author, &told, agreement)?;
        pages.append(&mut author.pages);
        for (place, held) in (1..).zip(&told.held) {
            let mut author = Author::new(seed, number * STREAMS_EACH + place)?;
            held.sessions(&mut author, told.period)?;
            pages.append(&mut author.pages);
        }
    }
    // What is written on one day stays in the order it was made.
    pages.sort_by_key(|(written, _)| *written);
    Ok(pages.into_iter().map(|(_, page)| page).collect())
}

/// Writes pages, each on some day, with random numbers of its own.
struct Author {
    maker: Maker,
    pages: Vec<(NaiveDate, Page)>,
}

impl Author {
    fn new(seed: u64, stream: u64) -> Result<Self, Refusal> {
        let mut maker = Maker::new(seed, INDEX)?;
        maker.rng = ChaCha8Rng::seed_from_u64(seed);
        maker.rng.set_stream(INDEX - stream);
        maker.source.label = Label::try_new(&format!("{EXAMPLE_SOURCE} {seed}"))?;
        Ok(Self {
            maker,
            pages: Vec::new(),
        })
    }

    /// Writes one entry, which is of that day or period, down on a day.
    fn write(&mut self, written: NaiveDate, valid: Validity, command: Command) {
        let entry = Entry {
            saying: Saying {
                valid,
                source: self.maker.source.clone(),
                synthetic: true,
                corrects: None,
            },
            command,
        };
        let page = Page {
            command_id: CommandId(self.maker.uuid()),
            entries: vec![entry],
            corrections: Vec::new(),
        };
        self.pages.push((written, page));
    }

    /// A venue that no source names; its name says so.
    fn venue(
        &mut self,
        experiment: Uuid,
        from: NaiveDate,
        commune: &str,
    ) -> Result<VenueId, Refusal> {
        let id = VenueId(self.maker.uuid());
        let commune = InseeCode::try_new(commune)?;
        let agree = VenueCommand::Agree {
            experiment: ExperimentId(experiment),
            terms: VenueTerms {
                name: Title::try_new("Lieu synthétique")?,
                kind: VenueKind::Other,
                commune,
                address: None,
                confidential_space: Known::Unknown,
            },
        };
        self.write(from, Validity::from(from), Command::Venue(id, agree));
        Ok(id)
    }

    /// A permanence that no source tells of.
    fn permanence(&mut self, experiment: Uuid, from: NaiveDate, terms: SlotTerms) -> PermanenceId {
        let id = PermanenceId(self.maker.uuid());
        let schedule = PermanenceCommand::Schedule {
            experiment: ExperimentId(experiment),
            terms,
        };
        let valid = Validity::from(from);
        self.write(from, valid, Command::Permanence(id, schedule));
        id
    }
}

/// An experiment, and what is held there.
struct Told {
    experiment: ExperimentId,
    /// Its first three months.
    period: Period,
    held: Vec<Held>,
}

/// A permanence, and how its sessions go.
struct Held {
    permanence: PermanenceId,
    hours: WeeklyHours,
    departement: &'static str,
    from: NaiveDate,
    manner: Manner,
}

impl Held {
    /// Its sessions up to the end of a period: on the days of its hours, public holidays apart.
    fn sessions(&self, author: &mut Author, period: Period) -> Result<(), Refusal> {
        let hours = self.hours.parsed()?;
        let days = self.from.iter_days();
        for (date, slot) in days
            .take_while(|date| *date <= period.until)
            .filter_map(|date| Some((date, *hours.slots(date).first()?)))
        {
            let maker = &mut author.maker;
            if is_public(date, self.departement) || maker.one_in(UNTOLD) {
                continue;
            }
            let weeks = (date - self.from).num_weeks().unsigned_abs();
            let grown = (weeks / WEEKS_TO_GROW).min(GROWN);
            let manner = Manner {
                visits: self.manner.visits + u32::try_from(grown).unwrap_or_default(),
                ..self.manner.clone()
            };
            let hours = slot.start.hour()..slot.end.hour();
            let of = SessionRef {
                permanence: self.permanence,
                date,
            };
            let written = after(date, if maker.one_in(LATE) { LATE_DAYS } else { 1 });
            let page = Session::new(maker, of, hours, &manner).live();
            author.pages.push((written, page));
        }
        Ok(())
    }
}

fn vigny(author: &mut Author) -> Result<Told, Refusal> {
    let from = day(4, 27);
    let manner = manner(["95177", "95287", "95658"])?;
    let held = [
        (GRISY_TUESDAY, "Tu 09:00-12:00"),
        (CORMEILLES_WEDNESDAY, "We 09:00-12:00"),
    ];
    let held = held.map(|(permanence, hours)| {
        Ok(Held {
            permanence: PermanenceId(permanence),
            hours: WeeklyHours::try_new(hours)?,
            departement: "95",
            from,
            manner: manner.clone(),
        })
    });
    let told = told(VIGNY, from, day(7, 26), held)?;
    means::baselines(author, &told, ["95370", "95535", "95625"])?;
    Ok(told)
}

/// No source gives the hours of the Nord: both the venue and the permanences are synthetic.
fn nord(author: &mut Author) -> Result<Told, Refusal> {
    let from = day(4, 8);
    let venue = author.venue(NORD, from, "59418")?;
    let manner = Manner {
        visits: 3,
        visits_beyond: 5,
        // Nobody comes without an appointment.
        booked: 1,
        ..manner(["59418", "59238", "59594"])?
    };
    let held = ["Mo 14:00-17:00", "We 09:00-12:00", "Fr 09:00-12:00"].map(|hours| {
        let hours = WeeklyHours::try_new(hours)?;
        let terms = SlotTerms {
            venue,
            hours: hours.clone(),
            appointment: Appointment::Required,
            held_by: HeldBy {
                role: AdviserRole::PostalServiceExpert,
                count: 1,
            },
        };
        Ok(Held {
            permanence: author.permanence(NORD, from, terms),
            hours,
            departement: "59",
            from,
            manner: manner.clone(),
        })
    });
    told(NORD, from, day(7, 7), held)
}

/// Of Agen two venues are known, from 7 June on, but no hours.
fn agen(author: &mut Author) -> Result<Told, Refusal> {
    let (from, known) = (day(5, 6), day(6, 7));
    let invented = author.venue(AGEN, from, "47001")?;
    let manner = Manner {
        visits: 0,
        visits_beyond: 4,
        booked: 2,
        ..manner(["47001", "47100", "47209"])?
    };
    let places = [
        (invented, "Mo 09:00-12:00", from),
        (VenueId(PONT_DU_CASSE), "Th 14:00-17:00", known),
        (VenueId(FOULAYRONNES), "Tu 09:00-12:00", known),
    ];
    let held = places.map(|(venue, hours, from)| {
        let hours = WeeklyHours::try_new(hours)?;
        let terms = SlotTerms {
            venue,
            hours: hours.clone(),
            appointment: Appointment::Either,
            held_by: HeldBy {
                role: AdviserRole::DeskOfficer,
                count: 1,
            },
        };
        Ok(Held {
            permanence: author.permanence(AGEN, from, terms),
            hours,
            departement: "47",
            from,
            manner: manner.clone(),
        })
    });
    told(AGEN, from, day(8, 5), held)
}

fn told<const N: usize>(
    experiment: Uuid,
    from: NaiveDate,
    until: NaiveDate,
    held: [Result<Held, Refusal>; N],
) -> Result<Told, Refusal> {
    Ok(Told {
        experiment: ExperimentId(experiment),
        period: Period::try_new(from, until)?,
        held: held.into_iter().collect::<Result<_, _>>()?,
    })
}

/// How sessions go whose users live in some communes.
fn manner(communes: [&str; 3]) -> Result<Manner, Refusal> {
    Ok(Manner {
        operators: slugs(OPERATORS.map(|(code, _)| code))?,
        // Of what lies out of the bundle of services.
        themes: slugs(["internet", "courrier", "logement"])?,
        theme_of: OPERATORS
            .iter()
            .map(|(code, theme)| Ok((Slug::try_new(code)?, Slug::try_new(theme)?)))
            .collect::<Result<_, Refusal>>()?,
        communes: communes
            .iter()
            .map(|code| InseeCode::try_new(code))
            .collect::<Result<_, _>>()?,
        visits: 2,
        visits_beyond: 6,
        cancelled: 14,
        booked: 3,
        satisfaction: 3,
        turned_away: 4,
    })
}

/// A day of 2021.
fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2021, month, day).unwrap_or_default()
}
