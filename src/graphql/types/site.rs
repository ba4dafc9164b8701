//! Labelled sites.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::{
    common::{InterruptionView, Provenance},
    decision::Closure,
    page::EventConnection,
    place::Commune,
};
use crate::{
    domain::{
        calendar::instant,
        event::{Stated, StreamId},
        site::{self as domain, Labelling},
        stretch::Stretch,
        terms::{SiteId, Text, hours::Slot},
    },
    graphql::{
        api,
        id::NodeId,
        scalars::{Date, Instant, OpeningHours, Position},
    },
    read::{At, Found, history::Of},
};

/// A labelled site (espace labellise France Services).
pub(in crate::graphql) struct LabelledSite {
    at: At,
    found: Found<SiteId, domain::Site>,
}

impl LabelledSite {
    pub(in crate::graphql) const fn new(at: At, found: Found<SiteId, domain::Site>) -> Self {
        Self { at, found }
    }

    /// The site, as known at the moment; `None` if it is not.
    pub(in crate::graphql) async fn find(
        ctx: &Context<'_>,
        at: At,
        id: SiteId,
    ) -> Option<Result<Self>> {
        let api = api(ctx);
        match api.reads.site(at, id).await {
            Ok(found) => found.map(|found| Ok(Self::new(at, found))),
            Err(error) => Some(Err(api.failed_read(&error).into())),
        }
    }

    fn day(&self, on: Option<Date>) -> chrono::NaiveDate {
        on.map_or(self.at.on, |day| day.0)
    }

    fn labelling(&self) -> Option<&Labelling> {
        let labelling = self.found.state.labelling_on(self.at.on);
        labelling.map(|labelling| &labelling.what)
    }
}

/// A labelled site (espace labellise France Services): a place of the network, what was declared
/// of its hours and of its staff, and whether it keeps its label.
#[Object]
impl LabelledSite {
    /// The opaque id.
    pub(in crate::graphql) async fn id(&self) -> ID {
        NodeId::from(StreamId::Site(self.found.id)).into()
    }

    /// How many events it has: what an update expects.
    async fn version(&self) -> u64 {
        self.found.state.version
    }

    /// Its name, under its last label.
    async fn name(&self) -> &str {
        self.labelling()
            .map_or("", |labelling| labelling.name.as_str())
    }

    /// Its commune.
    async fn commune(&self) -> Option<Commune> {
        self.labelling().map(|labelling| labelling.commune.into())
    }

    /// How it is open to the public.
    async fn format(&self) -> Option<SiteFormat> {
        self.labelling().map(|labelling| labelling.format.into())
    }

    /// Its address.
    async fn address(&self) -> Option<&str> {
        self.labelling()?.address.as_ref().map(Text::as_str)
    }

    /// Its number in the national list (`id_fs`).
    async fn code(&self) -> Option<&str> {
        self.labelling()?.code.as_ref().map(Text::as_str)
    }

    /// What there is of its label on a day, today unless told.
    async fn label_status(&self, #[graphql(desc = "The day.")] on: Option<Date>) -> LabelStatus {
        self.found.state.label_on(self.day(on)).into()
    }

    /// The stretches of days over which it bears the label, in the order they were recorded.
    async fn labels(&self) -> Vec<SiteLabel> {
        let labels = self.found.state.labels.all().iter();
        labels.map(Into::into).collect()
    }

    /// The suspensions of its label.
    async fn suspensions(&self) -> Vec<InterruptionView> {
        let suspensions = self.found.state.suspensions.all().iter();
        suspensions.map(Into::into).collect()
    }

    /// The withdrawals of its label, in the order they were recorded.
    async fn withdrawals(&self) -> Vec<Closure> {
        let withdrawals = self.found.state.withdrawals.iter();
        withdrawals.map(Into::into).collect()
    }

    /// The hours in force on a day, today unless told: of those declared for it, the ones that
    /// began last.
    async fn hours(&self, #[graphql(desc = "The day.")] on: Option<Date>) -> Option<SiteHours> {
        let hours = self.found.state.hours_in_force(self.day(on))?;
        Some(hours.into())
    }

    /// All hours that sources declare, by their first day, side by side where they disagree.
    async fn declared_hours(&self) -> Vec<SiteHours> {
        self.found.state.hours.iter().map(Into::into).collect()
    }

    /// The staff in force on a day, today unless told, by the rule of the hours.
    async fn staff(&self, #[graphql(desc = "The day.")] on: Option<Date>) -> Option<SiteStaff> {
        let staff = self.found.state.staff_in_force(self.day(on))?;
        Some(staff.into())
    }

    /// All staff that sources declare, by the first day it is so, side by side where they disagree.
    async fn declared_staff(&self) -> Vec<SiteStaff> {
        self.found.state.staff.iter().map(Into::into).collect()
    }

    /// What it opens on a day, today unless told, by the hours in force; nothing on a public
    /// holiday, unless the hours themselves say what happens then. Absent where that is unknown.
    async fn openings(
        &self,
        #[graphql(desc = "The day.")] on: Option<Date>,
    ) -> Option<Vec<SiteOpening>> {
        let (day, state) = (self.day(on), &self.found.state);
        let slots = state.hours_on(day)?;
        let departement = state.labelling_on(day)?.what.commune;
        let departement = departement.departement();
        let openings = slots.iter().map(|slot| SiteOpening::new(slot, departement));
        Some(openings.collect())
    }

    /// Where it stands by what the label asks for, on a day, today unless told.
    async fn label_floor(&self, #[graphql(desc = "The day.")] on: Option<Date>) -> LabelFloor {
        let day = self.day(on);
        let state = &self.found.state;
        let floor = state.label_floor(day);
        LabelFloor {
            on: Date(day),
            verdict: floor.verdict().into(),
            days_a_week: floor.days_a_week.map(Into::into),
            minutes_a_week: floor.minutes_a_week,
            people: floor.people.map(Into::into),
            hours: state.hours_in_force(day).map(Into::into),
            staff: state.staff_in_force(day).map(Into::into),
        }
    }

    /// What was recorded of it, in that order; absent where the page is refused.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this position.")] after: Option<Position>,
    ) -> Option<Result<EventConnection>> {
        let subject = Of::Subject(StreamId::Site(self.found.id));
        Some(Box::pin(EventConnection::read(ctx, self.at, subject, first, after)).await)
    }
}

/// How a labelled site is open to the public (`format_fs` of the national list).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::SiteFormat")]
pub(in crate::graphql) enum SiteFormat {
    /// Fixe: at one place.
    Fixed,
    /// Multisites: at several places that share the label.
    MultiSite,
    /// Itinerante: it travels.
    Itinerant,
    /// Bus equivalent: a vehicle that counts as a site.
    BusEquivalent,
}

/// What there is of a label on a day.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::LabelStatus")]
pub(in crate::graphql) enum LabelStatus {
    /// No label is known to have begun.
    NotYet,
    /// The site bears it.
    Labelled,
    /// It is suspended.
    Suspended,
    /// It was withdrawn, or came to its announced end.
    Ended,
}

/// A stretch of days over which a site bears the label, and what was labelled.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SiteLabel {
    /// The first day.
    from: Date,
    /// The last day: announced, or the eve of the withdrawal; absent while it is open.
    until: Option<Date>,
    /// The site's name.
    name: String,
    /// Its commune.
    commune: Commune,
    /// How it is open to the public.
    format: SiteFormat,
    /// Its address.
    address: Option<String>,
    /// Its number in the national list (`id_fs`).
    code: Option<String>,
    /// How it came to be known.
    provenance: Provenance,
}

impl From<&Stretch<Labelling>> for SiteLabel {
    fn from(label: &Stretch<Labelling>) -> Self {
        let labelling = &label.stated.what;
        Self {
            from: Date(label.from()),
            until: label.until.map(Date),
            name: labelling.name.to_string(),
            commune: labelling.commune.into(),
            format: labelling.format.into(),
            address: labelling.address.as_ref().map(ToString::to_string),
            code: labelling.code.as_ref().map(ToString::to_string),
            provenance: (&label.stated).into(),
        }
    }
}

/// Hours, as a source declares them.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SiteHours {
    /// Word for word.
    verbatim: String,
    /// What they are read as; absent where they cannot be read.
    hours: Option<OpeningHours>,
    /// How they came to be known; they are valid from their first day.
    provenance: Provenance,
}

impl From<&Stated<domain::SiteHours>> for SiteHours {
    fn from(stated: &Stated<domain::SiteHours>) -> Self {
        let hours = stated.what.hours.as_ref();
        Self {
            verbatim: stated.what.verbatim.to_string(),
            hours: hours.map(|hours| OpeningHours(hours.to_string())),
            provenance: stated.into(),
        }
    }
}

/// Who is there, as a source declares it.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SiteStaff {
    /// How many polyvalent people are there whenever it is open.
    people: u32,
    /// How it came to be known; it is valid from the first day it is so.
    provenance: Provenance,
}

impl From<&Stated<domain::SiteStaff>> for SiteStaff {
    fn from(stated: &Stated<domain::SiteStaff>) -> Self {
        Self {
            people: stated.what.people.into(),
            provenance: stated.into(),
        }
    }
}

/// A stretch that a site opens.
#[derive(SimpleObject)]
pub(in crate::graphql) struct SiteOpening {
    /// When it opens, with the offset of the site's time zone.
    starts_at: Instant,
    /// When it closes, with the offset of the site's time zone.
    ends_at: Instant,
}

impl SiteOpening {
    fn new(slot: &Slot, departement: &str) -> Self {
        let at = |local: chrono::NaiveDateTime| instant(local.date(), local.time(), departement);
        Self {
            starts_at: at(slot.start).into(),
            ends_at: at(slot.end).into(),
        }
    }
}

/// Where a site stands by what the label asks for: at least 5 days a week, at least 24 hours a
/// week, with at least two polyvalent people. What is unknown is absent: it is neither nothing nor
/// enough. It is no rank, and says nothing of how well a site serves.
#[derive(SimpleObject)]
pub(in crate::graphql) struct LabelFloor {
    /// The day.
    on: Date,
    /// Whether it is at the floor.
    verdict: FloorVerdict,
    /// On how many days it opens in an ordinary week, without public holidays.
    days_a_week: Option<u32>,
    /// How many minutes it opens in that week.
    minutes_a_week: Option<u32>,
    /// How many polyvalent people are there whenever it is open.
    people: Option<u32>,
    /// The declaration that days and minutes follow from; other sources may declare otherwise.
    hours: Option<SiteHours>,
    /// The declaration that the people follow from.
    staff: Option<SiteStaff>,
}

/// Whether a site is at the floor of its label.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "LabelFloorVerdict", remote = "domain::FloorVerdict")]
pub(in crate::graphql) enum FloorVerdict {
    /// All is known, and nothing falls short.
    Meets,
    /// Something that is known falls short.
    Fails,
    /// Nothing that is known falls short, and something is unknown.
    Undetermined,
}
