//! Experiments: the document is the domain's own state, so that what is shown is what a decision
//! saw.

use unicode_normalization::UnicodeNormalization;

use super::{ReadModel, Table, Value};
use crate::domain::{
    experiment::Experiment,
    terms::{ExperimentId, InseeCode},
};

pub(super) struct Experiments;

impl ReadModel for Experiments {
    const NAME: &'static str = "experiment";
    const VERSION: i64 = 5;
    const TABLES: &'static [Table] = &[
        Table {
            name: "experiment",
            columns: &[
                "body",
                "title_key",
                "model",
                "start_on",
                "end_on",
                "carrier",
            ],
        },
        Table {
            name: "experiment_phase",
            columns: &["status", "valid_from", "valid_to"],
        },
        Table {
            name: "experiment_departement",
            columns: &["departement"],
        },
        Table {
            name: "experiment_hub",
            columns: &["site_id"],
        },
    ];
    type Id = ExperimentId;
    type Document = Experiment;

    fn rows(document: &Experiment) -> Vec<(usize, Vec<Value>)> {
        let date = |date: Option<chrono::NaiveDate>| -> Value {
            date.map_or_else(String::new, |date| date.to_string())
                .into()
        };
        let launch = document.launch.as_ref();
        let mut rows = vec![(
            0,
            vec![
                sort_key(document.title().map_or("", |title| title.as_str())).into(),
                launch.map_or(Value::Null, |launch| launch.what.model.code().into()),
                date(launch.map(|launch| launch.valid.from)),
                date(document.end()),
                launch
                    .map_or("", |launch| launch.what.carrier.as_str())
                    .into(),
            ],
        )];
        for phase in document.phases() {
            let from = phase.from.map(|from| from.to_string());
            let to = phase.to.map(|to| to.to_string());
            rows.push((
                1,
                vec![
                    phase.status.code().into(),
                    from.unwrap_or_else(|| "0000-01-01".to_owned()).into(),
                    to.unwrap_or_else(|| "9999-12-31".to_owned()).into(),
                ],
            ));
        }
        if let Some(launch) = launch {
            let mut departements: Vec<&str> = launch
                .what
                .zone
                .iter()
                .map(InseeCode::departement)
                .collect();
            departements.dedup();
            rows.extend(
                departements
                    .into_iter()
                    .map(|departement| (2, vec![departement.into()])),
            );
        }
        let mut sites: Vec<_> = document.hubs.iter().map(|hub| hub.what.site).collect();
        sites.sort_unstable();
        sites.dedup();
        let sites = sites.into_iter();
        rows.extend(sites.map(|site| (3, vec![site.to_string().into()])));
        rows
    }
}

/// A name as it is sorted: without case or accents.
pub(super) fn sort_key(title: &str) -> String {
    title
        .nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}
