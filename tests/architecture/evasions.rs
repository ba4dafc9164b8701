//! Ways of naming a module, each of which the check must see; and what it must not take for one.

/// In a module, a source, and what it must not name.
pub(crate) const EVASIONS: &[(&str, &str, &str)] = &[
    ("graphql", "use crate::log::Head;", " crate::log::Head"),
    ("graphql", "pub use crate::log;", " crate::log"),
    (
        "graphql",
        "use crate::{domain, log::Head};",
        " crate::log::Head",
    ),
    (
        "graphql",
        "use {crate::{read, log::{self, record}}};",
        " crate::log",
    ),
    (
        "graphql",
        "use {crate::{read, log::{self, record}}};",
        " crate::log::record",
    ),
    ("graphql", "use crate::log::*;", " crate::log::*"),
    (
        "graphql",
        "use crate::*; fn f() -> log::Head {}",
        " crate::*",
    ),
    ("graphql::types", "use super::super::*;", " crate::*"),
    ("graphql", "use crate::log as journal;", " crate::log"),
    (
        "graphql",
        "use crate as c; fn f() -> c::log::Head {}",
        " crate::log::Head",
    ),
    (
        "graphql",
        "use super as up; use up::log as l; type H = l::Head;",
        " crate::log::Head",
    ),
    (
        "graphql",
        "use super::{self as up}; type H = up::log::Head;",
        " crate::log::Head",
    ),
    (
        "graphql::types::page",
        "use super::super::super::log::Head;",
        " crate::log::Head",
    ),
    (
        "graphql::types::page",
        "use self::super::super::super::log;",
        " crate::log",
    ),
    (
        "graphql",
        "mod inner { use super::super::log; }",
        " crate::log",
    ),
    (
        "graphql",
        "mod inner { pub(crate) mod deep { fn f() { super::super::super::log::f() } } }",
        " crate::log::f",
    ),
    ("graphql", "fn f() { use crate::log; }", " crate::log"),
    (
        "graphql",
        "fn f() { let h = crate::log::record::genesis(id); }",
        " crate::log::record::genesis",
    ),
    (
        "graphql",
        "fn f(log: &dyn crate::log::EventLog) {}",
        " crate::log::EventLog",
    ),
    (
        "graphql",
        "fn f() { <crate::log::Head as Default>::default() }",
        " crate::log::Head",
    ),
    (
        "graphql",
        "fn f() { Vec::<crate::log::Head>::new() }",
        " crate::log::Head",
    ),
    (
        "graphql",
        "struct S { h: Option<super::log::Head> }",
        " crate::log::Head",
    ),
    (
        "graphql",
        "impl crate::log::EventLog for S {}",
        " crate::log::EventLog",
    ),
    (
        "graphql",
        "fn f(x: X) -> bool { matches!(x, crate::log::LogError::Missing(_)) }",
        " crate::log::LogError::Missing",
    ),
    (
        "graphql",
        "macro_rules! m { () => { $crate::log::Head } }",
        " crate::log::Head",
    ),
    (
        "graphql",
        "macro_rules! m { () => { use $crate::{read, log}; } }",
        " crate::log",
    ),
    (
        "graphql",
        "macro_rules! m { ($a:ident) => { $a::log::Head } } m!(crate);",
        " crate",
    ),
    (
        "graphql",
        "fn f() { format!(\"{}\", crate::log::FORMAT) }",
        " crate::log::FORMAT",
    ),
    (
        "graphql",
        "#[serde(with = \"crate::log::stored\")] struct S;",
        " crate::log::stored",
    ),
    (
        "graphql",
        "#[derive(sqlx::FromRow)] struct S;",
        " sqlx::FromRow",
    ),
    (
        "graphql",
        "#![cfg_attr(a, b(crate::log::x))]",
        " crate::log::x",
    ),
    (
        "graphql",
        "#[path = \"../log/mod.rs\"] mod journal;",
        " #[path]",
    ),
    (
        "graphql",
        "#[cfg_attr(unix, path = \"../log/mod.rs\")] mod journal;",
        " #[path]",
    ),
    ("graphql", "include!(\"../log/mod.rs\");", " include!"),
    ("graphql", "use crate::r#log::Head;", " crate::log::Head"),
    (
        "graphql",
        "extern crate self as me; type H = me::log::Head;",
        " crate::log::Head",
    ),
    ("graphql", "use carnet::log::Head;", " crate::log::Head"),
    ("graphql", "extern crate sqlx as db;", " sqlx"),
    (
        "graphql",
        "use sqlx as db; fn f() { db::query(\"\") }",
        " sqlx::query",
    ),
    (
        "graphql",
        "use sqlx; fn f() { sqlx::query(\"\") }",
        " sqlx::query",
    ),
    ("graphql", "fn f() { ::sqlx::query(\"\") }", " sqlx::query"),
    (
        "graphql",
        "fn f() -> ::sqlx::Error { return ::sqlx::Error::RowNotFound }",
        " sqlx::Error::RowNotFound",
    ),
    (
        "graphql",
        "use crate::projection::Progress;",
        " crate::projection::Progress",
    ),
    (
        "http",
        "use crate::projection::{Progress, Runner};",
        " crate::projection::Runner",
    ),
    (
        "http",
        "use crate::projection::{self};",
        " crate::projection",
    ),
    ("http", "use crate::projection::*;", " crate::projection::*"),
    (
        "read",
        "pub use crate::projection::Progress;",
        "must not hand on crate::projection::Progress",
    ),
    (
        "read",
        "pub(crate) use sqlx::Error;",
        "must not hand on sqlx::Error",
    ),
    (
        "projection",
        "use crate::log::mirrored::MirroredLog;",
        " crate::log::mirrored::MirroredLog",
    ),
    (
        "projection",
        "use crate::log::{self, *}; use log::mirrored;",
        " crate::log::mirrored",
    ),
    ("command", "use tokio::{fs, sync::mpsc};", " tokio::fs"),
    ("domain", "use crate::clock::Clock;", " crate::clock::Clock"),
    (
        "domain",
        "use std::{collections::BTreeMap, fs};",
        " std::fs",
    ),
    ("domain", "use std::*;", " std::*"),
    (
        "domain",
        "use std as s; fn f() { s::fs::read(p) }",
        " std::fs::read",
    ),
    (
        "domain",
        "use std::time::{self, Duration}; fn f() { time::Instant::now() }",
        " std::time::Instant::now",
    ),
    (
        "domain",
        "use chrono::{DateTime, Utc}; fn f() { Utc::now() }",
        " chrono::Utc::now",
    ),
    (
        "domain",
        "use core::time::Duration;",
        " core::time::Duration",
    ),
    (
        "domain",
        "fn f() { tracing::info!(\"\") }",
        " tracing::info",
    ),
    (
        "domain::terms",
        "use super::super::limits::NODES_MAX;",
        " crate::limits::NODES_MAX",
    ),
];

/// In a module, a source that names nothing it must not.
pub(crate) const INNOCENT: &[(&str, &str)] = &[
    (
        "graphql",
        "// crate::log\n/// [`crate::log`], `sqlx`\nfn f() { g(\"crate::log::Head\") }",
    ),
    (
        "graphql",
        "pub(in crate::graphql) struct S; pub(crate) fn f() {} pub(super) use types::x;",
    ),
    (
        "graphql",
        "mod log; use log::Head; fn f() -> log::Head { self::log::Head }",
    ),
    (
        "graphql",
        "use crate::read::{At, page}; fn f() { page::Window::<u8>::new::<At>() }",
    ),
    (
        "graphql",
        "fn f() -> impl Iterator<Item = u8> + use<> { Log::sqlx(Self::sled::<u8>()) }",
    ),
    ("graphql", "pub use fault::finish; mod fault;"),
    ("graphql", "#[doc = \"crate::log::Head\"] struct S;"),
    ("http", "use crate::{graphql::*, projection::Progress};"),
    (
        "domain",
        "use std::{fmt, time::Duration}; use chrono::Utc; type T = DateTime<Utc>;",
    ),
    (
        "domain::experiment::decide",
        "use super::{event::Launch, super::terms::Position};",
    ),
    (
        "log::mirrored",
        "use super::{Append, record}; fn f(db: &sled::Db) {}",
    ),
    ("cli", "use crate::log::mirrored::MirroredLog;"),
];
