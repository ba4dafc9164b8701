//! Labelled sites, hubs and counts: each mutation carried out and refused, and what is read.

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, merge},
    words::{NOBODY, VIGNY, vigny},
};

const OFFICE: &str = "site-00000000-0000-7000-8000-000000000151";
const RELEASE: &str =
    "Mo-We,Fr 09:00-12:00,14:30-17:30; Th 09:00-12:00,15:00-17:30; Sa 09:00-12:00";
const LIST: &str = "Mo-We,Fr 09:00-12:00,14:30-17:30; Th 09:00-12:00,14:30-16:00; Sa 09:00-12:00";

fn merged(mut base: Value, other: Value) -> Value {
    merge(&mut base, other);
    base
}

fn labelling(other: Value) -> Value {
    let input = json!({ "siteId": OFFICE, "from": "2020-01-31", "fromCertainty": "NO_LATER_THAN",
        "name": "Vigny", "commune": "95658", "format": "FIXED",
        "address": "1 rue du Général Leclerc", "code": "553" });
    merged(input, other)
}

fn hours(from: &str, verbatim: &str, hours: Option<&str>) -> Value {
    json!({ "siteId": OFFICE, "from": from, "verbatim": verbatim, "hours": hours })
}

fn hub(other: Value) -> Value {
    merged(
        json!({ "experimentId": VIGNY, "siteId": OFFICE, "from": "2021-04-27" }),
        other,
    )
}

/// Carries an intent out, which writes one event; answers what `show` asks of its subject.
async fn carried_out(carnet: &Carnet, intent: &str, input: Value, show: &str) -> Value {
    let before = carnet.head().await;
    let show = format!("subject: {show}");
    let mut written = carnet.record_and_show(intent, input, &show).await;
    assert_eq!(written.position(), before + 1, "{intent}");
    written.payload["subject"].take()
}

/// Sees an intent refused, without a trace; answers the sentence.
async fn refused(carnet: &Carnet, intent: &str, input: Value, code: &str) -> String {
    let before = carnet.head().await;
    let (found, _, message) = carnet.record(intent, input).await.refused();
    assert_eq!(found, code, "{intent}");
    assert_eq!(carnet.head().await, before, "{intent}");
    message
}

/// What is known of the post office of Vigny at a position, on a day.
async fn known(carnet: &Carnet, position: u64, on: &str) -> Value {
    let asked = "query At($id: ID!, $known: KnownAt!, $on: Date!) { asOf(knownAt: $known) { \
                 labelledSite(id: $id) { labelStatus(on: $on) hours(on: $on) { hours } \
                 labelFloor(on: $on) { on verdict daysAWeek minutesAWeek people } } } }";
    let known = json!({ "position": position.to_string() });
    let variables = json!({ "id": OFFICE, "known": known, "on": on });
    let mut found = carnet.data(asked, variables).await;
    found["asOf"]["labelledSite"].take()
}

/// Catches: an unknown shown as zero or as enough, one source hidden behind another, what is
/// known today shown as known before.
#[tokio::test]
async fn a_site_is_labelled_and_declares_its_hours_and_staff() {
    let carnet = Carnet::start().await;
    let shown = "site { id version name commune { name code } format address code \
                 labelStatus(on: \"2021-05-06\") earlier: labelStatus(on: \"2020-01-30\") \
                 labels { from until name format provenance { valid { certainty } } } \
                 hours { verbatim } staff { people } openings { startsAt } \
                 labelFloor { verdict daysAWeek minutesAWeek people hours { verbatim } } }";
    let found = carried_out(&carnet, "labelSite", labelling(json!({})), shown).await;
    let label = json!({ "from": "2020-01-31", "until": null, "name": "Vigny", "format": "FIXED",
        "provenance": { "valid": { "certainty": "NO_LATER_THAN" } } });
    let floor = json!({ "verdict": "UNDETERMINED", "daysAWeek": null, "minutesAWeek": null,
        "people": null, "hours": null });
    let expected = json!({ "id": OFFICE, "version": 1, "name": "Vigny",
        "commune": { "name": "Vigny", "code": "95658" }, "format": "FIXED",
        "address": "1 rue du Général Leclerc", "code": "553", "labelStatus": "LABELLED",
        "earlier": "NOT_YET", "labels": [label], "hours": null, "staff": null,
        "openings": null, "labelFloor": floor });
    assert_eq!(found, expected);

    let list = hours("2020-12-31", "jeudi 14:30 - 16:00", Some(LIST));
    let shown = "site { declaredHours { verbatim hours } }";
    carried_out(&carnet, "declareSiteHours", list, shown).await;
    let release = hours("2021-05-06", "jeudi de 15h à 17h30", Some(RELEASE));
    let found = carried_out(&carnet, "declareSiteHours", release, shown).await;
    let both = json!([{ "verbatim": "jeudi 14:30 - 16:00", "hours": LIST },
        { "verbatim": "jeudi de 15h à 17h30", "hours": RELEASE }]);
    assert_eq!(found["declaredHours"], both);
    let staff = json!({ "siteId": OFFICE, "from": "2021-05-06", "people": 2 });
    let shown = "site { staff(on: \"2021-05-06\") { people } declaredStaff { people } \
                 openings(on: \"2021-05-06\") { startsAt endsAt } \
                 ascension: openings(on: \"2021-05-13\") { startsAt } }";
    let found = carried_out(&carnet, "declareSiteStaff", staff.clone(), shown).await;
    let openings = json!([
        { "startsAt": "2021-05-06T09:00:00+02:00", "endsAt": "2021-05-06T12:00:00+02:00" },
        { "startsAt": "2021-05-06T15:00:00+02:00", "endsAt": "2021-05-06T17:30:00+02:00" }]);
    let expected = json!({ "staff": { "people": 2 }, "declaredStaff": [{ "people": 2 }],
        "openings": openings, "ascension": [] });
    assert_eq!(found, expected);

    let at = |verdict: &str, hours: &str, minutes: u32, people: Option<u32>| {
        json!({
        "labelStatus": "LABELLED", "hours": { "hours": hours },
        "labelFloor": { "on": "2021-05-06", "verdict": verdict, "daysAWeek": 6,
            "minutesAWeek": minutes, "people": people } })
    };
    let day = "2021-05-06";
    let expected = at("UNDETERMINED", LIST, 1890, None);
    assert_eq!(known(&carnet, 2, day).await, expected);
    let expected = at("MEETS", RELEASE, 1950, Some(2));
    assert_eq!(known(&carnet, 4, day).await, expected);

    // What nobody can read is kept; what nobody can have meant is refused.
    let unread = hours("2022-01-01", "Horaires non communiqués", None);
    let shown = "site { hours(on: \"2022-01-03\") { verbatim hours } \
                 openings(on: \"2022-01-03\") { startsAt } \
                 labelFloor(on: \"2022-01-03\") { verdict minutesAWeek people } }";
    let found = carried_out(&carnet, "declareSiteHours", unread, shown).await;
    let expected = json!({ "openings": null,
        "hours": { "verbatim": "Horaires non communiqués", "hours": null },
        "labelFloor": { "verdict": "UNDETERMINED", "minutesAWeek": null, "people": 2 } });
    assert_eq!(found, expected);
    let garbled = hours("2022-01-01", "le matin", Some("le matin"));
    refused(&carnet, "declareSiteHours", garbled, "HOURS_UNREADABLE").await;
    for people in [51, 1000] {
        let crowd = merged(staff.clone(), json!({ "people": people }));
        assert_eq!(
            refused(&carnet, "declareSiteStaff", crowd, "PEOPLE_OUT_OF_RANGE").await,
            format!(
                "Un espace France Services compte de 0 à 50 agents polyvalents présents, non \
                 {people}."
            )
        );
    }
    let nowhere = merged(staff, json!({ "siteId": VIGNY }));
    refused(&carnet, "declareSiteStaff", nowhere, "UNKNOWN_SITE").await;
    carnet.stop().await;
}

/// Catches: a label suspended or withdrawn on other days than those told, or for ever.
#[tokio::test]
async fn a_label_is_suspended_given_back_and_withdrawn() {
    let carnet = Carnet::start().await;
    carnet
        .record("labelSite", labelling(json!({})))
        .await
        .position();
    let suspending = json!({ "siteId": OFFICE, "from": "2021-03-01", "reason": "Audit" });
    let resuming = json!({ "siteId": OFFICE, "from": "2021-04-01", "remark": "Second audit" });
    let leaving = json!({ "siteId": OFFICE, "from": "2023-01-31", "reason": "Fermeture" });
    refused(&carnet, "resumeLabel", resuming.clone(), "NOT_SUSPENDED").await;
    let shown = "site { labelStatus(on: \"2021-03-15\") suspensions { from until reason } }";
    let found = carried_out(&carnet, "suspendLabel", suspending.clone(), shown).await;
    let suspension = json!({ "from": "2021-03-01", "until": null, "reason": "Audit" });
    let expected = json!({ "labelStatus": "SUSPENDED", "suspensions": [suspension] });
    assert_eq!(found, expected);
    let again = merged(suspending, json!({ "from": "2021-03-10" }));
    assert_eq!(
        refused(&carnet, "suspendLabel", again, "ALREADY_SUSPENDED").await,
        "La labellisation de cet espace est déjà suspendue, à compter du 1er mars 2021."
    );
    let shown = "site { labelStatus(on: \"2021-04-01\") suspensions { until } }";
    let found = carried_out(&carnet, "resumeLabel", resuming, shown).await;
    let expected = json!({ "labelStatus": "LABELLED",
        "suspensions": [{ "until": "2021-03-31" }] });
    assert_eq!(found, expected);
    let shown = "site { labelStatus(on: \"2023-01-31\") labels { until } \
                 withdrawals { lastDay reason } history(first: 5) { edges { node { kind } } } }";
    let found = carried_out(&carnet, "withdrawLabel", leaving.clone(), shown).await;
    let kinds = [
        "site-labelled",
        "label-suspended",
        "label-resumed",
        "label-withdrawn",
    ];
    let edges = kinds.map(|kind| json!({ "node": { "kind": kind } }));
    let expected = json!({ "labelStatus": "ENDED", "labels": [{ "until": "2023-01-30" }],
        "withdrawals": [{ "lastDay": "2023-01-30", "reason": "Fermeture" }],
        "history": { "edges": edges } });
    assert_eq!(found, expected);
    let again = merged(leaving, json!({ "from": "2024-01-31" }));
    assert_eq!(
        refused(&carnet, "withdrawLabel", again, "NOT_LABELLED").await,
        "Cet espace n'est pas labellisé France Services le 30 janvier 2024."
    );
    let overlapping = labelling(json!({ "from": "2022-01-01" }));
    refused(&carnet, "labelSite", overlapping, "ALREADY_LABELLED").await;
    carnet.stop().await;
}

/// Catches: a label retracted from under the experiment whose hub bears it.
#[tokio::test]
async fn the_hub_of_an_experiment_leads_to_its_site() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    refused(&carnet, "designateHub", hub(json!({})), "UNKNOWN_SITE").await;
    carnet
        .record("labelSite", labelling(json!({})))
        .await
        .position();
    let shown = "experiment { hub { name } hubSite(on: \"2021-04-27\") { id name } \
                 before: hubSite(on: \"2021-04-26\") { id } \
                 hubSites { from site { name } provenance { position } } }";
    let found = carried_out(&carnet, "designateHub", hub(json!({})), shown).await;
    let site = json!({ "from": "2021-04-27", "site": { "name": "Vigny" },
        "provenance": { "position": "5" } });
    let expected = json!({ "hub": { "name": "Bureau de poste de Vigny" },
        "hubSite": { "id": OFFICE, "name": "Vigny" }, "before": null, "hubSites": [site] });
    assert_eq!(found, expected);
    let told = "{ events(first: 1, after: \"4\") { edges { node { kind sentence } } } }";
    let found = carnet.data(told, json!({})).await;
    let expected = json!({ "kind": "hub-designated",
        "sentence": "Espace France Services « Vigny » désigné comme bureau de l'expérimentation, \
                     à compter du 27 avril 2021." });
    assert_eq!(found["events"]["edges"][0]["node"], expected);

    let retracting = |entry: u64| {
        json!({ "entry": entry.to_string(), "on": "2021-06-01",
        "reason": "Erreur" })
    };
    refused(&carnet, "retractEntry", retracting(4), "RESTED_ON").await;
    carnet
        .record("retractEntry", retracting(5))
        .await
        .position();
    let asked = "query Hub($id: ID!) { experiment(id: $id) { hubSites { from } } }";
    let found = carnet.data(asked, json!({ "id": VIGNY })).await;
    assert_eq!(found["experiment"]["hubSites"], json!([]));
    carnet
        .record("retractEntry", retracting(4))
        .await
        .position();
    let asked = "query Site($id: ID!) { labelledSite(id: $id) { id } node(id: $id) { id } }";
    let found = carnet.data(asked, json!({ "id": OFFICE })).await;
    assert_eq!(found, json!({ "labelledSite": null, "node": null }));
    carnet.stop().await;
}

/// Catches: a page that skips or repeats, an order that looks like a rank.
#[tokio::test]
async fn sites_are_listed_by_name() {
    let carnet = Carnet::start().await;
    for (number, name) in [(1, "Zonza"), (2, "Écouen"), (3, "ecouen"), (4, "Agen")] {
        let id = format!("site-00000000-0000-7000-8000-{number:012}");
        let input = labelling(json!({ "siteId": id, "name": name }));
        carnet.record("labelSite", input).await.position();
    }
    let asked = "query Page($first: Int, $after: String, $last: Int, $before: String) { \
                 labelledSites(first: $first, after: $after, last: $last, before: $before) { \
                 nodes { name } edges { cursor node { id } } \
                 pageInfo { hasNextPage hasPreviousPage startCursor endCursor } position } }";
    let page = async |variables| {
        let mut found = carnet.data(asked, variables).await;
        found["labelledSites"].take()
    };
    let names = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| node["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = page(json!({ "first": 2 })).await;
    assert_eq!(names(&first), ["Agen", "Écouen"]);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let after = first["pageInfo"]["endCursor"].clone();
    let second = page(json!({ "first": 5, "after": after })).await;
    assert_eq!(names(&second), ["ecouen", "Zonza"]);
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let before = second["pageInfo"]["startCursor"].clone();
    let back = page(json!({ "last": 1, "before": before })).await;
    assert_eq!(names(&back), ["Écouen"]);
    let (code, _) = carnet.fault(asked, json!({ "first": 101 })).await;
    assert_eq!(code, "PAGE_SIZE");
    let node = "query One($id: ID!) { node(id: $id) { __typename id } }";
    let id = "site-00000000-0000-7000-8000-000000000001";
    let found = carnet.data(node, json!({ "id": id })).await;
    let expected = json!({ "__typename": "LabelledSite", "id": id });
    assert_eq!(found["node"], expected);
    carnet.stop().await;
}

fn count(other: Value) -> Value {
    let input = json!({ "experimentId": VIGNY, "from": "2021-04-08", "until": "2021-05-06",
        "unit": "APPOINTMENT", "state": "HELD", "qualifier": "AT_LEAST", "count": 79,
        "words": "plus de 79 rendez-vous" });
    merged(input, other)
}

/// Catches: counts of two units or of two sources made one, or counted among sessions.
#[tokio::test]
async fn what_sources_counted_stands_beside_what_sessions_add_up_to() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let shown = "experiment { assertedCounts { unit state qualifier count words period { from \
                 until } provenance { position } } activity { appointmentsBooked } }";
    let found = carried_out(&carnet, "assertCount", count(json!({})), shown).await;
    let held = json!({ "unit": "APPOINTMENT", "state": "HELD", "qualifier": "AT_LEAST",
        "count": 79, "words": "plus de 79 rendez-vous",
        "period": { "from": "2021-04-08", "until": "2021-05-06" },
        "provenance": { "position": "4" } });
    assert_eq!(found["assertedCounts"], json!([held]));
    assert_eq!(found["activity"]["appointmentsBooked"], 0);
    let other = count(
        json!({ "unit": "VISIT", "state": null, "qualifier": "ABOUT",
        "words": null }),
    );
    let shown = "experiment { assertedCounts { unit state count } }";
    let found = carried_out(&carnet, "assertCount", other, shown).await;
    let both = json!([{ "unit": "APPOINTMENT", "state": "HELD", "count": 79 },
        { "unit": "VISIT", "state": null, "count": 79 }]);
    assert_eq!(found["assertedCounts"], both);
    let correcting = count(json!({ "count": 80,
        "correcting": { "entry": "4", "reason": "Relu" } }));
    let found = carried_out(&carnet, "assertCount", correcting, shown).await;
    assert_eq!(found["assertedCounts"][0]["count"], 80);
    assert_eq!(found["assertedCounts"].as_array().unwrap().len(), 2);

    let visits = count(json!({ "unit": "VISIT" }));
    assert_eq!(
        refused(&carnet, "assertCount", visits, "STATE_OF_APPOINTMENTS").await,
        "Seul un rendez-vous est pris ou tenu : un autre décompte ne précise pas cet état."
    );
    let inverted = count(json!({ "until": "2021-04-07" }));
    refused(&carnet, "assertCount", inverted, "PERIOD_INVERTED").await;
    let nobody = count(json!({ "experimentId": NOBODY }));
    refused(&carnet, "assertCount", nobody, "UNKNOWN_EXPERIMENT").await;
    carnet.stop().await;
}
