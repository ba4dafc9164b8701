//! Carnet: the notebook in which every change to a France Services "en mobilite" experiment is
//! written down once, for ever, and from which everything else is computed.
//!
//! The steps stand in the order data flows; `ARCHITECTURE.md` tells the rest.

// 1 to 8: from what may be said to what is answered.
pub mod domain;

pub mod log;

pub mod command;

pub mod privacy;

pub mod projection;

pub mod read;

pub mod evaluation;

pub mod identity;

pub mod graphql;

pub mod http;

// What all of them share, and what puts them together.
pub mod access;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod fault;
pub mod generate;
pub mod import;
pub mod limits;
pub mod outward;
pub mod pack;
pub mod publication;
pub mod report;
pub mod trace;
