//! Published reports.

use std::collections::BTreeMap;

use carnet::domain::{
    event::Event,
    experiment::DeliveryModel,
    report::{Audience, ContentPart, Publication, ReportEvent, ReportKey, ReportScope},
    terms::{ContentText, FileHash, Period, Position, ReportId},
};
use uuid::Uuid;

use crate::samples::{EXPERIMENT, Sample, day, full, plain, slug, text};

const REPORT: ReportId = ReportId(Uuid::from_u128(0xf001));

/// What is published, and what it lies in the log as: made by Python, and by nothing of ours.
pub(crate) const CONTENT: &str = r#"{"title":"Vigny, printemps 2021"}"#;
pub(crate) const PARTS: [&str; 2] = [
    "eNqrVirJLMlJVbJSCstMz6vUUSgo",
    "yswrSc0tKFYwMjAyVKoFAMIoCv0=",
];
pub(crate) const HASH: &str = "826bbea930a7ef2495ad0d847da046af1aed69172265d07c02daef98b73f6eab";

fn report(report: ReportId, event: ReportEvent) -> Event {
    let experiment = match &event {
        ReportEvent::PartStored(_) => None,
        ReportEvent::Published(publication) => publication.scope.experiment,
    };
    Event::Report(ReportKey { report, experiment }, event)
}

pub(crate) fn all() -> Vec<Sample> {
    let least = Publication {
        title: text("Programme, printemps 2021"),
        scope: ReportScope::default(),
        period: Period {
            from: day("2021-04-27"),
            until: day("2021-07-26"),
        },
        audience: Audience::Public,
        known_at: Position(12),
        on: day("2021-07-31"),
        definitions: BTreeMap::new(),
        hash: FileHash::try_new(HASH).unwrap(),
        bytes: 33,
        parts: 2,
        replaces: None,
    };
    let whole = Publication {
        title: text("Vigny, printemps 2021"),
        scope: ReportScope {
            experiment: Some(EXPERIMENT),
            model: Some(DeliveryModel::WeeklyPermanences),
            departement: Some(text("95")),
        },
        audience: Audience::Evaluator,
        definitions: BTreeMap::from([(slug("completed-assists"), 1), (slug("held-rate"), 2)]),
        replaces: Some(REPORT),
        ..least.clone()
    };
    let parts = (0..).zip(PARTS).map(|(index, part)| {
        let text = ContentText::try_new(part.to_owned()).unwrap();
        let part = ReportEvent::PartStored(ContentPart { index, text });
        plain(report(REPORT, part))
    });
    let mut all: Vec<Sample> = parts.collect();
    all.push(full(report(
        REPORT.replacement(),
        ReportEvent::Published(whole),
    )));
    all.push(plain(report(REPORT, ReportEvent::Published(least))));
    all
}

/// Catches: a release that cuts, compresses or checks otherwise than the page on the format tells,
/// so that what was published earlier is lost.
#[test]
fn what_another_implementation_packed_is_unpacked() {
    let parts = PARTS.map(|part| ContentText::try_new(part.to_owned()).unwrap());
    let hash = FileHash::try_new(HASH).unwrap();
    let content = carnet::pack::unpack(&parts, 33, &hash).unwrap();
    assert_eq!(content, CONTENT.as_bytes());
    let packed = carnet::pack::pack(CONTENT.as_bytes()).unwrap();
    assert_eq!((packed.hash, packed.bytes), (hash, 33));
}
