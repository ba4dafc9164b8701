//! Published reports: laid down whole, frozen, and replaced once.

use std::collections::BTreeMap;

use carnet::domain::{
    entry::Command,
    event::{Event, Fact, StreamId},
    refusal::Refusal,
    report::{
        Audience, CONTENT_BYTES_MAX, ContentPart, DEFINITIONS_MAX, PARTS_MAX, Publication, Report,
        ReportEvent, ReportKey, ReportScope,
    },
    terms::{ContentText, FileHash, Period, Position, ReportId, Text, text::CONTENT_CHARS_MAX},
    world::World,
};
use uuid::{Uuid, uuid};

use crate::given::{Decided, NORD, VIGNY, date, given, launched, on, slug, title, world};
use crate::sentence::told;

/// The day of the publication.
const DAY: &str = "2021-08-02";
/// A first report.
const FIRST: ReportId = ReportId(Uuid::from_u128(0xF001));

fn part(index: u32, text: &str) -> ReportEvent {
    ReportEvent::PartStored(ContentPart {
        index,
        text: ContentText::try_new(text.to_owned()).unwrap(),
    })
}

/// A report of Vigny, whose content lies in two parts.
fn publication() -> Publication {
    Publication {
        title: title("Vigny, printemps 2021"),
        scope: ReportScope {
            experiment: Some(VIGNY),
            ..ReportScope::default()
        },
        period: Period {
            from: date("2021-04-27"),
            until: date("2021-07-26"),
        },
        audience: Audience::Evaluator,
        known_at: Position(1),
        on: date("2021-07-31"),
        definitions: BTreeMap::from([(slug("completed-assists"), 1)]),
        hash: FileHash::of([0xab; 32]),
        bytes: 1234,
        parts: 2,
        replaces: None,
    }
}

/// The one that takes its place.
fn second() -> Publication {
    Publication {
        hash: FileHash::of([0xac; 32]),
        replaces: Some(FIRST),
        ..publication()
    }
}

fn asked(id: ReportId, event: ReportEvent) -> Command {
    Command::Report(id, event)
}

fn published(publication: Publication) -> ReportEvent {
    ReportEvent::Published(publication)
}

fn fact(id: ReportId, event: ReportEvent) -> Fact {
    let experiment = match &event {
        ReportEvent::PartStored(_) => None,
        ReportEvent::Published(publication) => publication.scope.experiment,
    };
    let key = ReportKey {
        report: id,
        experiment,
    };
    on(DAY).fact(Event::Report(key, event))
}

/// Vigny launched, and both parts of a report laid down.
fn laid_down(id: ReportId) -> Vec<Fact> {
    vec![
        launched(),
        fact(id, part(0, "AAAA")),
        fact(id, part(1, "BBBB")),
    ]
}

/// The first report published, and both parts of the next laid down.
fn followed(id: ReportId) -> Vec<Fact> {
    let mut facts = laid_down(FIRST);
    facts.push(fact(FIRST, published(publication())));
    facts.extend(laid_down(id).split_off(1));
    facts
}

fn report(world: &World, id: ReportId) -> &Report {
    world.report(id).unwrap()
}

/// Catches: a report that is there before its content is, a part that cannot be sent again, one
/// that overwrites another, or one that is added to what was published.
#[test]
fn the_content_is_laid_down_first_and_in_order() {
    let (id, first) = (FIRST, fact(FIRST, part(0, "AAAA")));
    given([])
        .when(on(DAY).entry(asked(id, part(0, "AAAA"))))
        .then_recorded();
    given([])
        .when(on(DAY).entry(asked(id, part(1, "AAAA"))))
        .refused(Refusal::PartOutOfOrder { index: 1, next: 0 });
    given([first.clone()])
        .when(on(DAY).entry(asked(id, part(2, "CCCC"))))
        .refused(Refusal::PartOutOfOrder { index: 2, next: 1 });
    given([first.clone()])
        .when(on(DAY).entry(asked(id, part(0, "BBBB"))))
        .refused(Refusal::PartAlreadyStored { index: 0 });
    let world = given([first])
        .when(on(DAY).entry(asked(id, part(1, "AAAA"))))
        .then_recorded();
    assert_eq!(report(&world, id).parts, 2);
    assert_eq!(report(&world, id).published, None);

    let mut facts = laid_down(id);
    facts.push(fact(id, published(publication())));
    for (index, text) in [(0, "AAAA"), (1, "BBBB")] {
        given(facts.clone())
            .when(on("2021-08-03").entry(asked(id, part(index, text))))
            .then_nothing();
    }
    given(facts)
        .when(on(DAY).entry(asked(id, part(2, "CCCC"))))
        .refused(Refusal::AlreadyPublished { on: date(DAY) });
}

/// Catches: a content without bounds.
#[test]
fn a_content_has_only_so_many_parts() {
    let parts = |count| (0..count).map(|index| fact(FIRST, part(index, "AAAA")));
    given(parts(PARTS_MAX - 1))
        .when(on(DAY).entry(asked(FIRST, part(PARTS_MAX - 1, "AAAA"))))
        .then_recorded();
    given(parts(PARTS_MAX))
        .when(on(DAY).entry(asked(FIRST, part(PARTS_MAX, "AAAA"))))
        .refused(Refusal::ContentTooLong { max: PARTS_MAX });
}

/// Catches: a report published twice, or once more because it was asked for again.
#[test]
fn a_report_is_published_once() {
    let world = given(laid_down(FIRST))
        .when(on(DAY).entry(asked(FIRST, published(publication()))))
        .then_recorded();
    let known = report(&world, FIRST);
    assert_eq!(known.published.as_ref().unwrap().what, publication());
    let event = &world.journal(StreamId::Report(FIRST)).last().unwrap().fact;
    assert_eq!(event.event.experiment(), Some(VIGNY));

    let mut facts = laid_down(FIRST);
    facts.push(fact(FIRST, published(publication())));
    let other = Publication {
        hash: FileHash::of([0xac; 32]),
        ..publication()
    };
    given(facts.clone())
        .when(on(DAY).entry(asked(FIRST, published(other))))
        .refused(Refusal::AlreadyPublished { on: date(DAY) });
    given(facts)
        .when(on("2021-08-03").entry(asked(FIRST, published(publication()))))
        .refused(Refusal::AlreadyPublished { on: date(DAY) });
}

/// A publication that says something else than the good one.
fn wrong(change: impl FnOnce(&mut Publication)) -> Decided {
    let mut asked_for = publication();
    change(&mut asked_for);
    given(laid_down(FIRST)).when(on(DAY).entry(asked(FIRST, published(asked_for))))
}

/// Catches: a report of nothing, of what is not known yet, of a time that never was, or one whose
/// content cannot be all there.
#[test]
fn what_is_published_can_be_so() {
    wrong(|it| it.known_at = Position(4)).refused(Refusal::ReportAhead {
        position: Position(4),
        head: Position(3),
    });
    let (from, until) = (date("2021-07-26"), date("2021-04-27"));
    wrong(|it| it.period = Period { from, until }).refused(Refusal::PeriodInverted { from, until });
    let date = date("1989-12-31");
    wrong(|it| it.on = date).refused(Refusal::DateOutOfRange { date });
    wrong(|it| it.scope.experiment = Some(NORD)).refused(Refusal::UnknownExperiment);
    let code = Text::try_new("96").unwrap();
    wrong(|it| it.scope.departement = Some(code.clone()))
        .refused(Refusal::UnknownDepartement { code: code.clone() });
    let max = CONTENT_BYTES_MAX;
    for bytes in [0, max + 1] {
        wrong(|it| it.bytes = bytes).refused(Refusal::ContentOutOfRange { bytes, max });
    }
    for parts in [0, 1, 3] {
        wrong(|it| it.parts = parts).refused(Refusal::ContentIncomplete { parts, stored: 2 });
    }
    let many = |count: usize| (0..count).map(|number| (slug(&format!("code-{number}")), 1));
    let max = DEFINITIONS_MAX;
    wrong(|it| it.definitions = many(DEFINITIONS_MAX + 1).collect())
        .refused(Refusal::TooMany { max });
    let largest = Publication {
        known_at: Position(3),
        bytes: CONTENT_BYTES_MAX,
        definitions: many(DEFINITIONS_MAX).collect(),
        scope: ReportScope {
            departement: Some(Text::try_new("2A").unwrap()),
            ..publication().scope
        },
        ..publication()
    };
    given(laid_down(FIRST))
        .when(on(DAY).entry(asked(FIRST, published(largest))))
        .then_recorded();
}

/// Catches: a publication before anything of its content is there.
#[test]
fn nothing_is_published_without_a_content() {
    given([launched()])
        .when(on(DAY).entry(asked(FIRST, published(publication()))))
        .refused(Refusal::ContentIncomplete {
            parts: 2,
            stored: 0,
        });
}

/// Catches: two reports in the place of one; a version that nobody finds from what it replaces; one
/// that hides what was told to others, or of something else.
#[test]
fn one_report_takes_the_place_of_another() {
    let next = FIRST.replacement();
    let world = given(followed(next))
        .when(on(DAY).entry(asked(next, published(second()))))
        .then_recorded();
    // Its own stream tells nothing of what replaced it.
    assert_eq!(report(&world, FIRST).version, 3);

    let mut replaced = followed(next);
    replaced.push(fact(next, published(second())));
    let other = Publication {
        hash: FileHash::of([0xad; 32]),
        ..second()
    };
    given(replaced)
        .when(on(DAY).entry(asked(next, published(other))))
        .refused(Refusal::AlreadyReplaced { on: date(DAY) });

    let elsewhere = ReportId(Uuid::from_u128(0xF002));
    given(followed(elsewhere))
        .when(on(DAY).entry(asked(elsewhere, published(second()))))
        .refused(Refusal::ReportIdentity);
    given(laid_down(next))
        .when(on(DAY).entry(asked(next, published(second()))))
        .refused(Refusal::UnknownReport);
    let unpublished = laid_down(FIRST)
        .into_iter()
        .chain(laid_down(next).split_off(1));
    given(unpublished)
        .when(on(DAY).entry(asked(next, published(second()))))
        .refused(Refusal::UnknownReport);
    for other in [
        Publication {
            scope: ReportScope::default(),
            ..second()
        },
        Publication {
            audience: Audience::Public,
            ..second()
        },
    ] {
        given(followed(next))
            .when(on(DAY).entry(asked(next, published(other))))
            .refused(Refusal::ReportOfAnotherScope);
    }
    // Over other days it may be.
    let longer = Publication {
        period: Period {
            from: date("2021-04-27"),
            until: date("2021-07-31"),
        },
        ..second()
    };
    given(followed(next))
        .when(on(DAY).entry(asked(next, published(longer))))
        .then_recorded();
}

/// Catches: an identity that follows otherwise than the reports of an earlier release do, and a
/// report that takes the one kept for the version to come, so that there can be none.
#[test]
fn the_identity_of_the_next_version_is_kept_for_it() {
    let known = uuid!("7f530a72-b46d-5c14-ba7f-41d2cfc7ed41");
    assert_eq!(FIRST.replacement(), ReportId(known));
    assert_ne!(FIRST.replacement().replacement(), FIRST.replacement());
    given(laid_down(FIRST.replacement()))
        .when(on(DAY).entry(asked(FIRST.replacement(), published(publication()))))
        .refused(Refusal::ReportIdentity);
}

/// Catches: a report that reads otherwise tomorrow.
#[test]
fn a_report_is_frozen() {
    let mut facts = laid_down(FIRST);
    facts.push(fact(FIRST, published(publication())));
    let other = Publication {
        title: title("Vigny, été 2021"),
        ..publication()
    };
    for (position, command) in [
        (2, asked(FIRST, part(0, "CCCC"))),
        (4, asked(FIRST, published(other))),
        (4, asked(FIRST, published(publication()))),
        (2, Command::Retract(StreamId::Report(FIRST))),
        (4, Command::Retract(StreamId::Report(FIRST))),
        // Of another subject, or of none.
        (1, Command::Retract(StreamId::Report(FIRST))),
        (9, Command::Retract(StreamId::Report(FIRST))),
    ] {
        let correction = on(DAY).correcting(position).entry(command);
        if [2, 4].contains(&position) {
            given(facts.clone())
                .when(correction)
                .refused(Refusal::ReportFrozen);
        } else {
            given(facts.clone())
                .when(correction)
                .refused(Refusal::NotCorrectable {
                    position: Position(position),
                });
        }
    }
    // Nor is the launch any less retracted for it: a report tells what was known.
    given(facts)
        .when(
            on(DAY)
                .correcting(1)
                .entry(Command::Retract(StreamId::Experiment(VIGNY))),
        )
        .then_recorded();
}

/// Catches: a part that is no base64, so that a content is lost once it is published.
#[test]
fn parts_are_well_formed() {
    let largest = "A".repeat(CONTENT_CHARS_MAX);
    for good in ["AAAA", "A+/9", "AAA=", "AA==", "AAAABB==", &largest] {
        let text = ContentText::try_new(good.to_owned()).unwrap();
        assert_eq!(text.as_str(), good);
    }
    let longer = "A".repeat(CONTENT_CHARS_MAX + 4);
    for bad in [
        "", "AAA", "AAAAA", "A===", "====", "A=AA", "AA=A", "AA-_", "AAA\n", "AAé", &longer,
    ] {
        assert_eq!(
            ContentText::try_new(bad.to_owned()),
            Err(Refusal::MalformedContent {
                max: CONTENT_CHARS_MAX
            }),
            "{bad:?}"
        );
    }
}

#[test]
fn reports_are_told_in_french() {
    told(
        &fact(FIRST, part(0, &"A".repeat(CONTENT_CHARS_MAX))),
        "Partie 1 du contenu d'un rapport mise au journal (40\u{202f}000 caractères).",
    );
    let many = Publication {
        known_at: Position(1234),
        ..publication()
    };
    told(
        &fact(FIRST, published(many)),
        "Rapport « Vigny, printemps 2021 » publié le 2 août 2021 pour les évaluateurs, arrêté à la \
         position 1\u{202f}234, du 27 avril 2021 au 26 juillet 2021 (sha256 abababababab).",
    );
    let public = Publication {
        audience: Audience::Public,
        ..second()
    };
    told(
        &fact(FIRST, published(public)),
        "Rapport « Vigny, printemps 2021 » publié le 2 août 2021 pour tous, arrêté à la position 1, \
         du 27 avril 2021 au 26 juillet 2021 (sha256 acacacacacac) ; il remplace une version \
         antérieure.",
    );
}

/// Catches: the text of a part in what is printed of it by a fault or a test.
#[test]
fn a_part_is_not_printed() {
    let shown = format!("{:?}", part(0, "QUJD"));
    assert!(!shown.contains("QUJD"), "{shown}");
    assert_eq!(world(&laid_down(FIRST)).report(FIRST).unwrap().parts, 2);
}
