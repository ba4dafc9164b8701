//! Objects of which lists are made: their leaves are answered at once.
//!
//! The library makes a future of every field, on the heap, and joins them: for a list of a hundred
//! objects with ten fields each that is most of what an answer costs. A leaf most often awaits nothing.
//! So each leaf is asked in place first, where it stands; what does not answer there, and all that has
//! fields of its own, is asked by the library's way, side by side.
//!
//! **Invariant.** The answer is the library's, whatever is asked: the same values in the same order, the
//! same errors. What is not plain fields of the object, and fragments on its very type, is left to it
//! altogether.
//!
//! **Deliberately absent.** Extensions of the schema hear nothing of fields answered so: it has none.

use std::{
    borrow::Cow,
    future::Future,
    pin::pin,
    task::{self, Poll, Waker},
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::resolve_container,
};
use futures_util::future::try_join_all;

/// What can be answered so.
pub(super) trait AtOnce: ContainerType {
    /// The fields that have fields of their own, and read nothing for it.
    const READ_NOTHING: &'static [&'static str] = &[];
}

/// One of them.
pub(super) struct Prompt<T>(pub T);

/// A list of them.
pub(super) struct Prompts<T>(pub Vec<T>);

impl<T: AtOnce> OutputType for Prompt<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match Begun::of(&self.0, ctx)? {
            Some(begun) if begun.rest.is_empty() => Ok(begun.done()),
            begun => Box::pin(finish(&self.0, ctx, begun)).await,
        }
    }
}

impl<T: AtOnce> OutputType for Prompts<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let mut values = Vec::with_capacity(self.0.len());
        let mut waiting = Vec::new();
        for (index, object) in self.0.iter().enumerate() {
            let within = ctx.with_index(index);
            let begun = Begun::of(object, &within).map_err(|err| within.set_error_path(err))?;
            match begun {
                Some(begun) if begun.rest.is_empty() => values.push(begun.done()),
                begun => {
                    values.push(Value::Null);
                    waiting.push(Box::pin(async move {
                        let within = ctx.with_index(index);
                        let finished = finish(object, &within, begun).await;
                        let value = finished.map_err(|err| within.set_error_path(err))?;
                        ServerResult::Ok((index, value))
                    }));
                }
            }
        }
        for (index, value) in try_join_all(waiting).await? {
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
        }
        Ok(Value::List(values))
    }
}

/// What was answered of an object at once.
struct Begun<'a> {
    /// Under which name, and what; nothing yet for those that are left.
    answered: Vec<(Name, Value)>,
    /// Those that are left, each with its place.
    rest: Vec<(usize, &'a Positioned<Field>)>,
}

impl<'a> Begun<'a> {
    /// Nothing, where all of it is for the library.
    fn of<T: AtOnce>(object: &T, ctx: &ContextSelectionSet<'a>) -> ServerResult<Option<Self>> {
        let mut fields = Vec::with_capacity(ctx.item.node.items.len());
        if !collect::<T>(ctx, &ctx.item.node, &mut fields) || !distinct(&fields) {
            return Ok(None);
        }
        let mut answered = Vec::with_capacity(fields.len());
        let mut rest = Vec::new();
        for (place, field) in fields.into_iter().enumerate() {
            let mut value = None;
            if is_leaf(field) || reads_nothing::<T>(&field.node) {
                value = at_once(object, &ctx.with_field(field)).transpose()?;
            }
            if value.is_none() {
                rest.push((place, field));
            }
            let name = field.node.response_key().node.clone();
            answered.push((name, value.flatten().unwrap_or_default()));
        }
        Ok(Some(Self { answered, rest }))
    }

    fn done(self) -> Value {
        let mut object = IndexMap::with_capacity(self.answered.len());
        object.extend(self.answered);
        Value::Object(object)
    }
}

/// Asks what is left, side by side.
async fn finish<T: AtOnce>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
    begun: Option<Begun<'_>>,
) -> ServerResult<Value> {
    let Some(mut begun) = begun else {
        return resolve_container(ctx, object).await;
    };
    let rest = begun.rest.iter().map(|(place, field)| {
        Box::pin(async move {
            let value = object.resolve_field(&ctx.with_field(field)).await?;
            ServerResult::Ok((*place, value.unwrap_or_default()))
        })
    });
    for (place, value) in try_join_all(rest).await? {
        if let Some((_, slot)) = begun.answered.get_mut(place) {
            *slot = value;
        }
    }
    Ok(begun.done())
}

/// The answer of a field, if it awaits nothing. One that does is asked again.
fn at_once<T: AtOnce>(object: &T, field: &Context<'_>) -> Option<ServerResult<Option<Value>>> {
    let asked = pin!(object.resolve_field(field));
    match asked.poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(answered) => Some(answered),
        Poll::Pending => None,
    }
}

/// Adds the fields of a selection, in their order; whether they are no more than that.
fn collect<'a, T: AtOnce>(
    ctx: &ContextSelectionSet<'a>,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    set.items.iter().all(|selection| {
        let (on, set) = match &selection.node {
            Selection::Field(field) => {
                fields.push(field);
                return field.node.directives.is_empty() && field.node.name.node != "__typename";
            }
            Selection::InlineFragment(fragment) => {
                let fragment = &fragment.node;
                (fragment.type_condition.as_ref(), &fragment.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let Some(fragment) = ctx.query_env.fragments.get(name) else {
                    return false;
                };
                let fragment = &fragment.node;
                (Some(&fragment.type_condition), &fragment.selection_set)
            }
        };
        on.is_none_or(|on| on.node.on.node.as_str() == T::type_name())
            && collect::<T>(ctx, &set.node, fields)
    })
}

/// Whether each field with fields of its own is asked for once: else its answers are to be merged, which is for
/// the library. A leaf asked for twice answers the same.
fn distinct(fields: &[&Positioned<Field>]) -> bool {
    let nested = fields.iter().filter(|field| !is_leaf(field));
    let mut names: Vec<&str> = nested
        .map(|field| field.node.response_key().node.as_str())
        .collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair.first() != pair.last())
}

fn is_leaf(field: &Positioned<Field>) -> bool {
    field.node.selection_set.node.items.is_empty()
}

/// Whether a field reads nothing, and neither do the fields asked of it.
fn reads_nothing<T: AtOnce>(field: &Field) -> bool {
    let mut below = field.selection_set.node.items.iter();
    T::READ_NOTHING.contains(&field.name.node.as_str())
        && below.all(|selection| match &selection.node {
            Selection::Field(field) => is_leaf(field),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
        })
}

#[cfg(test)]
mod tests;
