//! What happens: two experiments, in two time zones, and anything in any order.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::World;

/// Of what an event is: which experiment, which permanence, which kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) position: u64,
    pub(crate) experiment: u8,
    pub(crate) permanence: Option<u8>,
    pub(crate) kind: &'static str,
}

/// Something that may be recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Of an experiment.
    State(u8),
    /// Of a permanence: users were turned away.
    TurnAway(u8),
    /// The launch is corrected: another title.
    Retitle(u8),
    /// The agreement on a venue is corrected: another name.
    Rename(u8),
    /// What was recorded last of the users turned away is retracted.
    Retract,
}

pub(crate) fn acts() -> impl Strategy<Value = Act> {
    let which = 0..2_u8;
    prop_oneof![
        2 => which.clone().prop_map(Act::State),
        4 => which.clone().prop_map(Act::TurnAway),
        1 => which.clone().prop_map(Act::Retitle),
        1 => which.prop_map(Act::Rename),
        1 => Just(Act::Retract),
    ]
}

/// The id of something of that kind.
pub(crate) fn id(kind: &str, which: u8) -> String {
    format!("{kind}-00000000-0000-7000-8000-{:012}", which + 1)
}

/// Vigny, on Tuesdays; Cilaos, on the Reunion, on Tuesdays too.
const PLACES: [(&str, &str); 2] = [("Vigny", "95658"), ("Cilaos", "97424")];

fn launch(which: u8, title: &str) -> Value {
    let (_, commune) = PLACES[usize::from(which)];
    json!({
        "experimentId": id("experiment", which), "title": title, "startsOn": "2021-04-27",
        "plannedEnd": "2021-12-27", "model": "WEEKLY_PERMANENCES", "carrier": "La Poste",
        "hub": { "name": "Bureau de poste", "commune": commune }, "zone": [commune],
        "operators": [{ "code": "la-poste", "name": "La Poste" }],
    })
}

fn agreement(which: u8, name: &str) -> Value {
    let (_, commune) = PLACES[usize::from(which)];
    json!({
        "experimentId": id("experiment", which), "venueId": id("venue", which),
        "from": "2021-04-27", "name": name, "kind": "TOWN_HALL", "commune": commune,
    })
}

/// What stands, and what may be corrected.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) entries: Vec<Entry>,
    launched: [u64; 2],
    agreed: [u64; 2],
    turned_away: Vec<(u64, u8)>,
    turns: u32,
}

impl Life {
    /// Both experiments begin: a launch, a venue, a permanence each.
    pub(crate) async fn begin(world: &World) -> Self {
        let mut life = Self::default();
        for which in 0..2 {
            let index = usize::from(which);
            let (place, _) = PLACES[index];
            let input = launch(which, place);
            life.launched[index] = world.record("launchExperiment", input).await;
            life.note(life.launched[index], which, false, "experiment-launched");
            let input = agreement(which, &format!("Mairie de {place}"));
            life.agreed[index] = world.record("agreeVenue", input).await;
            life.note(life.agreed[index], which, false, "venue-agreed");
            let input = json!({
                "experimentId": id("experiment", which), "permanenceId": id("permanence", which),
                "venueId": id("venue", which), "from": "2021-04-27",
                "hours": "Tu 09:00-12:00", "appointment": "UNKNOWN",
                "heldBy": { "role": "DESK_OFFICER", "count": 2 },
            });
            let position = world.record("schedulePermanence", input).await;
            life.note(position, which, true, "permanence-scheduled");
        }
        life
    }

    fn note(&mut self, position: u64, experiment: u8, held: bool, kind: &'static str) {
        self.entries.push(Entry {
            position,
            experiment,
            permanence: held.then_some(experiment),
            kind,
        });
    }

    /// Does something, if the rules accept it.
    pub(crate) async fn act(&mut self, world: &World, act: Act) {
        self.turns += 1;
        let turn = self.turns;
        match act {
            Act::State(which) => {
                let input = json!({ "experimentId": id("experiment", which), "topic": "OTHER",
                    "statedOn": "2021-05-03", "words": format!("Parole {turn}.") });
                let position = world.record("recordStatement", input).await;
                self.note(position, which, false, "statement-recorded");
            }
            Act::TurnAway(which) => {
                let input = json!({ "permanenceId": id("permanence", which),
                    "date": "2021-04-27", "users": turn % 400 + 1, "cause": "FULL" });
                let position = world.record("recordTurnedAway", input).await;
                self.turned_away.push((position, which));
                self.note(position, which, true, "user-turned-away");
            }
            Act::Retitle(which) => {
                let mut input = launch(which, &format!("Titre {turn}"));
                let last = &mut self.launched[usize::from(which)];
                input["correcting"] = json!({ "entry": last.to_string(), "reason": "Erreur" });
                *last = world.record("launchExperiment", input).await;
                let position = *last;
                self.note(position, which, false, "experiment-launched");
            }
            Act::Rename(which) => {
                let mut input = agreement(which, &format!("Lieu {turn}"));
                let last = &mut self.agreed[usize::from(which)];
                input["correcting"] = json!({ "entry": last.to_string(), "reason": "Erreur" });
                *last = world.record("agreeVenue", input).await;
                let position = *last;
                self.note(position, which, false, "venue-agreed");
            }
            Act::Retract => {
                let Some((entry, which)) = self.turned_away.pop() else {
                    return;
                };
                let input = json!({ "entry": entry.to_string(), "on": "2021-05-03",
                    "reason": "Erreur" });
                let position = world.record("retractEntry", input).await;
                self.note(position, which, true, "entry-retracted");
            }
        }
    }
}
