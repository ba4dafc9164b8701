//! Published reports: the document is the domain's own state, which counts the parts of a content
//! and does not hold them.

use super::{ReadModel, Table, Value};
use crate::domain::{
    report::{Audience, Report},
    terms::ReportId,
};

pub(super) struct Reports;

impl ReadModel for Reports {
    const NAME: &'static str = "report";
    const VERSION: i64 = 2;
    const TABLES: &'static [Table] = &[Table {
        name: "report",
        columns: &["body", "place", "experiment_id", "audience", "replaces"],
    }];
    type Id = ReportId;
    type Document = Report;

    fn rows(document: &Report) -> Vec<(usize, Vec<Value>)> {
        // What is not published yet has a row as well, so that it is folded on from; all of these
        // columns are empty.
        let published = document.published.as_ref();
        let what = published.map(|published| &published.what);
        let experiment = what.and_then(|what| what.scope.experiment);
        let replaces = what.and_then(|what| what.replaces);
        let audience = what.map_or("", |what| Audience::code(what.audience));
        // As wide as any, so that texts sort as the numbers do.
        let place = published.map(|published| format!("{:020}", published.place.0));
        let own = vec![
            place.unwrap_or_default().into(),
            experiment
                .map(|id| id.to_string())
                .unwrap_or_default()
                .into(),
            Value::Code(audience),
            replaces.map(|id| id.to_string()).unwrap_or_default().into(),
        ];
        vec![(0, own)]
    }
}
