//! Step 6: the API. Models the domain, not tables or event structs.
//!
//! In: operations. Out: answers, each of one moment: a request takes the position of the read
//! models when it begins, and everything nested inherits it. Mutations hand entries to
//! [`Commands`]; queries and subscriptions ask [`ReadModels`], and [`Proofs`] what proves them.
//!
//! **Invariants.** A refusal is data (`userErrors`, with a code and a French sentence); `errors`
//! are for faults, each with a code, what is internal masked. A subscription wakes on the
//! projected position and then asks `read`: it never shows what a query would not.
//!
//! What names a person is sealed here before it becomes an entry, and opened here, on its way into
//! an answer: nothing behind this module ever holds it.
//!
//! **Deliberately absent.** This module names neither the log, nor the projections, nor sqlx. Of the
//! log it has but its proofs, which hold hashes and no event.

pub mod admit;
pub mod cost;
mod document;
mod fault;
pub mod guard;
mod id;
mod mutation;
pub mod permit;
mod query;
mod scalars;
mod subscription;
mod types;
mod validate;

use std::{ops::Deref, sync::Arc};

use async_graphql::{Context, SDLExportOptions};

use crate::{
    access::Caller,
    clock::Clock,
    command::Commands,
    domain::terms::Position,
    limits,
    log::proof::Proofs,
    privacy::Keyring,
    read::{At, ReadModels, Sight},
};

pub use document::{Documents, Parsed, is_of_positions};
use fault::Fault;
pub use fault::{finish, finish_for};
pub use types::{report::ContentAsked, spending::Allowance};
pub use validate::Invalid;

/// The schema.
pub type Schema =
    async_graphql::Schema<query::Query, mutation::Mutation, subscription::Subscription>;

/// What resolvers work with.
#[derive(Debug)]
pub struct Api {
    /// Carries commands out.
    pub commands: Commands,
    /// Answers questions.
    pub reads: ReadModels,
    /// Proves what is in the log.
    pub proofs: Proofs,
    /// Seals and opens personal data.
    pub keys: Keyring,
    /// Tells today's date.
    pub clock: Arc<dyn Clock>,
}

impl Api {
    /// The moment of a request that begins now.
    fn now(&self, caller: Option<&Caller>) -> At {
        At {
            position: self.reads.position(),
            on: self.clock.today(),
            sight: caller.map_or(Sight::OPEN, |caller| self.reads.sight(caller)),
        }
    }

    /// Waits until a position that is recorded can be read; one that is not is still to come.
    async fn reach(&self, asked: Position) -> Result<(), Fault> {
        let head = self.commands.head();
        if asked > head {
            return Err(Fault::PositionAhead { asked, head });
        }
        Ok(self.reads.wait_for(asked, limits::READ_OWN_WRITE).await?)
    }
}

/// The read models as one request asks them: what it asks at the same time is read at once.
#[derive(Debug)]
struct Gathering(ReadModels);

/// What the resolvers of one request work with.
#[derive(Debug, Clone, Copy)]
struct Means<'a> {
    api: &'a Api,
    /// As this request asks them.
    reads: &'a ReadModels,
}

impl Deref for Means<'_> {
    type Target = Api;

    fn deref(&self) -> &Api {
        self.api
    }
}

/// What resolvers work with, out of their context: every schema that executes anything has it.
fn api<'a>(ctx: &Context<'a>) -> Means<'a> {
    let api: &'a Api = ctx.data_unchecked();
    let gathering: Option<&'a Gathering> = ctx.data_opt();
    let reads = gathering.map_or(&api.reads, |gathering| &gathering.0);
    Means { api, reads }
}

/// The schema, over what resolvers work with.
#[must_use]
pub fn schema(api: Api) -> Schema {
    builder().data(api).finish()
}

/// The moment of a request: all that its answer depends on beside what is asked and who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment(At);

/// The moment of a request that begins now; nobody's, should the schema lack its data.
#[must_use]
pub fn now(schema: &Schema, caller: &Caller) -> Option<Moment> {
    let api = schema.data::<Api>()?;
    Some(Moment(api.now(Some(caller))))
}

/// The moment of an answer that begins now; where nobody said who asks, nothing but what is open is
/// seen at it.
fn now_of(ctx: &Context<'_>) -> At {
    api(ctx).now(ctx.data_opt())
}

/// The schema in the schema definition language, sorted.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .prefer_single_line_descriptions();
    let sdl = builder().finish().sdl_with_options(options);
    format!("{}\n", sdl.trim_end())
}

fn builder()
-> async_graphql::SchemaBuilder<query::Query, mutation::Mutation, subscription::Subscription> {
    async_graphql::Schema::build(
        query::Query::default(),
        mutation::Mutation::default(),
        subscription::Subscription,
    )
    .limit_recursive_depth(limits::SELECTION_NESTING_MAX)
    .limit_depth(limits::SELECTION_DEPTH_MAX)
    .limit_complexity(limits::SELECTION_FIELDS_MAX)
    .limit_directives(limits::FIELD_DIRECTIVES_MAX)
}
