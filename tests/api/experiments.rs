//! Each mutation of an experiment: once carried out, once refused.

use serde_json::{Value, json};

use crate::support::{
    carnet::Carnet,
    words::{NOBODY, VIGNY, evidence, launch, statement, vigny},
};

/// Carries an intent on Vigny out, which writes exactly one event; answers what `show` asks.
async fn carried_out(carnet: &Carnet, intent: &str, mut input: Value, show: &str) -> Value {
    crate::support::carnet::merge(&mut input, json!({ "experimentId": VIGNY }));
    let before = carnet.head().await;
    let show = format!("experiment {{ {show} }} query {{ position }}");
    let mut written = carnet.record_and_show(intent, input, &show).await;
    assert_eq!(written.position(), before + 1, "{intent}");
    let event = format!("event-{}", before + 1);
    assert_eq!(written.payload["eventIds"], json!([event]), "{intent}");
    // What was written can be read, even in the same answer.
    let position = (before + 1).to_string();
    assert_eq!(written.payload["query"], json!({ "position": position }));
    written.payload["experiment"].take()
}

/// Sees an intent on Vigny refused, without a trace; answers the sentence.
async fn refused(carnet: &Carnet, intent: &str, input: Value, code: &str) -> String {
    let mut whole = json!({ "experimentId": VIGNY });
    crate::support::carnet::merge(&mut whole, input);
    let before = carnet.head().await;
    let (found, field, message) = carnet.record(intent, whole).await.refused();
    assert_eq!((found.as_str(), field), (code, Value::Null), "{intent}");
    assert_eq!(carnet.head().await, before, "{intent}");
    message
}

#[tokio::test]
async fn an_experiment_is_launched() {
    let carnet = Carnet::start().await;
    let shown = "title status startsOn plannedEnd endsOn carrier model startCertainty version \
                 hub { name address commune { code name population departement { code name } } } \
                 zone { name } operators { code name } synthetic provenance { source { label \
                 dated url } valid { from until certainty } position }";
    let input = launch(
        json!({ "source": { "label": "  Le communiqué ", "dated": "2021-05-06",
        "url": "https://example.fr/communique.pdf" } }),
    );
    let found = carried_out(&carnet, "launchExperiment", input, shown).await;
    let expected = json!({ "title": "Vigny", "status": "RUNNING", "startsOn": "2021-04-27",
        "plannedEnd": "2021-07-27", "endsOn": "2021-07-27", "carrier": "La Poste",
        "model": "WEEKLY_PERMANENCES", "startCertainty": "EXACT", "version": 1,
        "hub": { "name": "Bureau de poste de Vigny", "address": null, "commune": {
            "code": "95658", "name": "Vigny", "population": 1137,
            "departement": { "code": "95", "name": "Val-d'Oise" } } },
        "zone": [{ "name": "Cormeilles-en-Vexin" }, { "name": "Grisy-les-Plâtres" },
            { "name": "Vigny" }],
        "operators": [{ "code": "la-poste", "name": "La Poste" }], "synthetic": false,
        "provenance": { "source": { "label": "Le communiqué", "dated": "2021-05-06",
            "url": "https://example.fr/communique.pdf" }, "position": "1",
            "valid": { "from": "2021-04-27", "until": null, "certainty": "EXACT" } } });
    assert_eq!(found, expected);

    let again = launch(json!({ "title": "Autrement" }));
    assert_eq!(
        refused(&carnet, "launchExperiment", again, "ALREADY_LAUNCHED").await,
        "L'expérimentation est déjà lancée, depuis le 27 avril 2021."
    );
    carnet.stop().await;
}

/// Catches the other Vigny, in Moselle, taken for the one of the Val-d'Oise.
#[tokio::test]
async fn a_launch_that_breaks_a_rule_is_refused() {
    let carnet = Carnet::start().await;
    let other = launch(json!({ "hub": { "name": "Bureau de poste", "commune": "57715" } }));
    assert_eq!(
        refused(&carnet, "launchExperiment", other, "HUB_OUTSIDE_ZONE").await,
        "La commune du bureau, Vigny (57715), n'est pas dans la zone de l'expérimentation."
    );
    let short = launch(json!({ "plannedEnd": "2021-07-25" }));
    assert_eq!(
        refused(&carnet, "launchExperiment", short, "PLANNED_TOO_SHORT").await,
        "Une expérimentation dure trois mois au moins : elle ne peut finir le 25 juillet 2021, \
         mais au plus tôt le 26 juillet 2021."
    );
    let nobody = launch(json!({ "operators": [] }));
    refused(&carnet, "launchExperiment", nobody, "NO_OPERATOR").await;
    let operator = json!({ "code": "caf", "name": "CAF" });
    let twice = launch(json!({ "operators": [operator, operator] }));
    refused(&carnet, "launchExperiment", twice, "OPERATOR_TWICE").await;
    carnet.stop().await;
}

#[tokio::test]
async fn criteria_are_fixed_before_the_launch_or_marked_post_hoc() {
    let carnet = Carnet::start().await;
    let criteria = json!([{ "indicator": "visites-par-permanence", "comparison": "AT_LEAST",
        "threshold": "2.50", "minimumN": 30 }]);
    let fixing = |on: &str, criteria: &Value| {
        json!({ "fixedOn": on, "title": "Vigny",
            "hypothesis": "On viendra.", "criteria": criteria })
    };
    let shown = "title status successCriteria { hypothesis postHoc criteria { indicator \
                 comparison threshold minimumN } }";
    let input = fixing("2021-04-01", &criteria);
    let found = carried_out(&carnet, "fixSuccessCriteria", input, shown).await;
    let set = json!({ "hypothesis": "On viendra.", "postHoc": false, "criteria": criteria });
    let expected = json!({ "title": "Vigny", "status": "PLANNED", "successCriteria": [set] });
    assert_eq!(found, expected);

    carried_out(&carnet, "launchExperiment", launch(json!({})), "id").await;
    let input = fixing("2021-04-02", &criteria);
    let found = carried_out(&carnet, "fixSuccessCriteria", input, shown).await;
    assert_eq!(found["successCriteria"][0]["postHoc"], false);
    assert_eq!(found["successCriteria"][1]["postHoc"], true);

    let none = fixing("2021-04-03", &json!([]));
    assert_eq!(
        refused(&carnet, "fixSuccessCriteria", none, "NO_CRITERION").await,
        "Aucun critère de réussite n'est donné."
    );
    carnet.stop().await;
}

#[tokio::test]
async fn ends_and_statements_are_kept_side_by_side() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let end = |on: &str| json!({ "assertedOn": "2021-05-06", "end": on });
    let shown = "endsOn assertedEnds { end words }";
    carried_out(&carnet, "assertExperimentEnd", end("2021-07-08"), shown).await;
    let found = carried_out(&carnet, "assertExperimentEnd", end("2021-06-30"), shown).await;
    let asserted = |on| json!({ "end": on, "words": null });
    let ends = json!([asserted("2021-07-08"), asserted("2021-06-30")]);
    assert_eq!(
        found,
        json!({ "endsOn": "2021-07-27", "assertedEnds": ends })
    );
    assert_eq!(
        refused(
            &carnet,
            "assertExperimentEnd",
            end("2021-04-26"),
            "END_BEFORE_START"
        )
        .await,
        "La fin, le 26 avril 2021, précède le début, le 27 avril 2021."
    );

    let shown = "all: statements { topic words } funding: statements(topic: FUNDING) { words }";
    let input = statement("32,5 heures par semaine.");
    let found = carried_out(&carnet, "recordStatement", input, shown).await;
    let all = json!([{ "topic": "OTHER", "words": "32,5 heures par semaine." }]);
    assert_eq!(found, json!({ "all": all, "funding": [] }));
    let nobody = json!({ "experimentId": NOBODY, "statedOn": "2021-05-06", "topic": "MODEL",
        "words": "Un facteur." });
    assert_eq!(
        refused(&carnet, "recordStatement", nobody, "UNKNOWN_EXPERIMENT").await,
        "Cette expérimentation est inconnue."
    );
    carnet.stop().await;
}

#[tokio::test]
async fn an_experiment_is_extended_or_not() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let decision = |grounds: Value, position: u64| json!({ "decidedOn": "2021-07-01", "grounds": grounds, "evidence": evidence(position) });
    let extension = |new_end: &str| {
        let mut input = decision(json!(["MODEL_RELEVANCE"]), 3);
        input["newEnd"] = json!(new_end);
        input
    };
    let shown = "extensionRefusals { grounds evidence { position reasons figures { indicator \
                 value unit n } } } endsOn";
    let input = decision(json!(["EARLY_FEEDBACK"]), 3);
    let found = carried_out(&carnet, "refuseExtension", input, shown).await;
    let figure = json!({ "indicator": "rendez-vous", "value": "79", "unit": "rendez-vous",
        "n": null });
    let cited = json!({ "position": "3", "reasons": "Les premiers retours sont bons.",
        "figures": [figure] });
    let refusals = json!([{ "grounds": ["EARLY_FEEDBACK"], "evidence": cited }]);
    let expected = json!({ "extensionRefusals": refusals, "endsOn": "2021-07-27" });
    assert_eq!(found, expected);
    let groundless = decision(json!([]), 3);
    assert_eq!(
        refused(&carnet, "refuseExtension", groundless, "NO_GROUND").await,
        "Aucun motif n'est donné : premiers retours des usagers, pertinence du modèle."
    );

    let shown = "endsOn plannedEnd extensions { newEnd grounds }";
    let found = carried_out(&carnet, "extendExperiment", extension("2021-12-31"), shown).await;
    let extensions = json!([{ "newEnd": "2021-12-31", "grounds": ["MODEL_RELEVANCE"] }]);
    let expected = json!({ "endsOn": "2021-12-31", "plannedEnd": "2021-07-27",
        "extensions": extensions });
    assert_eq!(found, expected);
    assert_eq!(
        refused(
            &carnet,
            "extendExperiment",
            extension("2021-12-30"),
            "END_NOT_LATER"
        )
        .await,
        "Prolonger au 30 décembre 2021 ne repousse pas la fin, fixée au 31 décembre 2021."
    );
    carnet.stop().await;
}

#[tokio::test]
async fn an_experiment_is_suspended_and_resumed() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let pause = |from: &str| json!({ "from": from, "reason": "Grève." });
    let shown = "status suspensions { from until reason }";
    let input = pause("2021-05-03");
    let found = carried_out(&carnet, "suspendExperiment", input, shown).await;
    let suspension = json!({ "from": "2021-05-03", "until": null, "reason": "Grève." });
    assert_eq!(
        found,
        json!({ "status": "SUSPENDED", "suspensions": [suspension] })
    );
    assert_eq!(
        refused(
            &carnet,
            "suspendExperiment",
            pause("2021-05-04"),
            "ALREADY_SUSPENDED"
        )
        .await,
        "L'expérimentation est déjà suspendue, à compter du 3 mai 2021."
    );

    let input = json!({ "from": "2021-05-10", "remark": "Accord signé." });
    let found = carried_out(&carnet, "resumeExperiment", input, shown).await;
    let suspension = json!({ "from": "2021-05-03", "until": "2021-05-09", "reason": "Grève." });
    assert_eq!(
        found,
        json!({ "status": "RUNNING", "suspensions": [suspension] })
    );
    let again = json!({ "from": "2021-06-01" });
    assert_eq!(
        refused(&carnet, "resumeExperiment", again, "NOT_SUSPENDED").await,
        "L'expérimentation n'est pas suspendue à la veille du 1er juin 2021 : il n'y a rien à \
         reprendre."
    );
    carnet.stop().await;
}

#[tokio::test]
async fn a_hub_is_closed_for_works_and_reopened() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let works = |from: &str| {
        json!({ "from": from, "fromCertainty": "NO_LATER_THAN", "until": "2021-06-30",
            "reason": "Travaux." })
    };
    let shown = "hubClosures { from until reason provenance { valid { certainty } } }";
    let closure = |until: &str| {
        let provenance = json!({ "valid": { "certainty": "NO_LATER_THAN" } });
        json!({ "hubClosures": [{ "from": "2021-05-06", "until": until, "reason": "Travaux.",
            "provenance": provenance }] })
    };
    let found = carried_out(&carnet, "closeHubForWorks", works("2021-05-06"), shown).await;
    assert_eq!(found, closure("2021-06-30"));
    assert_eq!(
        refused(
            &carnet,
            "closeHubForWorks",
            works("2021-06-01"),
            "HUB_ALREADY_CLOSED"
        )
        .await,
        "Le bureau est déjà fermé pour travaux, à compter du 6 mai 2021."
    );

    let reopening = |from: &str| json!({ "from": from });
    let found = carried_out(&carnet, "reopenHub", reopening("2021-06-15"), shown).await;
    assert_eq!(found, closure("2021-06-14"));
    assert_eq!(
        refused(
            &carnet,
            "reopenHub",
            reopening("2021-07-01"),
            "HUB_NOT_CLOSED"
        )
        .await,
        "Le bureau n'est pas fermé pour travaux à la veille du 1er juillet 2021 : il n'y a rien \
         à rouvrir."
    );
    carnet.stop().await;
}

#[tokio::test]
async fn an_experiment_is_made_permanent_on_evidence() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let decision = |cited: u64| json!({ "from": "2021-05-10", "evidence": evidence(cited) });
    assert_eq!(
        refused(
            &carnet,
            "makeExperimentPermanent",
            decision(4),
            "EVIDENCE_AHEAD"
        )
        .await,
        "La décision s'appuie sur la position 4, mais le journal s'arrête à la position 3."
    );
    let shown = "status madePermanent { from evidence { position } }";
    let found = carried_out(&carnet, "makeExperimentPermanent", decision(3), shown).await;
    let made = json!({ "from": "2021-05-10", "evidence": { "position": "3" } });
    assert_eq!(
        found,
        json!({ "status": "MADE_PERMANENT", "madePermanent": made })
    );
    carnet.stop().await;
}

#[tokio::test]
async fn an_experiment_is_closed_once() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let closing = |from: &str| json!({ "from": from, "reason": "Trop peu de visites." });
    assert_eq!(
        refused(
            &carnet,
            "closeExperiment",
            closing("2021-04-26"),
            "BEFORE_LAUNCH"
        )
        .await,
        "Cette date précède le lancement de l'expérimentation, le 27 avril 2021."
    );
    let shown = "status early: status(on: \"2021-05-08\") closure { lastDay reason evidence { \
                 position } }";
    let found = carried_out(&carnet, "closeExperiment", closing("2021-05-09"), shown).await;
    let closure = json!({ "lastDay": "2021-05-08", "reason": "Trop peu de visites.",
        "evidence": null });
    let expected = json!({ "status": "CLOSED", "early": "RUNNING", "closure": closure });
    assert_eq!(found, expected);
    assert_eq!(
        refused(
            &carnet,
            "closeExperiment",
            closing("2021-06-01"),
            "EXPERIMENT_CLOSED"
        )
        .await,
        "L'expérimentation est close depuis le 9 mai 2021."
    );
    carnet.stop().await;
}
