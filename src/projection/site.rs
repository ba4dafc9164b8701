//! Labelled sites: the document is the domain's own state.

use super::{ReadModel, Table, Value, experiment::sort_key};
use crate::domain::{site::Site, terms::SiteId};

pub(super) struct Sites;

impl ReadModel for Sites {
    const NAME: &'static str = "site";
    const VERSION: i64 = 2;
    const TABLES: &'static [Table] = &[Table {
        name: "site",
        columns: &["body", "name_key"],
    }];
    type Id = SiteId;
    type Document = Site;

    fn rows(document: &Site) -> Vec<(usize, Vec<Value>)> {
        // By the name of the last label that began, since rows do not depend on the day.
        let labels = document.labels.all().iter();
        let last = labels.max_by_key(|label| label.from());
        let name = last.map_or("", |label| label.stated.what.name.as_str());
        vec![(0, vec![sort_key(name).into()])]
    }
}
