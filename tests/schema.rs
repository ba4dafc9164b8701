//! The schema is a contract: the committed `schema.graphql` is what the program serves, everything
//! in it is described, and names keep their conventions.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{
            FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};
use carnet::{
    domain::refusal::Refusal,
    graphql::reference::{FAULTS, REFUSED},
};

/// Directives that the specification of GraphQL describes; their arguments are not ours to
/// describe.
const SPECIFIED_DIRECTIVES: [&str; 5] = ["include", "skip", "deprecated", "specifiedBy", "oneOf"];

/// Would catch: a change of the API that nobody saw in a review, because the file was left behind.
#[test]
fn the_committed_schema_is_the_one_served() {
    let committed = include_str!("../schema.graphql");
    let served = carnet::graphql::sdl();
    let differs = committed
        .lines()
        .zip(served.lines())
        .position(|(committed, served)| committed != served)
        .unwrap_or_else(|| committed.lines().count().min(served.lines().count()));
    assert!(
        committed == served,
        "schema.graphql is not what the program serves, from line {} on:\n  committed: {:?}\n  \
         served:    {:?}\nRegenerate it with `make schema` and commit the difference.",
        differs + 1,
        committed.lines().nth(differs),
        served.lines().nth(differs),
    );
}

/// Would catch: pages of the reference that were left behind by a change of the schema, of the policy, of the
/// costs or of the codes; and a page that nobody makes any more.
#[test]
fn the_committed_reference_is_the_one_made() {
    let made: BTreeMap<String, String> = carnet::graphql::reference::pages()
        .unwrap()
        .into_iter()
        .map(|(name, page)| (name.to_owned(), page))
        .collect();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    let committed: BTreeMap<String, String> = fs::read_dir(committed)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let page = fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), page)
        })
        .collect();
    let stale: Vec<&String> = made
        .keys()
        .chain(committed.keys())
        .filter(|name| made.get(*name) != committed.get(*name))
        .collect();
    assert!(stale.is_empty(), "run `make schema`: {stale:?}");
}

/// Would catch: a link within the reference that leads nowhere.
#[test]
fn links_of_the_reference_lead_somewhere() {
    let pages: BTreeMap<&str, String> = carnet::graphql::reference::pages()
        .unwrap()
        .into_iter()
        .collect();
    let mut links = 0;
    for (page, text) in &pages {
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.starts_with("..") {
                let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
                assert!(docs.join(file).exists(), "{page}: {link}");
                continue;
            }
            let leads_to = pages.get(file).map(String::as_str);
            assert!(leads_to.is_some(), "{page}: {link}");
            let mut headings = leads_to
                .unwrap_or_default()
                .lines()
                .filter_map(|line| line.strip_prefix("## "));
            let found = anchor.is_empty() || headings.any(|it| it.to_lowercase() == anchor);
            assert!(found, "{page}: {link}");
            links += 1;
        }
    }
    assert!(links > 1_000, "{links}");
}

/// Would catch: a code that an answer may hold and the reference does not tell of; one that it tells of and
/// that is no more; two meanings.
#[test]
fn every_code_is_told() {
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    for (code, meaning) in FAULTS.iter().chain(REFUSED) {
        assert_eq!(told.insert(code, meaning), None, "{code}");
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut left = vec![sources.join("http"), sources.join("graphql")];
    let mut found = BTreeSet::new();
    while let Some(path) = left.pop() {
        // Where they are told, and where types are described.
        if path.ends_with("reference") || path.ends_with("tests.rs") {
            continue;
        }
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        // Whatever stands between two quotes: what is not within them is never capitals alone.
        let codes = source.split('"').filter(|text| {
            text.len() > 4
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        });
        found.extend(codes.map(ToOwned::to_owned));
    }
    let told: BTreeSet<String> = told.into_keys().map(ToOwned::to_owned).collect();
    let differing: Vec<&String> = found.symmetric_difference(&told).collect();
    assert!(differing.is_empty(), "{differing:?}");
    let refusals: BTreeSet<&str> = Refusal::MEANINGS.iter().map(|(code, _)| *code).collect();
    assert_eq!(refusals, Refusal::CODES.iter().copied().collect());
}

/// Would catch: a field, argument or value that a reader of the schema must guess the meaning of,
/// an accent that some client cannot spell, a name or a payload that is not like the others.
#[test]
fn the_schema_keeps_its_conventions() {
    let slips = slips(&carnet::graphql::sdl());
    assert!(slips.is_empty(), "{}", slips.join("\n"));
}

/// The check above finds one slip of each kind, so that an empty list means something.
#[test]
fn the_check_bites() {
    for (sdl, expected) in SLIPS {
        let found = slips(sdl);
        assert!(
            found.iter().any(|slip| slip == expected),
            "{sdl}\n  expected: {expected}\n  found: {found:#?}"
        );
    }
}

/// Schemas with a slip, and how it is told.
const SLIPS: &[(&str, &str)] = &[
    ("type Thing { \"d\" a: Int }", "Thing has no description"),
    ("\"d\" type Thing { a: Int }", "Thing.a has no description"),
    (
        "\"d\" type Thing { \" \" a: Int }",
        "Thing.a has no description",
    ),
    (
        "\"d\" type Thing { \"d\" a(b: Int): Int }",
        "Thing.a(b) has no description",
    ),
    (
        "\"d\" interface Thing { a: Int }",
        "Thing.a has no description",
    ),
    ("\"d\" input Thing { a: Int }", "Thing.a has no description"),
    ("\"d\" enum Thing { A }", "Thing.A has no description"),
    ("scalar Thing", "Thing has no description"),
    ("union Thing = Other", "Thing has no description"),
    ("directive @thing on FIELD", "@thing has no description"),
    (
        "\"d\" directive @thing(a: Int) on FIELD",
        "@thing(a) has no description",
    ),
    (
        "\"d\u{e9}\" scalar Thing",
        "line 1 is not ASCII: \"d\u{e9}\" scalar Thing",
    ),
    ("\"d\" scalar thing", "thing is not in PascalCase"),
    (
        "\"d\" type Thing_Two { \"d\" a: Int }",
        "Thing_Two is not in PascalCase",
    ),
    (
        "\"d\" type Thing { \"d\" a_b: Int }",
        "Thing.a_b is not in camelCase",
    ),
    (
        "\"d\" type Thing { \"d\" a(\"d\" B: Int): Int }",
        "Thing.a(B) is not in camelCase",
    ),
    (
        "\"d\" enum Thing { \"d\" ab }",
        "Thing.ab is not in SCREAMING_SNAKE_CASE",
    ),
    (
        "\"d\" type Thing { \"d\" headPosition: Int! }",
        "Thing.headPosition is a position, not Int!",
    ),
    (
        "\"d\" input Thing { \"d\" position: String }",
        "Thing.position is a position, not String",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt: DoItPayload! }",
        "Mutation.doIt must take one argument, input: DoItInput!",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput): DoItPayload! }",
        "Mutation.doIt must take one argument, input: DoItInput!",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput!, \"d\" more: Int): DoItPayload! }",
        "Mutation.doIt must take one argument, input: DoItInput!",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput!): Boolean! }",
        "Mutation.doIt must return DoItPayload!",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput!): DoItPayload }",
        "Mutation.doIt must return DoItPayload!",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput!): DoItPayload! }",
        "DoItPayload.userErrors must be [UserError!]!",
    ),
    (
        "\"d\" type DoItPayload { \"d\" userErrors: [UserError!] }",
        "DoItPayload.userErrors must be [UserError!]!",
    ),
    (
        "\"d\" type DoItPayload { \"d\" eventIds: [ID!]! }",
        "DoItPayload.position must be Position",
    ),
    (
        "\"d\" type DoItPayload { \"d\" position: Position }",
        "DoItPayload.eventIds must be [ID!]!",
    ),
    (
        "\"d\" type DoItPayload { \"d\" position: Position }",
        "DoItPayload.query must be Query!",
    ),
    (
        "\"d\" type DoItPayload { \"d\" thing: Thing! }",
        "DoItPayload must have one more field, the subject, which may be absent",
    ),
    (
        "\"d\" type DoItPayload { \"d\" position: Position }",
        "DoItPayload must have one more field, the subject, which may be absent",
    ),
    (
        "\"d\" type DoItPayload { \"d\" position: Position }",
        "DoItPayload belongs to no mutation",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput!): DoItPayload! }",
        "DoItInput.commandId must be UUID!",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput!): DoItPayload! } \"d\" input DoItInput { \"d\" commandId: UUID }",
        "DoItInput.commandId must be UUID!",
    ),
    (
        "\"d\" type Mutation { \"d\" doIt(\"d\" input: DoItInput!): DoItPayload! } \"d\" input DoItInput { \"d\" commandId: UUID! }",
        "DoItInput.source must be SourceInput!",
    ),
    (
        "\"d\" type ThingConnection { \"d\" pageInfo: PageInfo! }",
        "ThingConnection.edges must be [ThingEdge!]!",
    ),
    (
        "\"d\" type ThingConnection { \"d\" edges: [ThingEdge!]! }",
        "ThingConnection.pageInfo must be PageInfo!",
    ),
    (
        "\"d\" type ThingConnection { \"d\" edges: [ThingEdge!]! }",
        "ThingEdge has no cursor",
    ),
    (
        "\"d\" type ThingConnection { \"d\" edges: [ThingEdge!]! }",
        "ThingEdge.node must be Thing!",
    ),
    (
        "\"d\" type Query { \"d\" things: ThingConnection! }",
        "Query.things gives a connection and must take first and after",
    ),
];

/// A description, or its absence.
type Described = Option<Positioned<String>>;

/// What is wrong with a schema, a line each.
fn slips(sdl: &str) -> Vec<String> {
    let mut check = Check::default();
    for (number, line) in (1..).zip(sdl.lines()) {
        check.unless(line.is_ascii(), || {
            format!("line {number} is not ASCII: {line}")
        });
    }
    let document = parse_schema(sdl).unwrap();
    let mut types = BTreeMap::new();
    for definition in &document.definitions {
        match definition {
            TypeSystemDefinition::Schema(_) => {}
            TypeSystemDefinition::Directive(directive) => {
                let directive = &directive.node;
                let name = format!("@{}", directive.name.node);
                check.described(&name, &directive.description);
                if !SPECIFIED_DIRECTIVES.contains(&directive.name.node.as_str()) {
                    check.arguments(&name, &directive.arguments);
                }
            }
            TypeSystemDefinition::Type(definition) => {
                check.definition(&definition.node);
                types.insert(definition.node.name.node.as_str(), &definition.node);
            }
        }
    }
    let schema = Schema(types);
    check.mutations(&schema);
    check.connections(&schema);
    check.slips
}

#[derive(Default)]
struct Check {
    slips: Vec<String>,
}

impl Check {
    fn unless(&mut self, right: bool, slip: impl FnOnce() -> String) {
        if !right {
            self.slips.push(slip());
        }
    }

    fn described(&mut self, what: &str, description: &Described) {
        let said = description
            .as_ref()
            .is_some_and(|description| !description.node.trim().is_empty());
        self.unless(said, || format!("{what} has no description"));
    }

    fn definition(&mut self, definition: &TypeDefinition) {
        let name = definition.name.node.as_str();
        self.described(name, &definition.description);
        self.unless(is_pascal(name), || format!("{name} is not in PascalCase"));
        match &definition.kind {
            TypeKind::Object(object) => self.fields(name, &object.fields),
            TypeKind::Interface(interface) => self.fields(name, &interface.fields),
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    let what = format!("{name}.{}", field.node.name.node);
                    self.input(&what, &field.node);
                }
            }
            TypeKind::Enum(choice) => {
                for value in &choice.values {
                    let value = &value.node;
                    let what = format!("{name}.{}", value.value.node);
                    self.described(&what, &value.description);
                    self.unless(is_screaming(&value.value.node), || {
                        format!("{what} is not in SCREAMING_SNAKE_CASE")
                    });
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }

    fn fields(&mut self, of: &str, fields: &[Positioned<FieldDefinition>]) {
        for field in fields {
            let field = &field.node;
            let what = format!("{of}.{}", field.name.node);
            self.described(&what, &field.description);
            self.named(&what, &field.name.node, &field.ty.node.to_string());
            self.arguments(&what, &field.arguments);
        }
    }

    fn arguments(&mut self, of: &str, arguments: &[Positioned<InputValueDefinition>]) {
        for argument in arguments {
            let what = format!("{of}({})", argument.node.name.node);
            self.input(&what, &argument.node);
        }
    }

    fn input(&mut self, what: &str, value: &InputValueDefinition) {
        self.described(what, &value.description);
        self.named(what, &value.name.node, &value.ty.node.to_string());
    }

    fn named(&mut self, what: &str, name: &str, ty: &str) {
        self.unless(is_camel(name), || format!("{what} is not in camelCase"));
        // A position outgrows Int, which clients keep in 32 bits or in a float.
        let is_position = name == "position" || name.ends_with("Position");
        self.unless(
            !is_position || ty.trim_end_matches('!') == "Position",
            || format!("{what} is a position, not {ty}"),
        );
    }

    /// A mutation takes one input and returns one payload, each named after it.
    fn mutations(&mut self, schema: &Schema<'_>) {
        let mut payloads = Vec::new();
        for mutation in schema.fields("Mutation") {
            let name = mutation.name.node.as_str();
            let intent = format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]);
            let input = format!("{intent}Input");
            let arguments: Vec<String> = mutation
                .arguments
                .iter()
                .map(|argument| format!("{}: {}", argument.node.name.node, argument.node.ty.node))
                .collect();
            self.unless(arguments == [format!("input: {input}!")], || {
                format!("Mutation.{name} must take one argument, input: {input}!")
            });
            self.must_be(schema, &input, "commandId", "UUID!");
            self.must_be(schema, &input, "source", "SourceInput!");
            let payload = format!("{intent}Payload");
            self.unless(
                mutation.ty.node.to_string() == format!("{payload}!"),
                || format!("Mutation.{name} must return {payload}!"),
            );
            payloads.push(payload);
        }
        let declared = schema.0.keys().filter(|name| name.ends_with("Payload"));
        for payload in declared {
            self.unless(payloads.iter().any(|known| known == payload), || {
                format!("{payload} belongs to no mutation")
            });
        }
        payloads.extend(
            schema
                .0
                .keys()
                .filter(|name| name.ends_with("Payload"))
                .map(|name| (*name).to_owned()),
        );
        payloads.sort_unstable();
        payloads.dedup();
        for payload in payloads {
            let every = [
                ("userErrors", "[UserError!]!"),
                ("position", "Position"),
                ("eventIds", "[ID!]!"),
                ("query", "Query!"),
            ];
            for (field, ty) in every {
                self.must_be(schema, &payload, field, ty);
            }
            let subject: Vec<String> = schema
                .fields(&payload)
                .filter(|field| every.iter().all(|(name, _)| field.name.node != *name))
                .map(|field| field.ty.node.to_string())
                .collect();
            self.unless(subject.len() == 1 && !subject[0].ends_with('!'), || {
                format!("{payload} must have one more field, the subject, which may be absent")
            });
        }
    }

    /// A connection has edges and page information, and is paged by cursors.
    fn connections(&mut self, schema: &Schema<'_>) {
        for connection in schema.0.keys() {
            let Some(item) = connection.strip_suffix("Connection") else {
                continue;
            };
            let edge = format!("{item}Edge");
            self.must_be(schema, connection, "edges", &format!("[{edge}!]!"));
            self.must_be(schema, connection, "pageInfo", "PageInfo!");
            self.must_be(schema, &edge, "node", &format!("{item}!"));
            self.unless(schema.field(&edge, "cursor").is_some(), || {
                format!("{edge} has no cursor")
            });
        }
        for (name, definition) in &schema.0 {
            let TypeKind::Object(object) = &definition.kind else {
                continue;
            };
            for field in &object.fields {
                let field = &field.node;
                let ty = field.ty.node.to_string();
                let takes = |name: &str| field.arguments.iter().any(|a| a.node.name.node == name);
                let paged = takes("first") && takes("after");
                self.unless(!ty.contains("Connection") || paged, || {
                    format!(
                        "{name}.{} gives a connection and must take first and after",
                        field.name.node
                    )
                });
            }
        }
    }

    fn must_be(&mut self, schema: &Schema<'_>, of: &str, field: &str, ty: &str) {
        self.unless(schema.field(of, field).as_deref() == Some(ty), || {
            format!("{of}.{field} must be {ty}")
        });
    }
}

/// The types of a schema, by name.
struct Schema<'a>(BTreeMap<&'a str, &'a TypeDefinition>);

impl Schema<'_> {
    /// The fields of an object; none if there is no such object.
    fn fields(&self, of: &str) -> impl Iterator<Item = &FieldDefinition> {
        let object = match self.0.get(of).map(|definition| &definition.kind) {
            Some(TypeKind::Object(object)) => object.fields.as_slice(),
            _ => &[],
        };
        object.iter().map(|field| &field.node)
    }

    /// The type of a field of an object or of an input.
    fn field(&self, of: &str, field: &str) -> Option<String> {
        match self.0.get(of).map(|definition| &definition.kind) {
            Some(TypeKind::InputObject(input)) => input
                .fields
                .iter()
                .find(|known| known.node.name.node == field)
                .map(|known| known.node.ty.node.to_string()),
            _ => self
                .fields(of)
                .find(|known| known.name.node == field)
                .map(|known| known.ty.node.to_string()),
        }
    }
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_screaming(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}
