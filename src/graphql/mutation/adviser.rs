//! Mutations of advisers. A name is sealed here, before it becomes an entry.

use async_graphql::{Context, ID, InputObject, Object, Result};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Asked, Written, answer,
    input::{Common, Fields, adviser_id, reason, valid_from},
    payloads, refused, unnamed,
};
use crate::{
    command::CommandError,
    domain::{
        adviser::{AdviserCommand, Registration, Renaming},
        entry::{Command, Entry},
        event::StreamId,
        refusal::Refusal,
        terms::{AdviserId, Sealed, Title},
    },
    graphql::{
        Means, api,
        fault::Fault,
        scalars::Date,
        types::{adviser::Adviser, permanence::AdviserRole},
    },
    privacy::{Person, SealError, Use},
};

payloads! {
    adviser: Adviser, Adviser, "The adviser as it now stands.";
    RegisterAdviserPayload, RenameAdviserPayload, ErasePersonPayload,
}

/// Mutations of advisers.
#[derive(Default)]
pub(super) struct AdviserMutation;

/// Mutations of advisers.
#[Object]
impl AdviserMutation {
    /// Record who holds permanences, and as what. The name is sealed before it is stored.
    async fn register_adviser(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RegisterAdviserInput,
    ) -> Result<RegisterAdviserPayload> {
        RegisterAdviserPayload::new(ctx, input.write(ctx).await?).await
    }

    /// Record that an adviser bears another name. It is sealed before it is stored.
    async fn rename_adviser(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: RenameAdviserInput,
    ) -> Result<RenameAdviserPayload> {
        RenameAdviserPayload::new(ctx, input.write(ctx).await?).await
    }

    /// Erase a person: record it, then destroy the key of all that was sealed. Nobody can read it
    /// any more, wherever it lies; that something was recorded stays.
    async fn erase_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is recorded.")] input: ErasePersonInput,
    ) -> Result<ErasePersonPayload> {
        ErasePersonPayload::new(ctx, input.write(ctx).await?).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RegisterAdviserInput {
    #[graphql(flatten)]
    common: Common,
    /// The adviser, if the id is already chosen; else the answer tells the new one.
    adviser_id: Option<ID>,
    /// The first day in that role.
    from: Date,
    /// The name, 200 characters at most. Nothing else of the input may hold it.
    name: String,
    /// The role.
    role: AdviserRole,
}

impl RegisterAdviserInput {
    async fn write(self, ctx: &Context<'_>) -> Result<Written> {
        let mut fields = Fields::of(ctx, &self.common).await?;
        let id = match &self.adviser_id {
            Some(id) => adviser_id(&mut fields, "adviserId", id),
            None => Some(fields.new_subject(&self.common, AdviserId)),
        };
        let role = self.role.into();
        let naming = Naming {
            common: self.common,
            id,
            from: self.from,
            name: self.name.into(),
            first: true,
        };
        let command = |name| AdviserCommand::Register(Registration { name, role });
        naming.write(ctx, fields, command).await
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct RenameAdviserInput {
    #[graphql(flatten)]
    common: Common,
    /// The adviser.
    adviser_id: ID,
    /// The first day of that name.
    from: Date,
    /// The name, 200 characters at most. Nothing else of the input may hold it.
    name: String,
}

impl RenameAdviserInput {
    async fn write(self, ctx: &Context<'_>) -> Result<Written> {
        let mut fields = Fields::default();
        let naming = Naming {
            id: adviser_id(&mut fields, "adviserId", &self.adviser_id),
            common: self.common,
            from: self.from,
            name: self.name.into(),
            first: false,
        };
        let command = |name| AdviserCommand::Rename(Renaming { name });
        naming.write(ctx, fields, command).await
    }
}

/// An adviser is given a name.
struct Naming {
    common: Common,
    id: Option<AdviserId>,
    from: Date,
    name: SecretString,
    /// Whether it is the first one.
    first: bool,
}

impl Naming {
    async fn write(
        self,
        ctx: &Context<'_>,
        mut fields: Fields,
        command: impl FnOnce(Sealed) -> AdviserCommand,
    ) -> Result<Written> {
        let api = api(ctx);
        let asked = Asked::of(&self.common);
        let name = fields.take("name", Title::try_new(self.name.expose_secret()));
        let saying = self.common.saying(&mut fields, valid_from(self.from));
        let name = name.map(|name| SecretString::from(String::from(name)));
        if let (Some(name), Some(saying)) = (&name, &saying) {
            let mut names = unnamed::names(api, self.id).await?;
            names.push(name.clone());
            unnamed::check_saying(&mut fields, saying, &names, unnamed::CORRECTING);
        }
        let entry = match (self.id, name, saying) {
            // Nobody gets a key for what is refused anyhow.
            (Some(id), Some(name), Some(saying)) if fields.are_right() => {
                let sealed = seal(api, &mut fields, id, name, self.first).await?;
                sealed.map(|name| Entry {
                    saying,
                    command: Command::Adviser(id, command(name)),
                })
            }
            _ => None,
        };
        match asked.request(ctx, entry, fields).await? {
            Ok(request) => {
                let subject = request.entry.command.subject();
                answer(ctx, subject, api.commands.execute(request).await).await
            }
            Err(errors) => Ok(refused(ctx, self.id.map(StreamId::Adviser), errors)),
        }
    }
}

/// The name, sealed; what is wrong goes to `fields`.
async fn seal(
    api: Means<'_>,
    fields: &mut Fields,
    id: AdviserId,
    name: SecretString,
    first: bool,
) -> Result<Option<Sealed>> {
    // The log is asked, not the read models: somebody erased must not get a key because they lag.
    let version = api.commands.version(StreamId::Adviser(id)).await;
    let version = version.map_err(|error| api.failed_command(&error))?;
    let person = if version == 0 {
        if !first {
            fields.take::<()>("adviserId", Err(Refusal::UnknownAdviser));
            return Ok(None);
        }
        Person::New
    } else {
        Person::Known
    };
    let sealed = api.keys.seal(id.person(), person, Use::AdviserName, name);
    match sealed.await {
        Ok(sealed) => Ok(Some(sealed)),
        Err(SealError::Erased) => Ok(fields.take("adviserId", Err(Refusal::PersonErased))),
        Err(error @ SealError::KeyMissing) => {
            fields.note("name", "KEY_MISSING", error.to_string());
            Ok(None)
        }
        Err(SealError::Keys(error)) => Err(Fault::internal(&error, api.clock.new_id()).into()),
    }
}

/// What is recorded.
#[derive(InputObject)]
pub(in crate::graphql) struct ErasePersonInput {
    #[graphql(flatten)]
    common: Common,
    /// The person: the id of an adviser.
    person_id: ID,
    /// The day.
    on: Date,
    /// Why, without naming anybody: it stays readable.
    reason: String,
}

impl ErasePersonInput {
    async fn write(self, ctx: &Context<'_>) -> Result<Written> {
        let api = api(ctx);
        let mut fields = Fields::default();
        let asked = Asked::of(&self.common);
        let id = adviser_id(&mut fields, "personId", &self.person_id);
        let why = reason(&mut fields, &self.reason);
        let saying = self.common.saying(&mut fields, valid_from(self.on));
        let entry = match (id, why, saying) {
            (Some(id), Some(why), Some(saying)) => {
                let command = Command::Adviser(id, AdviserCommand::Erase(why));
                let entry = Entry { saying, command };
                unnamed::check_entry(api, &mut fields, &entry).await?;
                Some(entry)
            }
            _ => None,
        };
        let subject = id.map(StreamId::Adviser);
        match (asked.request(ctx, entry, fields).await?, id) {
            (Ok(request), Some(id)) => {
                let (commands, keys) = (api.commands.clone(), api.keys.clone());
                // Apart from the request: whoever hangs up must not part the two.
                let erasing = tokio::spawn(async move {
                    let outcome = commands.execute(request).await;
                    let recorded = matches!(
                        outcome,
                        Ok(_) | Err(CommandError::Refused(Refusal::PersonErased))
                    );
                    let destroyed = if recorded {
                        keys.erase(id.person()).await
                    } else {
                        Ok(())
                    };
                    (outcome, destroyed)
                });
                let (outcome, destroyed) = erasing.await?;
                if let Err(error) = destroyed {
                    return Err(Fault::key_not_destroyed(&error).into());
                }
                answer(ctx, StreamId::Adviser(id), outcome).await
            }
            (Err(errors), _) => Ok(refused(ctx, subject, errors)),
            (Ok(_), None) => Ok(refused(ctx, subject, Vec::new())),
        }
    }
}
