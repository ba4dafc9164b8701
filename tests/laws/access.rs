//! Random entries about service tokens and grants.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{collection::btree_set, option, prelude::*, sample::select};
use uuid::Uuid;

use carnet::domain::{
    access::{
        Grant, Reach, Role,
        holder::{Granting, HolderEvent, Who, Withdrawal},
        token::{Issue, Revocation, TokenEvent},
    },
    entry::{Command, Entry},
    event::StreamId,
    terms::{FileHash, HolderId, Label, Siret, Title, TokenId},
};

use crate::histories::{days, experiment, saying};

fn token() -> impl Strategy<Value = TokenId> {
    (1..=2_u128).prop_map(|number| TokenId(Uuid::from_u128(0x7000 + number)))
}

fn who() -> impl Strategy<Value = Who> {
    let organisation = Who::Organisation(Siret::try_new("35600000000048").unwrap());
    select(vec![organisation, Who::Account(FileHash::of([7; 32]))])
}

/// What of this can be named in a retraction, which is refused.
pub(crate) fn subject() -> impl Strategy<Value = StreamId> {
    prop_oneof![
        token().prop_map(StreamId::from),
        who().prop_map(|who| StreamId::from(HolderId::of(&who))),
    ]
}

/// One in some is of a role that cannot reach so far, or of an experiment that is not there.
fn grant() -> impl Strategy<Value = Grant> {
    let over = prop_oneof![
        4 => Just(Reach::Programme),
        2 => Just(Reach::Organisation(Label::try_new("La Poste").unwrap())),
        1 => (1..=4_u128).prop_map(|number| Reach::Experiment(experiment(number))),
    ];
    let roles = [
        Role::Evaluator,
        Role::Evaluator,
        Role::Carrier,
        Role::Administrator,
    ];
    (select(roles.to_vec()), over).prop_map(|(role, over)| Grant { role, over })
}

fn end() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    let start = DateTime::<Utc>::from_timestamp_secs(1_577_836_800).unwrap();
    option::of(select(vec![900_i64, 1100]).prop_map(move |days| start + TimeDelta::days(days)))
}

/// Anything that can be said here. Boxed: together they would be too much for a thread's stack.
pub(crate) fn anything() -> impl Strategy<Value = Entry> {
    prop_oneof![1 => any_token().boxed(), 2 => any_grant().boxed()]
}

fn any_token() -> impl Strategy<Value = Entry> {
    let issue = (btree_set(grant(), 0..3), 0..3_u8, end()).prop_map(|(grants, hash, expires)| {
        let grants: BTreeSet<Grant> = grants;
        TokenEvent::Issued(Issue {
            name: Title::try_new("Tableau de bord").unwrap(),
            hash: FileHash::of([hash; 32]),
            grants,
            expires,
        })
    });
    let event = prop_oneof![
        3 => issue.boxed(),
        2 => Just(TokenEvent::Revoked(Revocation { reason: None })).boxed(),
    ];
    (token(), event, saying(days(1000..1010), 0.05)).prop_map(|(id, event, saying)| Entry {
        saying,
        command: Command::Token(id, event),
    })
}

fn any_grant() -> impl Strategy<Value = Entry> {
    let event = (who(), grant(), end(), 0..5_u8).prop_map(|(who, grant, expires, what)| {
        if what < 3 {
            HolderEvent::Granted(Granting {
                who,
                grant,
                expires,
            })
        } else {
            HolderEvent::Revoked(Withdrawal {
                who,
                grant,
                reason: None,
            })
        }
    });
    (event, saying(days(1000..1010), 0.05)).prop_map(|(event, saying)| {
        let who = match &event {
            HolderEvent::Granted(granting) => &granting.who,
            HolderEvent::Revoked(withdrawal) => &withdrawal.who,
        };
        Entry {
            saying,
            command: Command::Holder(HolderId::of(who), event),
        }
    })
}
