//! The model: what each field weighs, and how long lists count as.

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
};

use crate::{
    graphql,
    limits::{
        ACTIVITY_COST, LIST_ITEMS_ASSUMED, MUTATION_COST, PROGRAMME_COST, PROOF_COST, SESSION_COST,
    },
};

/// What a field costs beside the one that every field does.
#[rustfmt::skip]
pub const WEIGHTS: &[(&str, &str, u64)] = &[
    ("Query", "activity", PROGRAMME_COST),
    ("Query", "indicators", PROGRAMME_COST),
    ("Query", "compareIndicators", 2 * PROGRAMME_COST),
    ("Subscription", "indicators", PROGRAMME_COST),
    ("Subscription", "permanencesToday", ACTIVITY_COST),
    ("ProgrammeSummary", "activity", PROGRAMME_COST),
    ("Query", "session", SESSION_COST),
    ("Query", "logHead", PROOF_COST),
    ("Query", "inclusionProof", PROOF_COST),
    ("Query", "consistencyProof", PROOF_COST),
    ("Experiment", "activity", ACTIVITY_COST),
    ("Experiment", "indicators", ACTIVITY_COST),
    ("Experiment", "sessions", ACTIVITY_COST),
    ("Permanence", "activity", ACTIVITY_COST),
    ("Permanence", "sessions", ACTIVITY_COST),
    ("Permanence", "session", SESSION_COST),
    ("IndicatorFigure", "evidence", ACTIVITY_COST),
    ("Decision", "basis", 2 * ACTIVITY_COST),
    ("Diff", "changes", ACTIVITY_COST),
    ("Diff", "activityBefore", PROGRAMME_COST),
    ("Diff", "activityAfter", PROGRAMME_COST),
    ("Report", "content", PROOF_COST),
    ("Report", "figureChanges", 2 * PROOF_COST),
];

/// How long a list without pages counts as, where that is not [`LIST_ITEMS_ASSUMED`].
#[rustfmt::skip]
pub const LENGTHS: &[(&str, &str, u64)] = &[
    ("Query", "indicatorDefinitions", 20),
    ("IndicatorReport", "groups", 20),
    ("IndicatorGroup", "figures", 20),
    ("IndicatorComparison", "figures", 20),
    ("Calendar", "occurrences", 50),
    ("PermanencesOfDay", "occurrences", 50),
    ("PermanencesOfDay", "permanences", 50),
    ("LabelledSite", "openings", 50),
    ("Experiment", "decisions", 2),
    ("Experiment", "zone", 20),
    ("ImportBatch", "rejects", 100),
    ("__Schema", "types", 400),
    ("__Type", "fields", 10),
    ("__Type", "inputFields", 3),
    ("__Type", "enumValues", 2),
    ("__Type", "interfaces", 1),
    ("__Type", "possibleTypes", 1),
    ("__Field", "args", 1),
    ("__Directive", "args", 1),
];

/// The types that a schema has of itself, as far as they matter here and to validation.
pub(in crate::graphql) const INTROSPECTION: &str = "
type __Schema { description: String types: [__Type!]! queryType: __Type! mutationType: __Type
  subscriptionType: __Type directives: [__Directive!]! }
type __Type { kind: __TypeKind! name: String description: String
  fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type
  specifiedByURL: String isOneOf: Boolean }
type __Field { name: String! description: String
  args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type!
  isDeprecated: Boolean! deprecationReason: String }
type __InputValue { name: String! description: String type: __Type! defaultValue: String
  isDeprecated: Boolean! deprecationReason: String }
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive { name: String! description: String locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]! isRepeatable: Boolean! }
";

/// Fields whose answer is of the instant it is made at.
const OF_NOW: &[(&str, &str)] = &[("Query", "rateLimit")];

/// How often what is below a field is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// So often.
    Fixed(u64),
    /// Once, and the page it asks for tells how long the lists below it are.
    Page,
    /// So often as the page around it is long.
    PerItem,
    /// So often as its argument `ids` has entries.
    PerId,
}

#[derive(Debug)]
pub(super) struct Known {
    pub weight: u64,
    pub times: Times,
    pub of_now: bool,
    /// The type of its answer, stripped of lists and of what cannot be null.
    pub of: String,
}

pub(super) type Fields = HashMap<String, Known>;

/// Every field of every type, with what it costs.
pub(super) static SHAPE: LazyLock<HashMap<String, Fields>> = LazyLock::new(|| {
    let mut shape = HashMap::new();
    for sdl in [graphql::sdl().as_str(), INTROSPECTION] {
        let document = parse_schema(sdl).map_err(|error| {
            tracing::error!(%error, "the schema cannot be read: no field of it weighs anything");
        });
        let definitions = document.into_iter().flat_map(|known| known.definitions);
        for definition in definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            let fields = match &definition.node.kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                TypeKind::Scalar
                | TypeKind::Union(_)
                | TypeKind::Enum(_)
                | TypeKind::InputObject(_) => continue,
            };
            let fields = fields.iter().map(|field| known(&name, &field.node));
            let fields = fields.collect();
            shape.insert(name, fields);
        }
    }
    shape
});

/// What the schema has of itself at its root.
pub(super) static SCHEMA: Known = Known {
    weight: 0,
    times: Times::Fixed(1),
    of_now: false,
    of: String::new(),
};

fn known(of: &str, field: &FieldDefinition) -> (String, Known) {
    let name = field.name.node.to_string();
    let told = |table: &[(&str, &str, u64)]| {
        let mut rows = table.iter();
        let row = rows.find(|(known, field, _)| *known == of && *field == name);
        row.map(|(_, _, figure)| *figure)
    };
    let has = |argument: &str| {
        let mut arguments = field.arguments.iter();
        arguments.any(|known| known.node.name.node.as_str() == argument)
    };
    let is_list = matches!(field.ty.node.base, BaseType::List(_));
    let times = if has("first") && !is_list {
        Times::Page
    } else if has("ids") && is_list {
        Times::PerId
    } else if is_list && of.ends_with("Connection") {
        Times::PerItem
    } else if is_list {
        Times::Fixed(told(LENGTHS).unwrap_or(LIST_ITEMS_ASSUMED))
    } else {
        Times::Fixed(1)
    };
    let mutation = if of == "Mutation" { MUTATION_COST } else { 0 };
    let known = Known {
        weight: told(WEIGHTS).unwrap_or(mutation),
        times,
        of_now: OF_NOW.contains(&(of, name.as_str())),
        of: innermost(&field.ty.node).to_owned(),
    };
    (name, known)
}

fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}

/// What a field costs, in words: itself, and how often what stands below it, if anything does.
pub(in crate::graphql) fn told(of: &str, field: &str) -> String {
    let Some(known) = SHAPE.get(of).and_then(|fields| fields.get(field)) else {
        return String::new();
    };
    let own = known.weight.saturating_add(1);
    let has_below = SHAPE.contains_key(&known.of);
    match known.times {
        Times::Fixed(length) if length != 1 && has_below => format!("{own}, below × {length}"),
        Times::Page => format!("{own}, below × page"),
        Times::PerItem if has_below => format!("{own}, below × page"),
        Times::Fixed(_) | Times::PerItem => own.to_string(),
        Times::PerId => format!("{own}, below × ids"),
    }
}
