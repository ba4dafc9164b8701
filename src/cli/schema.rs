//! `carnet schema`.

use super::{CliError, print};
use crate::graphql;

pub(super) fn run() -> Result<(), CliError> {
    print(&graphql::sdl())
}
