//! What is recorded, and of what each event is.

use std::fmt::Write;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::chance::Chance;

/// How many experiments there are, each with one permanence.
pub(crate) const EXPERIMENTS: u16 = 60;
/// Those that the carrier's token shows.
pub(crate) const CARRIED: u16 = 10;
/// Who carries those.
pub(crate) const CARRIER: &str = "Poste de Vigny";

/// Of what an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Of {
    pub(crate) experiment: u16,
    /// Whether it is of the permanence of that experiment too.
    pub(crate) permanence: bool,
    pub(crate) kind: &'static str,
}

/// A mutation, to be sent again to the byte until it is answered.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) of: Of,
    intent: &'static str,
    input: Value,
}

pub(crate) const STATED: &str = "statement-recorded";
pub(crate) const TURNED_AWAY: &str = "user-turned-away";

/// The id of something of that kind.
pub(crate) fn id(kind: &str, which: u16) -> String {
    format!("{kind}-00000000-0000-7000-8000-{:012}", which + 1)
}

impl Command {
    fn new(of: Of, intent: &'static str, chance: &mut Chance, mut input: Value) -> Self {
        let random = u128::from(chance.number()) << 64 | u128::from(chance.number());
        let id = uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid();
        let fields = input.as_object_mut().unwrap();
        fields.insert("commandId".to_owned(), json!(Uuid::to_string(&id)));
        fields.insert("source".to_owned(), json!({ "label": "Registre" }));
        fields.insert("synthetic".to_owned(), json!(true));
        Self { of, intent, input }
    }

    /// What an experiment begins with.
    pub(crate) fn beginning(which: u16, chance: &mut Chance) -> [Self; 3] {
        let of = |permanence, kind| Of {
            experiment: which,
            permanence,
            kind,
        };
        let organisation = if which < CARRIED { CARRIER } else { "La Poste" };
        let launch = json!({
            "experimentId": id("experiment", which), "title": format!("Essai {which}"),
            "startsOn": "2021-04-27", "plannedEnd": "2021-12-27", "model": "WEEKLY_PERMANENCES",
            "carrier": organisation, "zone": ["95658"],
            "hub": { "name": "Bureau de poste", "commune": "95658" },
            "operators": [{ "code": "la-poste", "name": "La Poste" }],
        });
        let venue = json!({
            "experimentId": id("experiment", which), "venueId": id("venue", which),
            "from": "2021-04-27", "name": "Mairie", "kind": "TOWN_HALL", "commune": "95658",
        });
        let permanence = json!({
            "experimentId": id("experiment", which), "permanenceId": id("permanence", which),
            "venueId": id("venue", which), "from": "2021-04-27", "hours": "Tu 09:00-12:00",
            "appointment": "UNKNOWN", "heldBy": { "role": "DESK_OFFICER", "count": 2 },
        });
        [
            Self::new(
                of(false, "experiment-launched"),
                "launchExperiment",
                chance,
                launch,
            ),
            Self::new(of(false, "venue-agreed"), "agreeVenue", chance, venue),
            Self::new(
                of(true, "permanence-scheduled"),
                "schedulePermanence",
                chance,
                permanence,
            ),
        ]
    }

    /// Something that is said of an experiment.
    pub(crate) fn statement(which: u16, chance: &mut Chance) -> Self {
        let words = format!(
            "Parole {}. {}",
            chance.number(),
            "é".repeat(chance.index(80))
        );
        let of = Of {
            experiment: which,
            permanence: false,
            kind: STATED,
        };
        let input = json!({ "experimentId": id("experiment", which), "topic": "OTHER",
            "statedOn": "2021-05-03", "words": words });
        Self::new(of, "recordStatement", chance, input)
    }

    /// Users whom a permanence turned away.
    pub(crate) fn turning_away(which: u16, chance: &mut Chance) -> Self {
        let of = Of {
            experiment: which,
            permanence: true,
            kind: TURNED_AWAY,
        };
        let input = json!({ "permanenceId": id("permanence", which), "date": "2021-04-27",
            "users": chance.within(1, 40), "cause": "FULL" });
        Self::new(of, "recordTurnedAway", chance, input)
    }

    /// Anything.
    pub(crate) fn any(chance: &mut Chance) -> Self {
        let which = u16::try_from(chance.below(EXPERIMENTS.into())).unwrap();
        if chance.one_in(3) {
            Self::turning_away(which, chance)
        } else {
            Self::statement(which, chance)
        }
    }
}

/// One document of several mutations, and its variables.
pub(crate) fn document(commands: &[Command]) -> (String, Value) {
    let (mut declared, mut fields) = (String::new(), String::new());
    let mut variables = serde_json::Map::new();
    for (number, command) in commands.iter().enumerate() {
        let (first, rest) = command.intent.split_at(1);
        let input = first.to_uppercase() + rest;
        write!(declared, "$i{number}: {input}Input! ").unwrap();
        write!(
            fields,
            "m{number}: {}(input: $i{number}) {{ userErrors {{ code message }} position eventIds }} ",
            command.intent
        ).unwrap();
        variables.insert(format!("i{number}"), command.input.clone());
    }
    (
        format!("mutation ({declared}) {{ {fields} }}"),
        Value::Object(variables),
    )
}

/// What one subscriber asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    All,
    Experiment(u16),
    /// The experiment, followed: each of its events as a change of it.
    Changes(u16),
    Permanence(u16),
    Kind(&'static str),
    OfKind(u16, &'static str),
}

impl Filter {
    pub(crate) fn any(chance: &mut Chance, experiments: u16) -> Self {
        let which = u16::try_from(chance.below(experiments.into())).unwrap();
        let kind = *chance.pick(&[STATED, TURNED_AWAY]);
        match chance.below(20) {
            0 => Self::All,
            1 => Self::Kind(kind),
            2..8 => Self::Permanence(which),
            8..11 => Self::OfKind(which, kind),
            11..13 => Self::Changes(which),
            _ => Self::Experiment(which),
        }
    }

    pub(crate) fn takes(self, of: Of) -> bool {
        match self {
            Self::All => true,
            Self::Experiment(which) | Self::Changes(which) => of.experiment == which,
            Self::Permanence(which) => of.permanence && of.experiment == which,
            Self::Kind(kind) => of.kind == kind,
            Self::OfKind(which, kind) => of.experiment == which && of.kind == kind,
        }
    }

    /// The document and the variables that ask for it after a position.
    pub(crate) fn request(self, after: u64) -> Value {
        let events = "subscription ($after: Position, $filter: EventFilter) \
                      { item: events(after: $after, filter: $filter) { position kind } }";
        let changes = "subscription ($after: Position, $id: ID!) \
                       { item: experimentChanged(after: $after, id: $id) { position cause { kind } } }";
        let after = after.to_string();
        let experiment = |which| id("experiment", which);
        let filter = match self {
            Self::Changes(which) => {
                let variables = json!({ "after": after, "id": experiment(which) });
                return json!({ "query": changes, "variables": variables });
            }
            Self::All => json!({}),
            Self::Experiment(which) => json!({ "experimentId": experiment(which) }),
            Self::Permanence(which) => json!({ "permanenceId": id("permanence", which) }),
            Self::Kind(kind) => json!({ "kinds": [kind] }),
            Self::OfKind(which, kind) => {
                json!({ "experimentId": experiment(which), "kinds": [kind] })
            }
        };
        json!({ "query": events, "variables": { "after": after, "filter": filter } })
    }
}
