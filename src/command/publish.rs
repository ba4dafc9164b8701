//! Publications: a report and its content, written as one command. All of it is there, or nothing.

use super::{CommandError, Commands, Outcome, fingerprint, outcome, page::Page, page::Verdict};
use crate::{
    domain::{
        entry::{Command, Entry},
        event::{Saying, StreamId},
        refusal::Refusal,
        report::{Audience, ContentPart, Publication, ReportEvent, ReportScope},
        terms::{CommandId, Label, Period, Position, ReportId, Slug, Title},
        world::World,
    },
    limits::COMMAND_RETRIES_MAX,
    pack::{PackError, Packed, pack},
};

use std::collections::BTreeMap;

use chrono::NaiveDate;

/// A report to be published, by whom, under which identity.
#[derive(Debug, Clone)]
pub struct Publishing {
    /// The idempotency key of the whole.
    pub command_id: CommandId,
    /// Who asks.
    pub actor: Label,
    /// When it is published, on what source.
    pub saying: Saying,
    /// Which report it is.
    pub place: Place,
    /// What it is called.
    pub title: Title,
    /// Of what it is.
    pub scope: ReportScope,
    /// Over which days.
    pub period: Period,
    /// Whom it is for.
    pub audience: Audience,
    /// What was known: the events up to this position.
    pub known_at: Position,
    /// The day that "today" stood for.
    pub on: NaiveDate,
    /// What its indicators meant: the version of the definition, by the indicator's code.
    pub definitions: BTreeMap<Slug, u32>,
    /// Its content.
    pub content: Vec<u8>,
}

/// Which report is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A first one, under an identity that its creator chose: no UUID of version 5.
    New(ReportId),
    /// The one that takes the place of an older one.
    Of(ReportId),
}

impl Place {
    /// The identity of the report that is published.
    #[must_use]
    pub fn id(self) -> ReportId {
        match self {
            Self::New(id) => id,
            Self::Of(older) => older.replacement(),
        }
    }

    const fn replaces(self) -> Option<ReportId> {
        match self {
            Self::New(_) => None,
            Self::Of(older) => Some(older),
        }
    }
}

impl Publishing {
    /// The publication, of a content that lies in so many parts.
    fn publication(&self, packed: &Packed, parts: u32) -> Entry {
        self.entry(ReportEvent::Published(Publication {
            title: self.title.clone(),
            scope: self.scope.clone(),
            period: self.period,
            audience: self.audience,
            known_at: self.known_at,
            on: self.on,
            definitions: self.definitions.clone(),
            hash: packed.hash.clone(),
            bytes: packed.bytes,
            parts,
            replaces: self.place.replaces(),
        }))
    }

    fn entry(&self, event: ReportEvent) -> Entry {
        Entry {
            saying: self.saying.clone(),
            command: Command::Report(self.place.id(), event),
        }
    }

    /// Its entries: the parts, and the publication. Of a report that is published already, in so
    /// many parts, the publication alone: whether it is the same is told by what it says of the
    /// content, not by how that was cut.
    fn entries(&self, packed: &Packed, published: Option<u32>) -> Vec<Entry> {
        if let Some(parts) = published {
            return vec![self.publication(packed, parts)];
        }
        let mut entries: Vec<Entry> = (0..)
            .zip(&packed.parts)
            .map(|(index, text)| {
                let text = text.clone();
                self.entry(ReportEvent::PartStored(ContentPart { index, text }))
            })
            .collect();
        let parts = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        entries.push(self.publication(packed, parts));
        entries
    }
}

impl Commands {
    /// Publishes a report: its content and its publication are written in one batch. Asked again
    /// under the same id, it answers what it answered first; a report that is published already, in
    /// the same terms and with the same content, is already so.
    ///
    /// # Errors
    /// The [`CommandError`] that says why nothing was written.
    pub async fn publish(&self, publishing: &Publishing) -> Result<Outcome, CommandError> {
        if let Some(why) = self.log.read_only() {
            return Err(CommandError::ReadOnly(why));
        }
        let packed = pack(&publishing.content).map_err(|error| match error {
            PackError::Refused(refusal) => CommandError::Refused(refusal),
            PackError::Compression(error) => CommandError::TooLarge(error.to_string()),
        })?;
        // Of what is asked, not of how a release cuts it into parts.
        let fingerprint = fingerprint(&publishing.publication(&packed, 0))?;
        let subject = StreamId::Report(publishing.place.id());
        let _turn = self.turn(subject).lock().await;
        for _ in 0..COMMAND_RETRIES_MAX {
            let earlier = self.earlier(publishing.command_id, fingerprint).await?;
            if let Some(outcome) = earlier {
                return Ok(outcome);
            }
            let published = self.published(publishing.place.id()).await?;
            let page = Page {
                command_id: publishing.command_id,
                actor: publishing.actor.clone(),
                entries: publishing.entries(&packed, published),
            };
            self.check(&page)?;
            let decided = self.decide_page(&page).await?;
            if let Some(refusal) = refusal(&decided.verdicts) {
                return Err(CommandError::Refused(refusal));
            }
            if decided.facts.is_empty() {
                return Ok(Outcome {
                    position: self.head(),
                    written: Vec::new(),
                });
            }
            if let Some(appended) = self.append_page(&page, fingerprint, decided).await? {
                return Ok(outcome(appended));
            }
        }
        Err(CommandError::Contended)
    }

    /// In how many parts the content of a report lies; nothing where it is not published.
    async fn published(&self, report: ReportId) -> Result<Option<u32>, CommandError> {
        let mut world = World::default();
        for recorded in self.history(StreamId::Report(report)).await? {
            world.apply(recorded);
        }
        let known = world.report(report);
        let published = known.and_then(|known| known.published.as_ref());
        Ok(published.map(|published| published.what.parts))
    }
}

/// Why a publication is not written: what refuses the publication itself says more than what
/// refuses a part.
fn refusal(verdicts: &[Verdict]) -> Option<Refusal> {
    let refused = |verdict: &Verdict| match verdict {
        Verdict::Refused(refusal) => Some(refusal.clone()),
        Verdict::Recorded | Verdict::Already => None,
    };
    let last = verdicts.last().and_then(refused);
    last.or_else(|| verdicts.iter().find_map(refused))
}
