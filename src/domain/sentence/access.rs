//! Tokens and grants, told in French.

use chrono::{DateTime, Utc};

use super::{day, ended};
use crate::domain::{
    access::{
        Grant, Reach, Role,
        holder::{HolderEvent, Who},
        token::TokenEvent,
    },
    terms::{Validity, Words},
};

pub(super) fn token(event: &TokenEvent, valid: Validity) -> String {
    match event {
        TokenEvent::Issued(issue) => {
            let grants: Vec<String> = issue.grants.iter().map(grant).collect();
            format!(
                "Jeton « {} » délivré le {} ({}){}.",
                issue.name,
                day(valid.from),
                grants.join(" ; "),
                until(issue.expires)
            )
        }
        TokenEvent::Revoked(revocation) => {
            because("Jeton révoqué", valid, revocation.reason.as_ref())
        }
    }
}

pub(super) fn holder(event: &HolderEvent, valid: Validity) -> String {
    match event {
        HolderEvent::Granted(granting) => format!(
            "Rôle accordé {} le {} : {}{}.",
            to(&granting.who),
            day(valid.from),
            grant(&granting.grant),
            until(granting.expires)
        ),
        HolderEvent::Revoked(withdrawal) => {
            let what = format!(
                "Rôle retiré {} ({})",
                to(&withdrawal.who),
                grant(&withdrawal.grant)
            );
            because(&what, valid, withdrawal.reason.as_ref())
        }
    }
}

fn because(what: &str, valid: Validity, reason: Option<&Words>) -> String {
    match reason {
        Some(reason) => format!("{what} le {} : {}", day(valid.from), ended(reason)),
        None => format!("{what} le {}.", day(valid.from)),
    }
}

fn until(expires: Option<DateTime<Utc>>) -> String {
    expires.map_or_else(String::new, |expires| {
        format!(", jusqu'au {}", day(expires.date_naive()))
    })
}

/// Of an account as many digits as tell it from others.
fn to(who: &Who) -> String {
    match who {
        Who::Account(hash) => format!("au compte {}", hash.short()),
        Who::Organisation(siret) => format!("à l'organisation {siret}"),
    }
}

/// A role over some experiments.
pub(crate) fn grant(grant: &Grant) -> String {
    let role = match grant.role {
        Role::Evaluator => "évaluateur",
        Role::Carrier => "porteur",
        Role::Funder => "financeur",
        Role::Administrator => "administrateur",
    };
    match &grant.over {
        Reach::Programme => format!("{role}, tout le programme"),
        Reach::Organisation(name) => format!("{role}, expérimentations de {name}"),
        Reach::Experiment(id) => format!("{role}, expérimentation {id}"),
    }
}
