//! Places.

use async_graphql::SimpleObject;

use crate::{
    domain::terms::{self, place},
    graphql::scalars::InseeCode,
};

/// A commune.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Commune {
    /// Its code in the official geographic code.
    code: InseeCode,
    /// Its name.
    name: String,
    /// Its departement.
    departement: Departement,
    /// Its municipal population, where it is published.
    population: Option<u32>,
}

/// A departement, or an overseas collectivity.
#[derive(SimpleObject)]
pub(in crate::graphql) struct Departement {
    /// Its code: two characters, three overseas.
    code: String,
    /// Its name.
    name: String,
}

impl From<terms::InseeCode> for Commune {
    fn from(code: terms::InseeCode) -> Self {
        let departement = code.departement();
        Self {
            code: InseeCode(code.to_string()),
            name: code.name(),
            departement: Departement {
                code: departement.to_owned(),
                name: place::departement_name(departement)
                    .unwrap_or(departement)
                    .to_owned(),
            },
            population: code.commune().and_then(|commune| commune.population),
        }
    }
}
