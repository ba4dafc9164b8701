//! What an operation costs, told from its text before anything of it runs.
//!
//! A field costs one, and beside that what [`WEIGHTS`] says of those that fold or read much. What
//! stands in a list costs so often as the list is long: a connection as long as the page that is asked
//! for, a list without pages as long as [`LENGTHS`] assumes. Fragments are looked at once each,
//! whatever spreads them: a selection on a connection comes to a sum with one unknown, the length of
//! its page.
//!
//! **Invariants.** Linear in the document. Nothing is ever cheaper for being asked for by an alias, a
//! fragment or a variable; what `@skip` or `@include` take out is counted all the same.

mod model;

use std::collections::{BTreeMap, HashMap};

use async_graphql::{
    Name, Value as Const, Variables,
    parser::types::{
        ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

use crate::limits::{
    COST_BUDGET, LIST_ITEMS_ASSUMED, NODES_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX,
};
pub(super) use model::{INTROSPECTION, told};
pub use model::{LENGTHS, WEIGHTS};
use model::{SCHEMA, SHAPE, Times};

/// What an operation costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// In units of the model.
    pub requested: u64,
    /// Whether the answer is of the instant it is made at, whatever moment is asked of: then it is not
    /// to be kept.
    pub of_now: bool,
}

impl Cost {
    /// Whether it is more than one operation is given.
    #[must_use]
    pub const fn is_too_much(self) -> bool {
        self.requested > COST_BUDGET
    }
}

/// What the operation of that name costs, or the one there is; where none is named and there are
/// several, all of them together. Fragments within themselves must have been refused before.
#[must_use]
pub fn cost(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> Cost {
    let mut cost = Cost {
        requested: 0,
        of_now: false,
    };
    for root in meant(document, operation) {
        let mut walk = Walk::new(document, root, variables);
        let sum = walk.set(root_type(root), &root.selection_set.node);
        cost.requested = cost.requested.saturating_add(sum.alone());
        cost.of_now |= walk.of_now;
    }
    cost
}

/// What each field of the roots costs with all that is below it, by the name it is answered under.
#[must_use]
pub fn by_field(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> BTreeMap<String, u64> {
    let mut fields = BTreeMap::new();
    for root in meant(document, operation) {
        let mut walk = Walk::new(document, root, variables);
        let mut sets = vec![&root.selection_set.node];
        while let Some(set) = sets.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        let key = field.node.response_key().node.to_string();
                        let sum = walk.field(root_type(root), &field.node);
                        let known: &mut u64 = fields.entry(key).or_default();
                        *known = known.saturating_add(sum.alone());
                    }
                    Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.node.fragment_name.node;
                        let fragment = document.fragments.get(name);
                        sets.extend(fragment.map(|it| &it.node.selection_set.node));
                    }
                }
            }
        }
    }
    fields
}

/// The operations that may be executed.
fn meant<'a>(
    document: &'a ExecutableDocument,
    operation: Option<&str>,
) -> impl Iterator<Item = &'a OperationDefinition> {
    let operations = document.operations.iter();
    let meant = operations.filter(move |(name, _)| {
        operation.is_none_or(|wanted| name.is_some_and(|name| name.as_str() == wanted))
    });
    meant.map(|(_, operation)| &operation.node)
}

const fn root_type(operation: &OperationDefinition) -> &'static str {
    match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// What a selection costs: a sum, of which a part counts for each item of the page around it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    once: u64,
    per_item: u64,
}

impl Sum {
    const fn plus(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            per_item: self.per_item.saturating_add(other.per_item),
        }
    }

    /// What it comes to on a page of so many items.
    const fn on_page(self, items: u64) -> u64 {
        self.once
            .saturating_add(self.per_item.saturating_mul(items))
    }

    /// What it comes to where no page is around it.
    const fn alone(self) -> u64 {
        self.on_page(LIST_ITEMS_ASSUMED)
    }
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// The fragments that were looked at.
    passed: HashMap<&'a str, Sum>,
    of_now: bool,
}

impl<'a> Walk<'a> {
    fn new(
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        Self {
            document,
            operation,
            variables,
            passed: HashMap::new(),
            of_now: false,
        }
    }

    fn set(&mut self, of: &str, set: &'a SelectionSet) -> Sum {
        let mut sum = Sum::default();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => self.field(of, &field.node),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(of, |on| on.node.on.node.as_str());
                    self.set(on, &inline.node.selection_set.node)
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str())
                }
            };
            sum = sum.plus(part);
        }
        sum
    }

    fn fragment(&mut self, name: &str) -> Sum {
        if let Some(sum) = self.passed.get(name) {
            return *sum;
        }
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Sum::default();
        };
        let on = fragment.node.type_condition.node.on.node.as_str();
        let sum = self.set(on, &fragment.node.selection_set.node);
        self.passed.insert(name.as_str(), sum);
        sum
    }

    fn field(&mut self, of: &str, field: &'a Field) -> Sum {
        let name = field.name.node.as_str();
        let (known, below) = match name {
            "__schema" => (&SCHEMA, "__Schema"),
            "__type" => (&SCHEMA, "__Type"),
            _ => match SHAPE.get(of).and_then(|fields| fields.get(name)) {
                Some(known) => (known, known.of.as_str()),
                // There is no such field, which is for the validation to say.
                None => (&SCHEMA, ""),
            },
        };
        self.of_now |= known.of_now;
        let below = self.set(below, &field.selection_set.node);
        let own = 1_u64.saturating_add(known.weight);
        let times = |times: u64| Sum {
            once: own.saturating_add(below.alone().saturating_mul(times)),
            per_item: 0,
        };
        match known.times {
            Times::Fixed(length) => times(length),
            Times::PerId => times(self.ids(field)),
            Times::Page => Sum {
                once: own.saturating_add(below.on_page(self.page(field))),
                per_item: 0,
            },
            Times::PerItem => Sum {
                once: own,
                per_item: below.alone(),
            },
        }
    }

    /// How many items a page has that is asked for; what is refused later counts as the longest.
    fn page(&self, field: &'a Field) -> u64 {
        let asked = ["first", "last"].map(|name| match self.argument(field, name) {
            Given::Nothing => None,
            Given::Length(_) => Some(u64::from(PAGE_ITEMS_MAX.unsigned_abs())),
            Given::Number(number) => Some(number.min(u64::from(PAGE_ITEMS_MAX.unsigned_abs()))),
        });
        let [first, last] = asked;
        first
            .max(last)
            .unwrap_or(u64::from(PAGE_ITEMS_DEFAULT.unsigned_abs()))
    }

    /// How many ids are asked for.
    fn ids(&self, field: &'a Field) -> u64 {
        let most = u64::try_from(NODES_MAX).unwrap_or(u64::MAX);
        match self.argument(field, "ids") {
            Given::Length(length) => length.clamp(1, most),
            Given::Nothing | Given::Number(_) => 1,
        }
    }

    /// What stands in an argument, as far as it tells how long a list is.
    fn argument(&self, field: &'a Field, name: &str) -> Given {
        let Some(value) = field.get_argument(name) else {
            return Given::Nothing;
        };
        match &value.node {
            Value::Variable(name) => self.variable(name),
            Value::Null => Given::Nothing,
            Value::List(list) => Given::Length(u64::try_from(list.len()).unwrap_or(u64::MAX)),
            Value::Number(number) => number.as_u64().map_or(Given::Length(1), Given::Number),
            Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_)
            | Value::Object(_) => Given::Length(1),
        }
    }

    fn variable(&self, name: &Name) -> Given {
        let mut declared = self.operation.variable_definitions.iter();
        let declared = declared.find(|variable| variable.node.name.node == *name);
        let default = declared.and_then(|variable| variable.node.default_value.as_ref());
        let given = self.variables.get(name);
        match given.or(default.map(|default| &default.node)) {
            None | Some(Const::Null) => Given::Nothing,
            Some(Const::Number(number)) => number.as_u64().map_or(Given::Length(1), Given::Number),
            Some(Const::List(list)) => Given::Length(u64::try_from(list.len()).unwrap_or(u64::MAX)),
            Some(
                Const::String(_)
                | Const::Boolean(_)
                | Const::Binary(_)
                | Const::Enum(_)
                | Const::Object(_),
            ) => Given::Length(1),
        }
    }
}

/// What stands in an argument.
enum Given {
    Nothing,
    Number(u64),
    /// A list of so many entries; one, where it is something else.
    Length(u64),
}
