//! Service tokens, and holders of grants.

use std::collections::BTreeSet;

use carnet::domain::{
    access::{
        Grant, Reach, Role,
        holder::{Granting, HolderEvent, HolderKey, Who, Withdrawal},
        token::{Issue, Revocation, TokenEvent, TokenKey},
    },
    event::Event,
    terms::{FileHash, HolderId, Siret, TokenId},
};
use uuid::Uuid;

use crate::samples::{EXPERIMENT, Sample, full, plain, text};

const TOKEN: TokenId = TokenId(Uuid::from_u128(0x7001));

fn token(event: TokenEvent) -> Event {
    Event::Token(TokenKey { token: TOKEN }, event)
}

fn holder(event: HolderEvent) -> Event {
    let who = match &event {
        HolderEvent::Granted(granting) => &granting.who,
        HolderEvent::Revoked(withdrawal) => &withdrawal.who,
    };
    let key = HolderKey {
        holder: HolderId::of(who),
    };
    Event::Holder(key, event)
}

fn organisation() -> Who {
    Who::Organisation(Siret::try_new("35600000000048").unwrap())
}

fn grants() -> Vec<Grant> {
    vec![
        Grant {
            role: Role::Evaluator,
            over: Reach::Programme,
        },
        Grant {
            role: Role::Carrier,
            over: Reach::Organisation(text("La Poste")),
        },
        Grant {
            role: Role::Funder,
            over: Reach::Experiment(EXPERIMENT),
        },
        Grant {
            role: Role::Administrator,
            over: Reach::Programme,
        },
    ]
}

pub(crate) fn all() -> Vec<Sample> {
    let end = "2022-05-06T22:00:00Z".parse().unwrap();
    let issue = Issue {
        name: text("Tableau de bord"),
        hash: FileHash::of([0xab; 32]),
        grants: BTreeSet::from_iter(grants()),
        expires: Some(end),
    };
    let mut all = vec![
        full(token(TokenEvent::Issued(issue.clone()))),
        plain(token(TokenEvent::Issued(Issue {
            grants: BTreeSet::from([grants().remove(0)]),
            expires: None,
            ..issue
        }))),
        plain(token(TokenEvent::Revoked(Revocation { reason: None }))),
        plain(token(TokenEvent::Revoked(Revocation {
            reason: Some(text("Jeton retrouvé dans un courriel")),
        }))),
    ];
    for who in [organisation(), Who::Account(FileHash::of([0xac; 32]))] {
        for (index, grant) in grants().into_iter().enumerate() {
            all.push(plain(holder(HolderEvent::Granted(Granting {
                who: who.clone(),
                grant: grant.clone(),
                expires: (index == 0).then_some(end),
            }))));
            all.push(plain(holder(HolderEvent::Revoked(Withdrawal {
                who: who.clone(),
                grant,
                reason: (index == 0).then(|| text("Fin de la mission")),
            }))));
        }
    }
    all
}
