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
mod prompt;
mod query;
pub mod reference;
mod scalars;
mod subscription;
mod types;
mod validate;
mod vet;

use std::{ops::Deref, sync::Arc};

use async_graphql::{Context, SDLExportOptions, ServerError};

use crate::{
    access::Caller,
    clock::Clock,
    command::Commands,
    domain::terms::Position,
    limits,
    log::proof::Proofs,
    privacy::Keyring,
    read::{At, ReadModels, Sight, Stale},
};

pub use document::{Documents, Parsed, is_of_positions};
use fault::Fault;
pub use fault::{finish, finish_for};
pub use subscription::{Beginning, Following, beginning};
pub use types::{report::ContentAsked, spending::Allowance};
pub use validate::Invalid;
pub use vet::{Operation, Vetting};

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
        let mut progress = self.reads.watch();
        // By the clock, so that the deadline can be shown without waiting for it.
        tokio::select! {
            biased;
            reached = progress.wait_for(|progress| progress.position() >= asked) => {
                if reached.is_ok() {
                    return Ok(());
                }
            }
            () = self.clock.pause(limits::READ_OWN_WRITE) => {}
        }
        Err(Fault::Unreached(Stale {
            awaited: asked,
            reached: self.reads.position(),
        }))
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

impl Moment {
    /// The position that it is of.
    #[must_use]
    pub const fn position(self) -> Position {
        self.0.position
    }

    /// What is seen at it.
    #[must_use]
    pub const fn sight(self) -> Sight {
        self.0.sight
    }
}

/// The moment of a request that begins now; nobody's, should the schema lack its data.
#[must_use]
pub fn now(schema: &Schema, caller: &Caller) -> Option<Moment> {
    let api = schema.data::<Api>()?;
    Some(Moment(api.now(Some(caller))))
}

/// What a request says of the positions in it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// It is answered of this position, or of a later one.
    pub at_least: Option<Position>,
    /// The log that its positions are of.
    pub log: Option<String>,
}

impl Consistency {
    /// Waits until a request can be answered as it asks to be. All read models move together, in one
    /// transaction: those that the request reads are where the others are.
    ///
    /// # Errors
    /// `STALE`, with the positions awaited and reached, where the read models do not come so far in
    /// time; `POSITION_AHEAD` beyond the head; `CURSOR_OF_ANOTHER_LOG`.
    pub async fn reach(&self, schema: &Schema) -> Result<(), ServerError> {
        let Some(api) = schema.data::<Api>() else {
            return Ok(());
        };
        let reached = async {
            if let Some(asked) = &self.log
                && !asked.eq_ignore_ascii_case(&api.proofs.log_id().to_string())
            {
                let asked = asked.chars().take(60).collect();
                return Err(Fault::AnotherLog { asked });
            }
            match self.at_least {
                Some(at_least) => api.reach(at_least).await,
                None => Ok(()),
            }
        };
        let reached = reached.await.map_err(async_graphql::Error::from);
        reached.map_err(|error| error.into_server_error(async_graphql::Pos::default()))
    }
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
