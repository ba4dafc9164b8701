//! An experiment: what may happen to it, what it adds up to, and what may be asked of it. In the
//! order Events / Fold / Decisions.

mod count;
mod decide;
mod event;
mod hub;
mod impact;
mod state;

pub use count::{AppointmentState, AssertedCount, CountQualifier, CountUnit};
pub use decide::{ExperimentCommand, MINIMUM_MONTHS, decide};
pub(in crate::domain) use decide::{known, open_on};
pub use event::{
    AssertedEnd, Closure, Comparison, Criterion, DeliveryModel, Evidence, ExperimentEvent,
    Extension, ExtensionRefusal, Figure, FixedCriteria, Ground, Hub, Launch, MadePermanent,
    OperatorRef, Resumption, Statement, Topic,
};
pub use hub::DesignatedHub;
pub use impact::{Baseline, BaselinePlace, ComparisonZone, WEEKS_MAX, WeekCount};
pub use state::{CriteriaSet, Experiment, Phase, Status};
