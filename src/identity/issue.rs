//! A token issued by whoever runs the program, beside the API.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::ServiceToken;
use crate::{
    access::Grant,
    command::{CommandError, Commands, Outcome, Request},
    domain::{
        access::token::{Issue, Revocation, TokenEvent},
        entry::{Command, Entry},
        event::{Saying, Source},
        terms::{CommandId, Label, Title, TokenId, Validity, Words},
    },
};

/// A token to be issued.
#[derive(Debug)]
pub struct Issuing {
    /// The identity of the command, and of the token.
    pub id: Uuid,
    /// Who issues it.
    pub actor: Label,
    /// On what occasion.
    pub source: Label,
    /// The day on which it is issued.
    pub on: NaiveDate,
    /// What it is for.
    pub name: Title,
    /// What whoever has it may do.
    pub grants: Vec<Grant>,
    /// When it ends, if it does.
    pub expires: Option<DateTime<Utc>>,
}

impl Issuing {
    /// Records that `token` is issued in these terms.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn record(
        self,
        commands: &Commands,
        token: &ServiceToken,
    ) -> Result<Outcome, CommandError> {
        let issue = Issue {
            name: self.name,
            hash: token.hash(),
            grants: self.grants.into_iter().collect(),
            expires: self.expires,
        };
        let entry = Entry {
            saying: said(self.source, self.on),
            command: Command::Token(TokenId(self.id), TokenEvent::Issued(issue)),
        };
        let request = Request {
            command_id: CommandId(self.id),
            actor: self.actor,
            expected_version: None,
            entry,
        };
        commands.execute(request).await
    }
}

/// A token to be revoked.
#[derive(Debug)]
pub struct Revoking {
    /// The identity of the command.
    pub id: Uuid,
    /// Who revokes it.
    pub actor: Label,
    /// On what occasion.
    pub source: Label,
    /// The day on which it is revoked.
    pub on: NaiveDate,
    /// Which.
    pub token: TokenId,
    /// Why.
    pub reason: Option<Words>,
}

impl Revoking {
    /// Records that it is revoked.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn record(self, commands: &Commands) -> Result<Outcome, CommandError> {
        let revocation = Revocation {
            reason: self.reason,
        };
        let entry = Entry {
            saying: said(self.source, self.on),
            command: Command::Token(self.token, TokenEvent::Revoked(revocation)),
        };
        let request = Request {
            command_id: CommandId(self.id),
            actor: self.actor,
            expected_version: None,
            entry,
        };
        commands.execute(request).await
    }
}

fn said(label: Label, on: NaiveDate) -> Saying {
    Saying {
        valid: Validity::from(on),
        source: Source {
            label,
            dated: None,
            url: None,
        },
        synthetic: false,
        corrects: None,
    }
}
