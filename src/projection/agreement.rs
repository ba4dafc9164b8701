//! Funding agreements: the document is the domain's own state.

use super::{ReadModel, Table, Value};
use crate::domain::{agreement::Agreement, terms::AgreementId};

pub(super) struct Agreements;

impl ReadModel for Agreements {
    const NAME: &'static str = "agreement";
    const VERSION: i64 = 2;
    const TABLES: &'static [Table] = &[Table {
        name: "agreement",
        columns: &["body", "signed_on"],
    }];
    type Id = AgreementId;
    type Document = Agreement;

    fn rows(document: &Agreement) -> Vec<(usize, Vec<Value>)> {
        let signed = document.signed.as_ref();
        let day = signed.map(|signed| signed.valid.from.to_string());
        vec![(0, vec![day.unwrap_or_default().into()])]
    }
}
