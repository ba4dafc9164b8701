//! Documents made from the schema: for each field of each type one that asks for it, by the shortest
//! way from a root.

use std::collections::{BTreeMap, VecDeque};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};
use carnet::access::{
    policy::{Capabilities, Capability},
    table::asked_for,
};

use crate::{inputs::holder, world::Org};

/// A field: what it takes and what it answers.
#[derive(Debug, Clone)]
struct Field {
    /// Its arguments: the name, the type, whether it must be given.
    arguments: Vec<(String, String, bool)>,
    of: String,
}

/// A step from one type to another.
#[derive(Debug, Clone)]
struct Step {
    of: &'static str,
    field: String,
    /// The type that it leads to, where the field answers an interface.
    on: Option<String>,
}

/// The schema, as documents are made from it.
pub(crate) struct Documents {
    types: BTreeMap<&'static str, BTreeMap<String, Field>>,
    ways: BTreeMap<&'static str, Vec<Step>>,
}

/// A document, and which fields it selects, from the root on.
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) selects: Vec<(&'static str, String)>,
    /// The field it is made for.
    pub(crate) of: &'static str,
    pub(crate) field: String,
}

impl Document {
    /// The first field of it that is none of these capabilities, by the table.
    pub(crate) fn refused(&self, may: Capabilities) -> Option<&(&'static str, String)> {
        let mut selects = self.selects.iter();
        selects.find(|(of, field)| !may.has(asked_for(of, field).unwrap()))
    }

    /// By its names, for messages.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.of, self.field)
    }
}

fn innermost(of: &Type) -> String {
    match &of.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => innermost(inner),
    }
}

/// Interned for as long as the tests run.
fn kept(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}

impl Documents {
    pub(crate) fn new() -> Self {
        let parsed = parse_schema(carnet::graphql::sdl()).unwrap();
        let mut types = BTreeMap::new();
        let mut nodes = Vec::new();
        for definition in parsed.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = kept(&definition.node.name.node);
            let fields = match definition.node.kind {
                TypeKind::Object(object) => {
                    if !object.implements.is_empty() {
                        nodes.push(name);
                    }
                    object.fields
                }
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Scalar
                | TypeKind::Union(_)
                | TypeKind::Enum(_)
                | TypeKind::InputObject(_) => continue,
            };
            let fields = fields.into_iter().map(|field| {
                let argument = |it: &InputValueDefinition| {
                    let must = !it.ty.node.nullable && it.default_value.is_none();
                    (it.name.node.to_string(), innermost(&it.ty.node), must)
                };
                let arguments = field.node.arguments.iter();
                let of = Field {
                    arguments: arguments.map(|it| argument(&it.node)).collect(),
                    of: innermost(&field.node.ty.node),
                };
                (field.node.name.node.to_string(), of)
            });
            types.insert(name, fields.collect::<BTreeMap<_, _>>());
        }
        let mut documents = Self {
            types,
            ways: BTreeMap::new(),
        };
        documents.find_ways(&nodes);
        documents
    }

    /// The shortest way to each type, mutations apart: they are for another test.
    fn find_ways(&mut self, nodes: &[&'static str]) {
        let mut next = VecDeque::from(["Query", "Subscription"]);
        for root in &next {
            self.ways.insert(root, Vec::new());
        }
        while let Some(of) = next.pop_front() {
            let way = self.ways[of].clone();
            for (name, field) in self.types[of].clone() {
                let mut leads_to = Vec::new();
                if field.of == "Node" {
                    leads_to.push(("Node", None));
                    leads_to.extend(nodes.iter().map(|node| (*node, Some((*node).to_owned()))));
                } else if let Some((to, _)) = self.types.get_key_value(field.of.as_str()) {
                    leads_to.push((*to, None));
                }
                for (to, on) in leads_to {
                    if self.ways.contains_key(to) {
                        continue;
                    }
                    let field = name.clone();
                    let step = Step { of, field, on };
                    self.ways.insert(to, [way.clone(), vec![step]].concat());
                    next.push_back(to);
                }
            }
        }
    }

    /// The types that only a payload leads to.
    pub(crate) fn unreached(&self) -> Vec<&'static str> {
        let types = self.types.keys().copied();
        types.filter(|of| !self.ways.contains_key(of)).collect()
    }

    /// One document for each field of each type that is reached.
    pub(crate) fn all(&self, org: Org) -> Vec<Document> {
        let mut all = Vec::new();
        for (of, fields) in &self.types {
            let Some(way) = self.ways.get(of) else {
                continue;
            };
            for field in fields.keys() {
                all.push(self.document(of, field, way, org));
            }
        }
        all
    }

    fn document(&self, of: &'static str, field: &str, way: &[Step], org: Org) -> Document {
        let mut selects: Vec<(&'static str, String)> =
            way.iter().map(|it| (it.of, it.field.clone())).collect();
        selects.push((of, field.to_owned()));
        let found = &self.types[of][field];
        let mut text = Self::call(field, found, org, None);
        let below = self.leaves(&found.of);
        if self.types.contains_key(found.of.as_str()) {
            let names: Vec<String> = below.iter().map(|(_, name)| name.clone()).collect();
            text = format!("{text} {{ __typename {} }}", names.join(" "));
        }
        selects.extend(below);
        for step in way.iter().rev() {
            let called = &self.types[step.of][&step.field];
            let call = Self::call(&step.field, called, org, step.on.as_deref());
            text = match &step.on {
                Some(on) => format!("{call} {{ ... on {on} {{ {text} }} }}"),
                None => format!("{call} {{ {text} }}"),
            };
        }
        let root = way.first().map_or(of, |first| first.of).to_lowercase();
        Document {
            text: format!("{root} {{ {text} }}"),
            selects,
            of,
            field: field.to_owned(),
        }
    }

    /// Those fields of a type that take nothing and lead nowhere.
    fn leaves(&self, of: &str) -> Vec<(&'static str, String)> {
        let Some((of, fields)) = self.types.get_key_value(of) else {
            return Vec::new();
        };
        let leaves = fields.iter().filter(|(_, field)| {
            !self.types.contains_key(field.of.as_str()) && field.arguments.iter().all(|it| !it.2)
        });
        // What is not asked for by the same right as the rest is asked for by itself.
        let common = |name: &str| asked_for(of, name) != Some(Capability::Personal);
        let names = leaves.map(|(name, _)| name.clone());
        let heavy = |name: &String| of == &"Report" && (name == "content" || name == "publishedBy");
        names
            .filter(|name| common(name) && !heavy(name))
            .map(|name| (*of, name))
            .collect()
    }

    fn call(name: &str, field: &Field, org: Org, on: Option<&str>) -> String {
        let arguments = field.arguments.iter().filter_map(|(argument, of, must)| {
            if argument == "first" {
                return Some("first: 100".to_owned());
            }
            must.then(|| {
                let kind = on.unwrap_or(&field.of);
                format!("{argument}: {}", value(name, argument, of, kind, org))
            })
        });
        let arguments: Vec<String> = arguments.collect();
        if arguments.is_empty() {
            name.to_owned()
        } else {
            format!("{name}({})", arguments.join(", "))
        }
    }
}

/// What an argument is given.
fn value(field: &str, argument: &str, of: &str, kind: &str, org: Org) -> String {
    match (of, argument) {
        ("ID", "ids") => format!("[{}]", every_id(org).join(", ")),
        ("ID", _) => id(kind, org),
        ("Position", _) => "\"1\"".to_owned(),
        ("KnownAt", _) => "{ position: \"0\" }".to_owned(),
        ("Date", "until") => "\"2021-05-31\"".to_owned(),
        ("Date", _) => "\"2021-05-04\"".to_owned(),
        ("String", "query") => "\"{ position }\"".to_owned(),
        ("String", "code") => "\"la-poste\"".to_owned(),
        ("IndicatorSide", _) => "{}".to_owned(),
        _ => panic!("what is {field}({argument}: {of}) given?"),
    }
}

/// The id of an object of a type.
pub(crate) fn id(kind: &str, org: Org) -> String {
    let prefix = match kind {
        "Experiment" | "ExperimentChange" | "Node" => "experiment",
        "HostVenue" => "venue",
        "Permanence" => "permanence",
        "Adviser" => "adviser",
        "Session" => return format!("\"{}\"", session(org)),
        "Operator" => return "\"operator-00000000-0000-7000-8000-000000000009\"".to_owned(),
        "FundingAgreement" => "agreement",
        "Cost" => "cost",
        "ImportBatch" => "import",
        "LabelledSite" => return "\"site-dddddddd-0000-7000-8000-000000000001\"".to_owned(),
        "Report" => "report",
        "ServiceToken" => "token",
        "GrantHolder" => return format!("\"{}\"", holder(org)),
        "Event" => return "\"event-4\"".to_owned(),
        _ => panic!("what is the id of a {kind}?"),
    };
    format!("\"{}\"", org.id(prefix))
}

/// The session that an organisation held.
pub(crate) fn session(org: Org) -> String {
    let permanence = carnet::domain::terms::PermanenceId(org.uuid().parse().unwrap());
    let day = chrono::NaiveDate::from_ymd_opt(2021, 5, 4).unwrap();
    let session = carnet::domain::terms::SessionId::of(permanence, day);
    carnet::domain::event::StreamId::Session(session).to_string()
}

/// The ids of all that an organisation has.
pub(crate) fn every_id(org: Org) -> Vec<String> {
    [
        "Experiment",
        "HostVenue",
        "Permanence",
        "Adviser",
        "Session",
        "FundingAgreement",
        "Cost",
        "ImportBatch",
        "Report",
        "ServiceToken",
        "GrantHolder",
    ]
    .into_iter()
    .map(|kind| id(kind, org))
    .collect()
}
