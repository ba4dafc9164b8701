//! Mutations of labelled sites.

use async_graphql::{Context, ID, InputObject, Object, Result};

use super::{
    Intent,
    input::{
        Common, Fields, reason, resumption, site_id, valid_from, valid_from_about, valid_over,
    },
    payloads,
    permanence::hours,
    write,
};
use crate::{
    domain::{
        entry::{Command, Entry},
        refusal::Refusal,
        site::{Labelling, PEOPLE_MAX, SiteCode, SiteEvent, SiteHours, SiteStaff},
        terms::{self, Label, SiteId, Title, Validity, Words},
    },
    graphql::{
        scalars::{Date, InseeCode, OpeningHours},
        types::{
            common::DateCertainty,
            site::{LabelledSite, SiteFormat},
        },
    },
};

payloads! {
    site: LabelledSite, Site, "The site as it now stands.";
    LabelSitePayload, DeclareSiteHoursPayload, DeclareSiteStaffPayload, SuspendLabelPayload,
    ResumeLabelPayload, WithdrawLabelPayload,
}

/// Mutations of labelled sites.
#[derive(Default)]
pub(super) struct SiteMutation;

/// Mutations of labelled sites.
#[Object]
impl SiteMutation {
    /// Record that a site is labelled France Services. It may be labelled again after it lost its
    /// label.
    async fn label_site(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: LabelSiteInput,
    ) -> Result<LabelSitePayload> {
        LabelSitePayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record the hours that a source declares of a labelled site. Several sources may disagree:
    /// all are kept.
    async fn declare_site_hours(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: DeclareSiteHoursInput,
    ) -> Result<DeclareSiteHoursPayload> {
        DeclareSiteHoursPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record how many people a source declares at a labelled site. Several sources may disagree:
    /// all are kept.
    async fn declare_site_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: DeclareSiteStaffInput,
    ) -> Result<DeclareSiteStaffPayload> {
        DeclareSiteStaffPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that the label of a site is suspended.
    async fn suspend_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: SuspendLabelInput,
    ) -> Result<SuspendLabelPayload> {
        SuspendLabelPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that the label of a site is given back.
    async fn resume_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ResumeLabelInput,
    ) -> Result<ResumeLabelPayload> {
        ResumeLabelPayload::new(ctx, write(ctx, input).await?).await
    }

    /// Record that the label of a site is withdrawn.
    async fn withdraw_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: WithdrawLabelInput,
    ) -> Result<WithdrawLabelPayload> {
        WithdrawLabelPayload::new(ctx, write(ctx, input).await?).await
    }
}

/// An entry on a labelled site.
fn to_site(
    common: &Common,
    fields: &mut Fields,
    valid: Validity,
    id: Option<SiteId>,
    event: Option<SiteEvent>,
) -> Option<Entry> {
    let command = id.zip(event).map(|(id, event)| Command::Site(id, event));
    common.entry(fields, valid, command)
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct LabelSiteInput {
    #[graphql(flatten)]
    common: Common,
    /// The site, if its id is already chosen; else the answer tells its new one.
    site_id: Option<ID>,
    /// The first day of the label.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// The last day of the label, where it is announced.
    until: Option<Date>,
    /// The site's name.
    name: String,
    /// Its commune.
    commune: InseeCode,
    /// How it is open to the public.
    format: SiteFormat,
    /// Its address.
    address: Option<String>,
    /// Its number in the national list (`id_fs`), 40 characters at most.
    code: Option<String>,
}

impl Intent for LabelSiteInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = match &self.site_id {
            Some(id) => site_id(fields, "siteId", id),
            None => Some(fields.new_subject(&self.common, SiteId)),
        };
        let name = fields.take("name", Title::try_new(&self.name));
        let commune = fields.take("commune", terms::InseeCode::try_new(&self.commune.0));
        let address = self.address.as_deref().map(Label::try_new).transpose();
        let address = fields.take("address", address);
        let code = self.code.as_deref().map(SiteCode::try_new).transpose();
        let code = fields.take("code", code);
        let event = (|| {
            Some(SiteEvent::Labelled(Labelling {
                name: name?,
                commune: commune?,
                format: self.format.into(),
                address: address?,
                code: code?,
            }))
        })();
        let valid = valid_over(self.from, self.until, self.from_certainty);
        to_site(&self.common, fields, valid, id, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct DeclareSiteHoursInput {
    #[graphql(flatten)]
    common: Common,
    /// The site.
    site_id: ID,
    /// The first day of these hours.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// The last day of these hours, where it is announced: those declared for longer are then in
    /// force again.
    until: Option<Date>,
    /// The hours, word for word as the source declares them.
    verbatim: String,
    /// What they are read as; left out where they cannot be read: they are then kept word for
    /// word, and what would follow from them is unknown.
    hours: Option<OpeningHours>,
}

impl Intent for DeclareSiteHoursInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = site_id(fields, "siteId", &self.site_id);
        let verbatim = fields.take("verbatim", Words::try_new(&self.verbatim));
        let read = match &self.hours {
            Some(asked) => hours(fields, asked).map(Some),
            None => Some(None),
        };
        let event = verbatim
            .zip(read)
            .map(|(verbatim, hours)| SiteEvent::HoursDeclared(SiteHours { verbatim, hours }));
        let valid = valid_over(self.from, self.until, self.from_certainty);
        to_site(&self.common, fields, valid, id, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct DeclareSiteStaffInput {
    #[graphql(flatten)]
    common: Common,
    /// The site.
    site_id: ID,
    /// The first day it is so.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// The last day it is so, where it is announced.
    until: Option<Date>,
    /// How many people who can help with every operator are there whenever it is open, 0 to 50.
    people: u32,
}

impl Intent for DeclareSiteStaffInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = site_id(fields, "siteId", &self.site_id);
        let people = u8::try_from(self.people).map_err(|_| Refusal::PeopleOutOfRange {
            people: self.people.into(),
            max: PEOPLE_MAX,
        });
        let people = fields.take("people", people);
        let event = people.map(|people| SiteEvent::StaffDeclared(SiteStaff { people }));
        let valid = valid_over(self.from, self.until, self.from_certainty);
        to_site(&self.common, fields, valid, id, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct SuspendLabelInput {
    #[graphql(flatten)]
    common: Common,
    /// The site.
    site_id: ID,
    /// The first day.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// The last day, where it is announced.
    until: Option<Date>,
    /// Why.
    reason: String,
}

impl Intent for SuspendLabelInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = site_id(fields, "siteId", &self.site_id);
        let event = reason(fields, &self.reason).map(SiteEvent::Suspended);
        let valid = valid_over(self.from, self.until, self.from_certainty);
        to_site(&self.common, fields, valid, id, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ResumeLabelInput {
    #[graphql(flatten)]
    common: Common,
    /// The site.
    site_id: ID,
    /// The first day of the label again.
    from: Date,
    /// A remark.
    remark: Option<String>,
}

impl Intent for ResumeLabelInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = site_id(fields, "siteId", &self.site_id);
        let event = resumption(fields, self.remark.as_deref()).map(SiteEvent::Resumed);
        to_site(&self.common, fields, valid_from(self.from), id, event)
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct WithdrawLabelInput {
    #[graphql(flatten)]
    common: Common,
    /// The site.
    site_id: ID,
    /// The first day without the label.
    from: Date,
    /// What is known of the first day.
    #[graphql(default_with = "DateCertainty::Exact")]
    from_certainty: DateCertainty,
    /// Why.
    reason: String,
}

impl Intent for WithdrawLabelInput {
    fn common(&self) -> &Common {
        &self.common
    }

    fn entry(self, fields: &mut Fields) -> Option<Entry> {
        let id = site_id(fields, "siteId", &self.site_id);
        let event = reason(fields, &self.reason).map(SiteEvent::Withdrawn);
        let valid = valid_from_about(self.from, self.from_certainty);
        to_site(&self.common, fields, valid, id, event)
    }
}
