//! What is stored as it is names no adviser whom it is about: it would outlive that person's
//! erasure. Every name counts that was ever sealed of the person, also one that was corrected or
//! retracted since: a correction is where a wrong name is most likely to be written out.

use std::collections::BTreeSet;

use async_graphql::Result;
use secrecy::{ExposeSecret, SecretString};

use super::input::Fields;
use crate::{
    domain::{
        adviser::{AdviserCommand, leaves_unnamed},
        entry::{Command, Entry},
        event::{Saying, StreamId},
        permanence::HELD_BY_MAX,
        refusal::Refusal,
        session::SessionEvent,
        terms::AdviserId,
    },
    graphql::Means,
    privacy::Use,
};

/// Refuses an entry of which any text holds a name of an adviser it is about.
pub(super) async fn check_entry(api: Means<'_>, fields: &mut Fields, entry: &Entry) -> Result<()> {
    let advisers = advisers(api, entry).await?;
    let names = names(api, advisers).await?;
    check_saying(fields, &entry.saying, &names, reason_field(&entry.command));
    for (field, text) in texts(&entry.command) {
        fields.take(field, leaves_all_unnamed(text, &names));
    }
    Ok(())
}

/// Refuses circumstances that hold one of the names.
pub(super) fn check_saying(
    fields: &mut Fields,
    saying: &Saying,
    names: &[SecretString],
    reason: &str,
) {
    let label = leaves_all_unnamed(saying.source.label.as_str(), names);
    fields.take("source.label", label);
    if let Some(url) = &saying.source.url {
        fields.take("source.url", leaves_all_unnamed(&url.to_string(), names));
    }
    let corrects = saying.corrects.as_ref();
    if let Some(why) = corrects.and_then(|correction| correction.reason.as_ref()) {
        fields.take(reason, leaves_all_unnamed(why.as_str(), names));
    }
}

/// Refuses a text that holds one of the names.
pub(super) fn check_text(fields: &mut Fields, field: &str, text: &str, names: &[SecretString]) {
    fields.take(field, leaves_all_unnamed(text, names));
}

fn leaves_all_unnamed(text: &str, names: &[SecretString]) -> std::result::Result<(), Refusal> {
    let mut names = names.iter();
    names.try_for_each(|name| leaves_unnamed(text, name.expose_secret()))
}

/// Every name that was ever sealed of advisers, as far as they can be read.
pub(super) async fn names(
    api: Means<'_>,
    advisers: impl IntoIterator<Item = AdviserId>,
) -> Result<Vec<SecretString>> {
    let mut names = Vec::new();
    for adviser in advisers {
        let sealed = api.commands.names_of(adviser).await;
        let sealed = sealed.map_err(|error| api.failed_command(&error))?;
        let opened = sealed.iter();
        names.extend(opened.filter_map(|name| api.keys.unseal(name, Use::AdviserName)));
    }
    Ok(names)
}

/// The field in which the reason of a correction is given.
pub(super) const CORRECTING: &str = "correcting.reason";

const fn reason_field(command: &Command) -> &'static str {
    if matches!(command, Command::Retract(_)) {
        "reason"
    } else {
        CORRECTING
    }
}

/// The advisers an entry is about: whom it addresses or names, and whom anything names that it may
/// take the place of.
async fn advisers(api: Means<'_>, entry: &Entry) -> Result<BTreeSet<AdviserId>> {
    let (mut about, corrected) = match &entry.command {
        Command::Adviser(id, _) => (BTreeSet::from([*id]), None),
        Command::Session(session, event) => {
            let corrects = entry.saying.corrects.is_some();
            let corrected = corrects.then(|| StreamId::Session((*session).into()));
            (holders(event), corrected)
        }
        Command::Retract(subject) => (BTreeSet::new(), Some(*subject)),
        Command::Experiment(..)
        | Command::Venue(..)
        | Command::Permanence(..)
        | Command::Operator(..)
        | Command::Agreement(..)
        | Command::Cost(..)
        | Command::Import(..)
        | Command::Site(..)
        | Command::Report(..)
        | Command::Token(..)
        | Command::Holder(..) => (BTreeSet::new(), None),
    };
    if let Some(subject) = corrected {
        let named = api.commands.advisers_in(subject).await;
        about.extend(named.map_err(|error| api.failed_command(&error))?);
    }
    Ok(about)
}

fn holders(event: &SessionEvent) -> BTreeSet<AdviserId> {
    let holders = event.advisers();
    // Where there are more, it is refused anyhow.
    holders.take(usize::from(HELD_BY_MAX)).collect()
}

/// What a command says in words, each with the field it is given in.
fn texts(command: &Command) -> Vec<(&'static str, &str)> {
    if let Command::Adviser(_, AdviserCommand::Erase(why)) = command {
        vec![("reason", why.reason.as_str())]
    } else if let Command::Session(_, SessionEvent::Cancelled(cancellation)) = command {
        let words = cancellation.words.iter();
        words.map(|words| ("words", words.as_str())).collect()
    } else {
        Vec::new()
    }
}
