//! What changed between two positions, in rows and in French sentences.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{
    ComplexObject, Context, Enum, ID, Object, Result, SimpleObject, connection::PageInfo,
};
use serde_json::Value;

use super::{
    activity::{Activity, PeriodInput},
    event::Event,
    moment::KnownAt,
    page::page_size,
};
use crate::{
    domain::{
        diff::{self as domain, Change},
        event::{Recorded, StreamId},
        sentence, terms,
    },
    graphql::{Means, api, fault::Fault, id::NodeId, scalars::Position},
    read::{At, activity::Scope, history::Of},
};

/// What changed between two positions of the log.
pub(in crate::graphql) struct Diff {
    /// The moment compared with.
    from: At,
    /// The moment compared.
    to: At,
    of: Of,
    scope: Scope,
}

impl Diff {
    /// What changed between two moments; nothing where the first is the later one.
    pub(in crate::graphql) fn of(from: At, to: At, of: Of, scope: Scope) -> Option<Self> {
        (from.position <= to.position).then_some(Self {
            from,
            to,
            of,
            scope,
        })
    }

    /// What changed between two moments, the second that of the answer unless told.
    pub(in crate::graphql) async fn between(
        ctx: &Context<'_>,
        at: At,
        of: Of,
        scope: Scope,
        (from, to): (KnownAt, Option<KnownAt>),
    ) -> Result<Self> {
        let api = api(ctx);
        let position = |(position, _)| At { position, ..at };
        let from = position(from.resolve(api, at).await?);
        let to = match to {
            None => at,
            Some(to) => position(to.resolve(api, at).await?),
        };
        if from.position > to.position {
            let (from, to) = (from.position, to.position);
            return Err(Fault::MomentsReversed { from, to }.into());
        }
        Ok(Self {
            from,
            to,
            of,
            scope,
        })
    }
}

/// What changed between two positions of the log: what is known at the one and not at the other,
/// whenever it is so in the world.
#[Object]
impl Diff {
    /// The position compared with.
    async fn from(&self) -> Position {
        Position(self.from.position)
    }

    /// The position compared.
    async fn to(&self) -> Position {
        Position(self.to.position)
    }

    /// The entries that changed, one row each, in the order they were first recorded. What was
    /// both recorded and retracted in between changed nothing.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<Position>,
    ) -> Result<ChangeConnection> {
        let api = api(ctx);
        let limit = page_size(first)?;
        let began = after.map(|after| after.0).unwrap_or_default();
        let (from, to) = (self.from.position, self.to);
        let changes = api.reads.changes(from, to, self.of, began, limit + 1).await;
        let changes = changes.map_err(|error| api.failed_read(&error))?;
        Ok(ChangeConnection::cut(api, to, changes, limit, began).await?)
    }

    /// What was done in sessions, as it was counted at the position compared with.
    async fn activity_before(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which days; of all unless told.")] period: Option<PeriodInput>,
    ) -> Result<Activity> {
        Activity::read(ctx, self.from, self.scope, period).await
    }

    /// What was done in sessions, as it is counted at the position compared.
    async fn activity_after(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which days; of all unless told.")] period: Option<PeriodInput>,
    ) -> Result<Activity> {
        Activity::read(ctx, self.to, self.scope, period).await
    }
}

/// A page of changes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct ChangeConnection {
    /// The changes of the page, each with its cursor.
    edges: Vec<ChangeEdge>,
    /// Where the page begins and ends.
    page_info: PageInfo,
}

/// A change of a page.
#[derive(SimpleObject)]
pub(in crate::graphql) struct ChangeEdge {
    /// Its cursor: the position where the lineage of the entry began.
    cursor: ID,
    /// The change.
    node: ChangeRow,
}

#[ComplexObject]
impl ChangeConnection {
    /// The changes of the page.
    async fn nodes(&self) -> Vec<&ChangeRow> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

impl ChangeConnection {
    async fn cut(
        api: Means<'_>,
        at: At,
        mut changes: Vec<Change>,
        limit: u32,
        began: terms::Position,
    ) -> Result<Self, Fault> {
        let has_next_page = changes.len() > limit as usize;
        changes.truncate(limit as usize);
        let mut subjects = BTreeSet::new();
        for change in &changes {
            subjects.extend(
                change
                    .before
                    .as_ref()
                    .and_then(|it| sentence::named(&it.fact)),
            );
            subjects.extend(
                change
                    .after
                    .as_ref()
                    .and_then(|it| sentence::named(&it.fact)),
            );
        }
        let names = api.reads.names(at, subjects).await;
        let names = names.map_err(|error| api.failed_read(&error))?;
        let edges: Vec<ChangeEdge> = changes
            .into_iter()
            .map(|change| ChangeEdge {
                cursor: ID(change.place.to_string()),
                node: ChangeRow::new(change, at, &names),
            })
            .collect();
        let cursor = |edge: &ChangeEdge| edge.cursor.0.clone();
        Ok(Self {
            page_info: PageInfo {
                has_previous_page: began != terms::Position::START,
                has_next_page,
                start_cursor: edges.first().map(cursor),
                end_cursor: edges.last().map(cursor),
            },
            edges,
        })
    }
}

/// What kind of change it is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::ChangeKind")]
pub(in crate::graphql) enum ChangeKind {
    /// An entry that did not stand before.
    Added,
    /// Another entry stands in its place.
    Corrected,
    /// Nothing stands in its place any more.
    Retracted,
}

/// What became of one entry between two positions.
pub(in crate::graphql) struct ChangeRow {
    at: At,
    change: Change,
    sentence: String,
}

impl ChangeRow {
    fn new(change: Change, at: At, names: &BTreeMap<StreamId, String>) -> Self {
        let tell = |event: &Recorded| {
            // What it corrects is told by the change.
            let mut fact = event.fact.clone();
            fact.saying.corrects = None;
            sentence::tell(&fact, |named| names.get(&named).cloned())
        };
        Self {
            at,
            sentence: change.tell(tell),
            change,
        }
    }

    fn either(&self) -> Option<&Recorded> {
        self.change.after.as_ref().or(self.change.before.as_ref())
    }
}

/// What became of one entry between two positions.
#[Object(name = "Change")]
impl ChangeRow {
    /// What kind of change it is.
    async fn kind(&self) -> ChangeKind {
        self.change.kind().into()
    }

    /// What kind of entry it is, in a stable code.
    async fn entry_kind(&self) -> &'static str {
        self.either()
            .map_or("", |recorded| recorded.fact.event.kind())
    }

    /// The id of the subject the entry is of.
    async fn subject_id(&self) -> Option<ID> {
        let subject: StreamId = self.either()?.fact.event.stream();
        Some(NodeId::from(subject).into())
    }

    /// The change, in a French sentence.
    async fn sentence(&self) -> &str {
        &self.sentence
    }

    /// Why the entry was corrected or retracted last; absent where it was not.
    async fn reason(&self) -> Option<&str> {
        self.change.reason()
    }

    /// The entry that stood before; absent where none did.
    async fn before(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        Ok(Event::one(api(ctx), self.at, self.change.before.clone()).await?)
    }

    /// The entry that stands after; absent where it is retracted.
    async fn after(&self, ctx: &Context<'_>) -> Result<Option<Event>> {
        Ok(Event::one(api(ctx), self.at, self.change.after.clone()).await?)
    }

    /// The values that differ, by the name they are stored under.
    async fn fields(&self) -> Vec<FieldChange> {
        let values = |event: Option<&Recorded>| {
            let mut values = BTreeMap::new();
            if let Some(event) = event {
                let told = serde_json::to_value(&event.fact).unwrap_or_default();
                flatten("", &told, &mut values);
                values.retain(|name, _| !name.starts_with("saying.corrects"));
            }
            values
        };
        let before = values(self.change.before.as_ref());
        let after = values(self.change.after.as_ref());
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        names
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name))
            .map(|name| FieldChange {
                name: name.clone(),
                before: before.get(name).map(|value| shown(value)),
                after: after.get(name).map(|value| shown(value)),
            })
            .collect()
    }
}

/// A value that differs.
#[derive(SimpleObject)]
pub(in crate::graphql) struct FieldChange {
    /// The name it is stored under, the steps to it parted by dots.
    name: String,
    /// The value before, as JSON without quotes; absent where there was none.
    before: Option<String>,
    /// The value after.
    after: Option<String>,
}

/// What begins a value that is sealed: it is compared, and never shown.
const SEALED: &str = "\u{0}";

/// The longest value that is shown, in bytes: any words in full, and no part of the content of a
/// report, in which nobody could see what changed.
const SHOWN_BYTES_MAX: usize = 16_000;

/// A value as it is shown. Of what is sealed nothing is, since equal ones would tell who came twice.
fn shown(value: &str) -> String {
    if value.starts_with(SEALED) {
        "(scellé)".to_owned()
    } else if value.len() > SHOWN_BYTES_MAX {
        format!("({} octets)", value.len())
    } else {
        value.to_owned()
    }
}

/// The leaves of a value, each by the steps to it.
fn flatten(name: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let step = |key: &str| match name {
        "" => key.to_owned(),
        name => format!("{name}.{key}"),
    };
    match value {
        Value::Object(fields) if fields.contains_key("sealed") && fields.contains_key("person") => {
            into.insert(name.to_owned(), format!("{SEALED}{value}"));
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(&step(key), value, into);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(&step(&index.to_string()), value, into);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            into.insert(name.to_owned(), text.clone());
        }
        Value::Bool(_) | Value::Number(_) => {
            into.insert(name.to_owned(), value.to_string());
        }
    }
}
