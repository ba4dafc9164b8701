//! The reference of the API as pages for people (`docs/reference`): what the schema says, and beside it
//! who may ask for each field (`access::table`), what it costs ([`cost::model`](super::cost)), and every
//! code that an answer may hold.

mod codes;
mod kinds;

use std::{collections::BTreeMap, fmt::Write};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};

pub use codes::{FAULTS, REFUSED};

/// A page: the name of its file, and what it says.
pub type Page = (&'static str, String);

/// The pages of types, with what each begins with.
const PAGES: [(&str, &str, &str); 8] = [
    ("queries.md", "Queries", "What can be asked."),
    (
        "mutations.md",
        "Mutations",
        "What can be recorded. Each takes a `commandId`, under which it takes effect once however often it \
         is sent, and answers what is refused in `userErrors` ([codes](codes.md)).",
    ),
    (
        "subscriptions.md",
        "Subscriptions",
        "What can be followed, over `graphql-transport-ws`.",
    ),
    ("objects.md", "Objects", "What answers are made of."),
    (
        "connections.md",
        "Connections and payloads",
        "Pages of lists with their edges, and what mutations answer.",
    ),
    ("inputs.md", "Inputs", "What arguments are made of."),
    ("enums.md", "Enums", "Choices among names."),
    ("scalars.md", "Scalars", "What a value is written as."),
];

/// The page of codes.
const CODES: &str = "codes.md";
/// The page that leads to the others.
const INDEX: &str = "README.md";

/// What is said atop every page.
const MADE: &str = "<!-- Made by `carnet schema --reference`; `make schema` makes it again. -->";

/// The types of the schema by name, and on which page each stands.
struct Book(BTreeMap<String, TypeDefinition>);

impl Book {
    /// The page of a type; none where it is one of GraphQL's own.
    fn page(&self, name: &str) -> Option<&'static str> {
        Some(match (name, &self.0.get(name)?.kind) {
            ("Query", _) => "queries.md",
            ("Mutation", _) => "mutations.md",
            ("Subscription", _) => "subscriptions.md",
            (_, TypeKind::Object(_)) if is_frame(name) => "connections.md",
            (_, TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)) => "objects.md",
            (_, TypeKind::InputObject(_)) => "inputs.md",
            (_, TypeKind::Enum(_)) => "enums.md",
            (_, TypeKind::Scalar) => "scalars.md",
        })
    }

    /// A type as it is written, with a link to where it is told.
    fn link(&self, of: &Type) -> String {
        let name = innermost(of);
        let written = of.to_string();
        let Some(page) = self.page(name) else {
            return format!("`{written}`");
        };
        // A root is a whole page.
        if matches!(name, "Query" | "Mutation" | "Subscription") {
            return format!("[`{written}`]({page})");
        }
        format!("[`{written}`]({page}#{})", name.to_ascii_lowercase())
    }
}

/// Whether a type only holds others: there are many, all alike.
fn is_frame(name: &str) -> bool {
    ["Connection", "Edge", "Payload"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => innermost(inner),
    }
}

/// A description on one line, fit for a cell of a table.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

/// The pages, in the order of their names.
///
/// # Errors
/// That the schema cannot be read, which a test refuses.
pub fn pages() -> Result<Vec<Page>, async_graphql::parser::Error> {
    let document = parse_schema(super::sdl())?;
    let types = document.definitions.into_iter();
    let types = types.filter_map(|definition| match definition {
        TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node)),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    let book = Book(types.collect());
    let mut pages = vec![(INDEX, index(&book)), (CODES, codes::page())];
    for (file, title, about) in PAGES {
        let mut page = format!("# {title}\n\n{MADE}\n\n{about}\n");
        for (name, of) in &book.0 {
            if book.page(name) == Some(file) {
                // Writing to a string cannot fail.
                let _written = kinds::write(&mut page, &book, name, of);
            }
        }
        pages.push((file, page));
    }
    pages.sort_unstable();
    Ok(pages)
}

fn index(book: &Book) -> String {
    let mut page = format!("# The API, field by field\n\n{MADE}\n{HOW}");
    for (file, title, about) in PAGES {
        let there: Vec<&String> = book
            .0
            .keys()
            .filter(|name| book.page(name) == Some(file))
            .collect();
        let links: Vec<String> = match there.as_slice() {
            [root] => kinds::fields(book, root),
            many => many.iter().map(|name| (*name).clone()).collect(),
        };
        let links: Vec<String> = links
            .iter()
            .map(|name| format!("[{name}]({file}#{})", name.to_ascii_lowercase()))
            .collect();
        // Writing to a string cannot fail.
        let _written = write!(
            page,
            "\n## [{title}]({file})\n\n{about}\n\n{}\n",
            links.join(" · ")
        );
    }
    page
}

const HOW: &str = "
Beside each field stand who may ask for it and what it costs.

- **Asks for**: the capability; which role has it, and over what, is told in [policy.md](../policy.md). `Open` is
  for everybody, strangers as well.
- **Cost**: what the field counts for in `extensions.cost`, itself included; what stands under a list counts so
  often as the page that is asked for, or as the list is assumed to be long (`×`). Beyond a million an
  operation is refused; `explainCost` tells beforehand.
- A type that ends in `!` is never null; `[X!]!` is a list, never null, of what is never null.

Every code that an answer may hold: [codes.md](codes.md). The same as one file, for programs:
[schema.graphql](../../schema.graphql).
";
