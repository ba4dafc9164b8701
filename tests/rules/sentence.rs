//! Every event as a sentence that a French reader would have written.

use carnet::domain::{
    adviser::{AdviserEvent, Registration, Renaming},
    event::{Fact, StreamId},
    experiment::{
        AssertedEnd, Closure, Comparison, Criterion, DeliveryModel, ExperimentEvent, Ground,
        MadePermanent, Resumption, Statement, Topic,
    },
    permanence::{AdviserRole, Appointment, HeldBy, PermanenceEvent, SlotChange},
    sentence::tell,
    terms::Sealed,
    venue::{Known, VenueEvent, VenueKind},
};

use crate::given::{
    ADVISER, CORMEILLES, GRISY, OFFICE, START, cormeilles_agreed, criteria, date, evidence,
    extension, extension_refusal, grisy_agreed, grisy_withdrawn, hours, insee, launch, launched,
    on, operator, reason, resumption, scheduled, slug, to_venue, town_hall, words,
};

fn name_of(id: StreamId) -> Option<String> {
    if id == GRISY.into() {
        Some("Mairie de Grisy-les-Plâtres".to_owned())
    } else {
        (id == OFFICE.into()).then(|| "Vigny".to_owned())
    }
}

#[track_caller]
pub(crate) fn told(fact: &Fact, sentence: &str) {
    assert_eq!(tell(fact, name_of), sentence);
}

fn remarked(text: &str) -> Resumption {
    Resumption {
        remark: Some(words(text)),
    }
}

/// The bug it catches: a sentence that tells a name, or what it is sealed in.
#[test]
fn advisers_without_their_names() {
    let name = Sealed::try_new(ADVISER.person(), "AAAA".to_owned()).unwrap();
    for (role, french) in [
        (AdviserRole::DeskOfficer, "chargé de clientèle"),
        (AdviserRole::PostalServiceExpert, "facteur services-expert"),
        (AdviserRole::Adviser, "conseiller"),
    ] {
        let registration = Registration {
            name: name.clone(),
            role,
        };
        told(
            &on(START).fact(AdviserEvent::Registered(registration)),
            &format!(
                "Conseiller inscrit à compter du 27 avril 2021 ({french}) ; son nom est scellé."
            ),
        );
    }
    told(
        &on("2021-06-01").fact(AdviserEvent::Renamed(Renaming { name })),
        "Changement de nom d'un conseiller à compter du 1er juin 2021 ; son nom est scellé.",
    );
    told(
        &on("2021-06-03").fact(AdviserEvent::Erased(reason("Demande écrite"))),
        "Personne effacée le 3 juin 2021 : Demande écrite.",
    );
}

#[test]
fn criteria_fixed() {
    let mut fixed = criteria();
    fixed.criteria.push(Criterion {
        indicator: slug("delai-median"),
        comparison: Comparison::AtMost,
        threshold: "7.50".parse().unwrap(),
        minimum_n: 20,
    });
    told(
        &on("2021-04-01").fact(ExperimentEvent::CriteriaFixed(fixed)),
        "Critères de réussite de « Vigny en mobilité » fixés le 1er avril 2021 : \
         satisfaction-moyenne au moins 4 (n minimal 30) ; delai-median au plus 7,5 (n minimal 20).",
    );
}

#[test]
fn launched_on_or_by_a_day() {
    told(
        &launched(),
        "Expérimentation « Vigny en mobilité » lancée le 27 avril 2021 (Bureau de poste de \
         Vigny, à Vigny) : permanences hebdomadaires ; 3 communes ; 3 opérateurs ; prévue jusqu'au \
         27 juillet 2021.",
    );
    let mut roving = launch();
    roving.model = DeliveryModel::RovingDesk;
    roving.zone = [insee("95658")].into();
    roving.operators = vec![operator("caf", "CAF")];
    told(
        &on("2021-06-07")
            .at_the_latest()
            .fact(ExperimentEvent::Launched(roving)),
        "Expérimentation « Vigny en mobilité » lancée au plus tard le 7 juin 2021 (Bureau de \
         poste de Vigny, à Vigny) : guichet itinérant pendant des travaux ; 1 commune ; 1 opérateur ; \
         prévue jusqu'au 27 juillet 2021.",
    );
}

#[test]
fn end_asserted() {
    let fact = |words| {
        on("2021-05-17").fact(ExperimentEvent::EndAsserted(AssertedEnd {
            end: date("2021-06-30"),
            words,
        }))
    };
    told(
        &fact(Some(words("fin juin"))),
        "Fin annoncée au 30 juin 2021 (« fin juin »), selon une source du 17 mai 2021.",
    );
    told(
        &fact(None),
        "Fin annoncée au 30 juin 2021, selon une source du 17 mai 2021.",
    );
}

#[test]
fn statement_recorded() {
    let fact = |topic| {
        on("2021-05-07").fact(ExperimentEvent::StatementRecorded(Statement {
            topic,
            words: words("plus de 79 rendez-vous depuis début avril"),
        }))
    };
    for (topic, about) in [
        (Topic::Model, "le modèle"),
        (Topic::Venues, "les lieux"),
        (Topic::HubHours, "les horaires du bureau"),
        (Topic::Activity, "l'activité"),
        (Topic::Funding, "le financement"),
        (Topic::Other, "autre sujet"),
    ] {
        told(
            &fact(topic),
            &format!(
                "Assertion relevée le 7 mai 2021 ({about}) : plus de 79 rendez-vous depuis début \
                 avril."
            ),
        );
    }
}

#[test]
fn extended_or_not() {
    let mut both = extension("2021-10-27");
    both.grounds.insert(Ground::ModelRelevance);
    told(
        &on("2021-07-20").fact(ExperimentEvent::Extended(both)),
        "Expérimentation prolongée jusqu'au 27 octobre 2021, par décision du 20 juillet 2021 \
         (premiers retours des usagers, pertinence du modèle) : Les premiers retours sont bons.",
    );
    told(
        &on("2021-07-20").fact(ExperimentEvent::ExtensionRefused(extension_refusal())),
        "Prolongation refusée le 20 juillet 2021 (pertinence du modèle) : Les premiers retours \
         sont bons.",
    );
}

#[test]
fn suspended_and_resumed() {
    let suspended = || ExperimentEvent::Suspended(reason("Crise sanitaire !"));
    told(
        &on("2021-06-01").fact(suspended()),
        "Expérimentation suspendue à compter du 1er juin 2021 : Crise sanitaire !",
    );
    told(
        &on("2021-06-01").until("2021-06-15").fact(suspended()),
        "Expérimentation suspendue du 1er juin 2021 au 15 juin 2021 inclus : Crise sanitaire !",
    );
    told(
        &on("2021-06-01").at_the_latest().fact(suspended()),
        "Expérimentation suspendue au plus tard le 1er juin 2021 : Crise sanitaire !",
    );
    told(
        &on("2021-06-01")
            .until("2021-06-15")
            .at_the_latest()
            .fact(suspended()),
        "Expérimentation suspendue au plus tard le 1er juin 2021, jusqu'au 15 juin 2021 inclus : \
         Crise sanitaire !",
    );
    told(
        &on("2021-06-16").fact(ExperimentEvent::Resumed(resumption())),
        "Expérimentation reprise à compter du 16 juin 2021.",
    );
    told(
        &on("2021-06-16").fact(ExperimentEvent::Resumed(remarked("Avec des masques"))),
        "Expérimentation reprise à compter du 16 juin 2021 : Avec des masques.",
    );
}

#[test]
fn made_permanent_or_closed() {
    told(
        &on("2021-09-01").fact(ExperimentEvent::MadePermanent(MadePermanent {
            evidence: evidence(1),
        })),
        "Expérimentation pérennisée à compter du 1er septembre 2021 : Les premiers retours sont \
         bons.",
    );
    told(
        &on("2021-07-28").fact(ExperimentEvent::Closed(Closure {
            reason: words("Fin prévue."),
            evidence: None,
        })),
        "Expérimentation close à compter du 28 juillet 2021 : Fin prévue.",
    );
}

#[test]
fn hub_closed_and_reopened() {
    told(
        &on("2021-03-01").fact(ExperimentEvent::HubClosed(reason("Réfection du sol"))),
        "Bureau fermé pour travaux à compter du 1er mars 2021 : Réfection du sol.",
    );
    told(
        &on("2021-06-01").fact(ExperimentEvent::HubReopened(resumption())),
        "Bureau rouvert à compter du 1er juin 2021.",
    );
}

#[test]
fn venue_agreed_and_withdrawn() {
    told(
        &grisy_agreed(),
        "Lieu d'accueil accordé à compter du 27 avril 2021 : Mairie de Grisy-les-Plâtres (mairie, \
         Grisy-les-Plâtres ; entretien confidentiel possible).",
    );
    told(
        &cormeilles_agreed(),
        "Lieu d'accueil accordé à compter du 27 avril 2021 : La Poste Agence Communale de \
         Cormeilles-en-Vexin (agence postale communale, Cormeilles-en-Vexin ; confidentialité non \
         précisée).",
    );
    let mut shop = town_hall();
    shop.kind = VenueKind::Tobacconist;
    shop.confidential_space = Known::No;
    told(
        &on(START)
            .at_the_latest()
            .fact((GRISY, VenueEvent::Agreed(shop))),
        "Lieu d'accueil accordé au plus tard le 27 avril 2021 : Mairie de Grisy-les-Plâtres \
         (bureau de tabac, Grisy-les-Plâtres ; entretien confidentiel impossible).",
    );
    told(
        &grisy_withdrawn("2021-06-01"),
        "Lieu d'accueil retiré à compter du 1er juin 2021 : Travaux à la mairie.",
    );
}

#[test]
fn permanence_scheduled_and_rescheduled() {
    told(
        &scheduled(),
        "Permanence programmée à compter du 27 avril 2021 (Mairie de Grisy-les-Plâtres, \
         Tu 09:00-12:00, avec ou sans rendez-vous, tenue par 2 chargés de clientèle).",
    );
    let mut change = SlotChange {
        hours: Some(hours("We 09:00-12:00")),
        appointment: Some(Appointment::Required),
        ..SlotChange::default()
    };
    told(
        &on("2022-03-01").fact(PermanenceEvent::Rescheduled(change.clone())),
        "Permanence reprogrammée à compter du 1er mars 2022 (horaires We 09:00-12:00 ; sur \
         rendez-vous).",
    );
    change.venue = Some(GRISY);
    change.held_by = Some(HeldBy {
        role: AdviserRole::PostalServiceExpert,
        count: 1,
    });
    told(
        &on("2021-06-01").fact(PermanenceEvent::Rescheduled(change)),
        "Permanence reprogrammée à compter du 1er juin 2021 (Mairie de Grisy-les-Plâtres ; \
         horaires We 09:00-12:00 ; sur rendez-vous ; tenue par 1 facteur services-expert).",
    );
    // A venue whose name is not known is shown by its identifier, never left out.
    told(
        &on("2021-06-01").fact(PermanenceEvent::Rescheduled(to_venue(CORMEILLES))),
        "Permanence reprogrammée à compter du 1er juin 2021 (lieu \
         00000000-0000-0000-0000-000000095177).",
    );
}

#[test]
fn permanence_suspended_resumed_closed() {
    told(
        &on("2021-05-10")
            .until("2021-05-16")
            .fact(PermanenceEvent::Suspended(reason("Congés"))),
        "Permanence suspendue du 10 mai 2021 au 16 mai 2021 inclus : Congés.",
    );
    told(
        &on("2021-05-17").fact(PermanenceEvent::Resumed(resumption())),
        "Permanence reprise à compter du 17 mai 2021.",
    );
    told(
        &on("2021-06-15").fact(PermanenceEvent::Closed(reason("Trop peu de monde"))),
        "Permanence close à compter du 15 juin 2021 : Trop peu de monde.",
    );
}

/// Catches synthetic data that could be taken for real once it is told.
#[test]
fn what_is_synthetic_says_so_first() {
    let mut invented = launched();
    invented.saying.synthetic = true;
    let sentence = carnet::domain::sentence::tell(&invented, |_| None);
    assert!(
        sentence.starts_with("[synthétique] Expérimentation « Vigny en mobilité » lancée"),
        "{sentence}"
    );
}
