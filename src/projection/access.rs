//! Service tokens and holders of grants: the documents are the domain's own states.

use super::{ReadModel, Table, Value};
use crate::domain::{
    access::{holder::Holder, token::Token},
    terms::{HolderId, Position, TokenId},
};

pub(super) struct Tokens;

impl ReadModel for Tokens {
    const NAME: &'static str = "token";
    const VERSION: i64 = 1;
    const TABLES: &'static [Table] = &[Table {
        name: "token",
        columns: &["body", "place"],
    }];
    type Id = TokenId;
    type Document = Token;

    fn rows(document: &Token) -> Vec<(usize, Vec<Value>)> {
        let issued = document.issued.as_ref().map(|issued| issued.place);
        vec![(0, vec![place(issued.unwrap_or_default())])]
    }
}

pub(super) struct Holders;

impl ReadModel for Holders {
    const NAME: &'static str = "holder";
    const VERSION: i64 = 1;
    const TABLES: &'static [Table] = &[Table {
        name: "holder",
        columns: &["body", "place"],
    }];
    type Id = HolderId;
    type Document = Holder;

    fn rows(document: &Holder) -> Vec<(usize, Vec<Value>)> {
        vec![(0, vec![place(document.since)])]
    }
}

/// As wide as any, so that texts sort as the numbers do.
fn place(place: Position) -> Value {
    format!("{:020}", place.0).into()
}
