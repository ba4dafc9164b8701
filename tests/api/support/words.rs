//! What tests record: the experiment of Vigny, as the sources of 2021 tell it.

use serde_json::{Value, json};

use super::carnet::{Carnet, merge};

/// Vigny, in the Val-d'Oise.
pub(crate) const VIGNY: &str = "experiment-00000000-0000-7000-8000-000000000101";
/// The town hall of Grisy-les-Plâtres.
pub(crate) const GRISY: &str = "venue-00000000-0000-7000-8000-000000000111";
/// Its Tuesdays.
pub(crate) const TUESDAYS: &str = "permanence-00000000-0000-7000-8000-000000000121";
/// An adviser.
pub(crate) const CAMILLE: &str = "adviser-00000000-0000-7000-8000-000000000131";
/// The adviser's name, in letters that stand nowhere else.
pub(crate) const CAMILLES_NAME: &str = "Camille Zwyngedauw";
/// An experiment nobody recorded.
pub(crate) const NOBODY: &str = "experiment-00000000-0000-7000-8000-000000000999";

/// The id of the experiment of that number.
pub(crate) fn experiment(number: u64) -> String {
    format!("experiment-00000000-0000-7000-8000-{number:012}")
}

/// The launch of Vigny, with what `other` says otherwise.
pub(crate) fn launch(other: Value) -> Value {
    let mut input = json!({
        "experimentId": VIGNY,
        "title": "Vigny",
        "startsOn": "2021-04-27",
        "plannedEnd": "2021-07-27",
        "model": "WEEKLY_PERMANENCES",
        "carrier": "La Poste",
        "hub": { "name": "Bureau de poste de Vigny", "commune": "95658" },
        "zone": ["95177", "95287", "95658"],
        "operators": [{ "code": "la-poste", "name": "La Poste" }],
    });
    merge(&mut input, other);
    input
}

/// The agreement of Grisy, with what `other` says otherwise.
pub(crate) fn agreement(other: Value) -> Value {
    let mut input = json!({
        "experimentId": VIGNY,
        "venueId": GRISY,
        "from": "2021-04-27",
        "name": "Mairie de Grisy-les-Plâtres",
        "kind": "TOWN_HALL",
        "commune": "95287",
    });
    merge(&mut input, other);
    input
}

/// The Tuesdays of Grisy, with what `other` says otherwise.
pub(crate) fn tuesdays(other: Value) -> Value {
    let mut input = json!({
        "experimentId": VIGNY,
        "permanenceId": TUESDAYS,
        "venueId": GRISY,
        "from": "2021-04-27",
        "hours": "Tu 09:00-12:00",
        "appointment": "UNKNOWN",
        "heldBy": { "role": "DESK_OFFICER", "count": 2 },
    });
    merge(&mut input, other);
    input
}

/// The registration of an adviser, with what `other` says otherwise.
pub(crate) fn camille(other: Value) -> Value {
    let mut input = json!({
        "adviserId": CAMILLE,
        "from": "2021-04-27",
        "name": CAMILLES_NAME,
        "role": "DESK_OFFICER",
    });
    merge(&mut input, other);
    input
}

/// A statement on Vigny in those words.
pub(crate) fn statement(words: &str) -> Value {
    json!({
        "experimentId": VIGNY,
        "statedOn": "2021-05-06",
        "topic": "OTHER",
        "words": words,
    })
}

/// What a decision is taken on, of that moment.
pub(crate) fn evidence(position: u64) -> Value {
    json!({
        "position": position.to_string(),
        "reasons": "Les premiers retours sont bons.",
        "figures": [{ "indicator": "rendez-vous", "value": "79", "unit": "rendez-vous" }],
    })
}

/// Records Vigny, its venue and its Tuesdays: positions 1, 2 and 3.
pub(crate) async fn vigny(carnet: &Carnet) {
    for (intent, input, position) in [
        ("launchExperiment", launch(json!({})), 1),
        ("agreeVenue", agreement(json!({})), 2),
        ("schedulePermanence", tuesdays(json!({})), 3),
    ] {
        assert_eq!(carnet.record(intent, input).await.position(), position);
    }
}
