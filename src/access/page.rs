//! The policy as a page for people: `docs/policy.md`.

use std::fmt::Write;

use super::{
    policy::{COLUMNS, Capability, PROGRAMME_ONLY, ROLES},
    table::{FIELDS, INTROSPECTION, SEALED},
};

/// The page.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    let _infallible = roles(&mut page).and_then(|()| fields(&mut page));
    page
}

const INTRODUCTION: &str = "# Who may do what

This page is made from `src/access/policy.rs` and `src/access/table.rs`; a test refuses one that is out of
date (`CARNET_GUIDE=write cargo test --test policy` writes it again). [ADR 21](adr/0021-policy.md) tells why.

Whoever has no grant is a stranger, and sees what is open. Grants add up, each within its own reach: the
programme, what an organisation carries, or one experiment. What is outside of it is as what never was.

## What each role may

";

fn roles(page: &mut String) -> std::fmt::Result {
    write!(page, "| | stranger |")?;
    for role in COLUMNS {
        write!(page, " {} |", role.name())?;
    }
    writeln!(page, "\n|---|---|{}", "---|".repeat(COLUMNS.len()))?;
    for (capability, allowed) in ROLES {
        let stranger = capability == Capability::Open;
        write!(page, "| {} | {} |", capability.name(), mark(stranger))?;
        for allowed in allowed {
            write!(page, " {} |", mark(allowed))?;
        }
        writeln!(page)?;
    }
    let only: Vec<&str> = PROGRAMME_ONLY.iter().map(|it| it.name()).collect();
    writeln!(
        page,
        "\nOver the whole programme only: {}.",
        only.join(", ")
    )
}

const fn mark(allowed: bool) -> &'static str {
    if allowed { "yes" } else { "" }
}

fn fields(page: &mut String) -> std::fmt::Result {
    let (asks, about) = INTROSPECTION;
    let sealed: Vec<String> = SEALED
        .iter()
        .map(|(of, field)| format!("`{of}.{field}`"))
        .collect();
    writeln!(
        page,
        "\n## What each field asks for\n\n`{}` ask for {}. {} is null for whoever lacks {}.\n\n\
         | Type | Fields | Ask for |\n|---|---|---|",
        about.replace(' ', "`, `"),
        asks.name(),
        sealed.join(", "),
        Capability::Personal.name(),
    )?;
    for row in FIELDS {
        let of = row.of;
        for (capability, names) in row.but {
            let names = names.replace(' ', "`, `");
            writeln!(page, "| `{of}` | `{names}` | {} |", capability.name())?;
        }
        if let Some(all) = row.all {
            let which = if row.but.is_empty() {
                "all"
            } else {
                "all others"
            };
            writeln!(page, "| `{of}` | {which} | {} |", all.name())?;
        }
    }
    Ok(())
}
