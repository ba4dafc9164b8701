//! Who may name whom: data flows one way, and no step reaches around the one before it.
//!
//! The check reads the tokens of every file, so that what a macro expands from is seen as well.
//! It does not follow types: a step that is handed a value may call its methods.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod evasions;
mod names;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use evasions::{EVASIONS, INNOCENT};
use names::{Name, names};

/// A step, and what it may name.
struct Step {
    /// Its module.
    name: &'static str,
    /// The modules of this crate it may name, or the parts of them; itself apart.
    may: &'static [&'static str],
    /// What it may name of other crates.
    crates: Crates,
    /// What it must not name even so.
    never: &'static [&'static str],
}

enum Crates {
    Any,
    Only(&'static [&'static str]),
}

use Crates::{Any, Only};

/// What asks or changes the machine.
const MACHINE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "chrono::Local",
    "chrono::Utc::now",
    "uuid::Uuid::new_v4",
    "uuid::Uuid::now_v7",
];

/// The same, but `std::io` in memory.
const MACHINE_IN_MEMORY: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "chrono::Local",
    "chrono::Utc::now",
    "uuid::Uuid::new_v4",
    "uuid::Uuid::now_v7",
];

/// The steps, in the order data flows: each names only what stands above it.
const STEPS: &[Step] = &[
    Step {
        name: "domain",
        may: &[],
        crates: Only(&[
            "std",
            "chrono",
            "chrono_tz",
            "compact_calendar",
            "opening_hours",
            "opening_hours_syntax",
            "rust_decimal",
            "serde",
            "uuid",
        ]),
        never: MACHINE,
    },
    Step {
        name: "generate",
        may: &["domain"],
        crates: Only(&["std", "chrono", "rand_chacha", "rust_decimal", "uuid"]),
        never: MACHINE,
    },
    Step {
        name: "limits",
        may: &[],
        crates: Only(&["std", "chrono"]),
        never: MACHINE,
    },
    Step {
        name: "pack",
        may: &["domain"],
        crates: Only(&["std", "base64", "flate2", "sha2", "thiserror"]),
        // It compresses in memory by `std::io`, and nothing else of the machine.
        never: MACHINE_IN_MEMORY,
    },
    Step {
        name: "import",
        may: &["domain", "limits"],
        crates: Only(&[
            "std",
            "chrono",
            "csv",
            "encoding_rs",
            "quick_xml",
            "rust_decimal",
            "rust_xlsxwriter",
            "serde",
            "serde_json",
            "sha2",
            "unicode_normalization",
            "uuid",
            "zip",
        ]),
        // It reads archives in memory by `std::io`, and nothing else of the machine.
        never: MACHINE_IN_MEMORY,
    },
    Step {
        name: "evaluation",
        may: &["domain"],
        crates: Only(&[
            "std",
            "chrono",
            "rand_core",
            "rand_pcg",
            "rust_decimal",
            "serde",
            "statrs",
            "uuid",
        ]),
        never: MACHINE,
    },
    Step {
        name: "report",
        may: &["domain", "evaluation", "limits"],
        crates: Only(&[
            "std",
            "chrono",
            "csv",
            "quick_xml",
            "rust_decimal",
            "rust_xlsxwriter",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "typst",
            "typst_layout",
            "typst_pdf",
            "unicode_normalization",
            "zip",
        ]),
        // It writes archives in memory by `std::io`, and nothing else of the machine.
        never: MACHINE_IN_MEMORY,
    },
    Step {
        name: "fault",
        may: &[],
        crates: Only(&["std", "rustix"]),
        never: &["std::fs", "std::net"],
    },
    Step {
        name: "clock",
        may: &["domain::holiday"],
        crates: Only(&["std", "chrono", "uuid", "tokio", "futures_util"]),
        never: &["std::fs", "std::net"],
    },
    Step {
        name: "log",
        may: &["domain", "clock", "limits", "fault"],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sqlx",
            "tower_http",
            "std::net",
            "tokio::net",
        ],
    },
    Step {
        name: "access",
        may: &["domain", "limits"],
        crates: Only(&["std", "chrono"]),
        never: MACHINE,
    },
    Step {
        name: "command",
        may: &["domain", "import", "pack", "log", "limits", "fault"],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sled",
            "sqlx",
            "tower_http",
            "std::fs",
            "std::net",
            "tokio::fs",
            "tokio::net",
            "crate::log::mirrored",
        ],
    },
    Step {
        name: "privacy",
        may: &["domain", "limits", "fault"],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sled",
            "sqlx",
            "tower_http",
            "std::net",
            "tokio::fs",
            "tokio::net",
        ],
    },
    Step {
        name: "projection",
        may: &["domain", "log", "clock", "limits", "fault"],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sled",
            "tower_http",
            "std::net",
            "tokio::net",
            "crate::log::mirrored",
        ],
    },
    Step {
        name: "read",
        may: &[
            "access",
            "domain",
            "evaluation",
            "pack",
            "projection::Progress",
            "limits",
        ],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sled",
            "tower_http",
            "std::fs",
            "std::net",
            "tokio::fs",
            "tokio::net",
        ],
    },
    Step {
        name: "publication",
        may: &[
            "domain",
            "evaluation",
            "limits",
            "log::proof",
            "read",
            "report",
        ],
        crates: Only(&["std", "chrono", "serde_json", "thiserror"]),
        never: MACHINE,
    },
    Step {
        name: "outward",
        may: &["limits"],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sled",
            "sqlx",
            "std::fs",
            "tokio::fs",
        ],
    },
    Step {
        name: "trace",
        may: &["limits", "outward"],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sled",
            "sqlx",
            "std::env",
            "std::fs",
            "std::net",
            "tokio::fs",
            "tokio::net",
        ],
    },
    Step {
        name: "identity",
        may: &[
            "access", "clock", "command", "domain", "limits", "outward", "read",
        ],
        crates: Any,
        never: &[
            "async_graphql",
            "axum",
            "sled",
            "sqlx",
            "tower_http",
            "std::fs",
            "tokio::fs",
        ],
    },
    Step {
        name: "graphql",
        may: &[
            "access",
            "identity",
            "domain",
            "evaluation",
            "log::proof",
            "command",
            "privacy",
            "publication",
            "read",
            "report",
            "clock",
            "limits",
            "fault",
        ],
        crates: Any,
        never: &[
            "axum",
            "sled",
            "sqlx",
            "tower_http",
            "std::fs",
            "std::net",
            "tokio::fs",
            "tokio::net",
        ],
    },
    Step {
        name: "http",
        may: &[
            "access",
            "identity",
            "domain::terms::Label",
            "domain::terms::Position",
            "graphql",
            "import",
            "projection::Progress",
            "limits",
            "report",
            "trace",
            "fault",
        ],
        crates: Any,
        never: &["sled", "sqlx", "std::fs", "tokio::fs"],
    },
    Step {
        name: "config",
        may: &["limits"],
        crates: Only(&["std", "clap", "config", "serde", "thiserror", "toml"]),
        never: &["std::fs", "std::process", "std::thread"],
    },
];

/// Wiring, which may name everyone.
const WIRING: &[&str] = &["app", "cli"];

/// Would catch: a resolver that reads the log around the read models, a rule of the domain that
/// asks the clock, SQL outside of the two steps that own it, a step that knows a later one.
#[test]
fn every_step_names_only_what_it_may() {
    let mut slips = Vec::new();
    for (path, module) in modules() {
        let source = fs::read_to_string(&path).unwrap();
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        for slip in check(&module, &source) {
            slips.push(format!("{}:{slip}", path.display()));
        }
    }
    assert!(slips.is_empty(), "{}", slips.join("\n"));
}

/// Would catch: a module that no rule holds, and a rule that holds no module.
#[test]
fn every_module_has_a_rule() {
    let there: BTreeSet<String> = modules()
        .into_iter()
        .filter_map(|(_, module)| module.into_iter().next())
        .collect();
    let ruled: BTreeSet<String> = STEPS
        .iter()
        .map(|step| step.name)
        .chain(WIRING.iter().copied())
        .map(str::to_owned)
        .collect();
    assert_eq!(there, ruled);
}

/// Would catch: two steps that name each other.
#[test]
fn the_steps_stand_in_the_order_data_flows() {
    for (index, step) in STEPS.iter().enumerate() {
        for may in step.may {
            let (module, _) = may.split_once("::").unwrap_or((may, ""));
            let above = STEPS[..index].iter().any(|above| above.name == module);
            assert!(above, "{} names {may}, which stands below it", step.name);
        }
    }
}

/// The files of the program, each with the path of its module; none for the crate's own root.
fn modules() -> Vec<(PathBuf, Vec<String>)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut left = vec![src.clone()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = path.strip_prefix(&src).unwrap().with_extension("");
            let mut module: Vec<String> = module
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            if module.last().is_some_and(|last| last == "mod") {
                module.pop();
            }
            // The roots only declare modules and call the command line.
            if module != ["lib"] && module != ["main"] {
                found.push((path, module));
            }
        }
    }
    found.sort();
    found
}

/// What a file names and must not, a line each.
fn check(module: &[&str], source: &str) -> Vec<String> {
    let Some(step) = STEPS.iter().find(|step| step.name == module[0]) else {
        return Vec::new();
    };
    names(source, module, &crates())
        .iter()
        .filter_map(|name| {
            let why = step.forbids(name)?;
            let path = name.path.join("::");
            let all = if name.glob { "::*" } else { "" };
            Some(format!("{}: {} {why} {path}{all}", name.line, step.name))
        })
        .collect()
}

impl Step {
    fn forbids(&self, name: &Name) -> Option<&'static str> {
        let path: Vec<&str> = name.path.iter().map(String::as_str).collect();
        let foreign = path[0] != "crate";
        let own = path.get(1) == Some(&self.name) && !foreign;
        let never = self.never.iter().any(|never| {
            let never: Vec<&str> = never.split("::").collect();
            path.starts_with(&never) || (name.glob && never.starts_with(&path))
        });
        let may = if foreign {
            match self.crates {
                Any => !path[0].ends_with(['!', ']']),
                Only(crates) => crates.contains(&path[0]),
            }
        } else {
            own || self.may.iter().any(|may| {
                let may: Vec<&str> = may.split("::").collect();
                path[1..].starts_with(&may)
            })
        };
        if never || !may {
            Some("must not name")
        } else if name.handed_on && !own {
            Some("must not hand on")
        } else {
            None
        }
    }
}

/// The crates there are: those of the manifest, and what comes with the language.
fn crates() -> BTreeSet<String> {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().unwrap();
    manifest["dependencies"]
        .as_table()
        .unwrap()
        .keys()
        .map(|name| name.replace('-', "_"))
        .chain(["std", "core", "alloc", "proc_macro"].map(str::to_owned))
        .collect()
}

/// The check sees through every way of naming a module, so that silence means something.
#[test]
fn the_check_bites() {
    for (module, source, named) in EVASIONS {
        let module: Vec<&str> = module.split("::").collect();
        let slips = check(&module, source);
        assert!(
            slips.iter().any(|slip| slip.ends_with(named)),
            "{source}\n  in {module:?} names {named}, and only this was seen: {slips:#?}"
        );
    }
}

/// And it is silent where nothing is named that must not be.
#[test]
fn the_check_barks_at_nothing_else() {
    for (module, source) in INNOCENT {
        let module: Vec<&str> = module.split("::").collect();
        assert_eq!(check(&module, source), [""; 0], "{source}");
    }
}
