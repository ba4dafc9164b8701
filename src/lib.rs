//! Carnet: the notebook in which every change to a France Services "en mobilite" experiment is
//! written down once, for ever, and from which everything else is computed.
//!
//! The modules stand in the order data flows; `ARCHITECTURE.md` tells the rest.

pub mod app;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod domain;
pub mod generate;
pub mod graphql;
pub mod http;
pub mod limits;
pub mod log;
pub mod projection;
pub mod read;
