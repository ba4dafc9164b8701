//! Subjects: what has a history of its own, a stream. One line of the table for each kind.

use super::{
    event::Recorded,
    terms::{ExperimentId, Position},
};

/// Hands the table of subjects to a macro. Each line: the name, its identity, its key, its events,
/// how a command addresses it, its commands (where they are but the event to record, that one), its
/// state, the name its states go by in a [`World`](super::world::World), and the prefix of its
/// streams.
macro_rules! subjects {
    ($then:ident) => {
        $then! {
            /// An experiment.
            Experiment(ExperimentId, ExperimentKey, ExperimentEvent)
                <- (ExperimentId, ExperimentCommand) = Experiment in experiments, "experiment";
            /// A host venue.
            Venue(VenueId, VenueKey, VenueEvent)
                <- (VenueId, VenueCommand) = Venue in venues, "venue";
            /// A permanence.
            Permanence(PermanenceId, PermanenceKey, PermanenceEvent)
                <- (PermanenceId, PermanenceCommand) = Permanence in permanences, "permanence";
            /// An adviser.
            Adviser(AdviserId, AdviserKey, AdviserEvent)
                <- (AdviserId, AdviserCommand) = Adviser in advisers, "adviser";
            /// A session.
            Session(SessionId, SessionKey, SessionEvent)
                <- (SessionRef, SessionEvent) = Session in sessions, "session";
            /// An operator.
            Operator(OperatorId, OperatorKey, OperatorEvent)
                <- (OperatorId, OperatorEvent) = Operator in operators, "operator";
            /// A funding agreement.
            Agreement(AgreementId, AgreementKey, AgreementEvent)
                <- (AgreementId, AgreementEvent) = Agreement in agreements, "agreement";
            /// A cost.
            Cost(CostId, CostKey, CostEvent)
                <- (CostKey, CostEvent) = Cost in costs, "cost";
            /// An import of a file.
            Import(ImportId, ImportKey, ImportEvent)
                <- (ImportId, ImportEvent) = Import in imports, "import";
        }
    };
}

pub(super) use subjects;

/// What names a subject in its events, beside what it belongs to.
pub trait Key: Copy {
    /// Its identity.
    type Id;
    /// The subject itself.
    fn id(self) -> Self::Id;
    /// The experiment it belongs to, if it belongs to one.
    fn experiment(self) -> Option<ExperimentId>;
}

/// A state: what the standing entries of one subject add up to.
pub trait Subject: Default {
    /// Folds an event of its stream.
    fn apply(&mut self, recorded: &Recorded);

    /// Notes the version of its stream and the position of its last event, where those are not
    /// the ones of the last event folded: an entry that takes the place of an earlier one is folded
    /// in that place.
    fn stamp(&mut self, version: u64, position: Position);

    /// The state that some standing entries add up to, in a stream that ends with `last`.
    #[must_use]
    fn of(standing: &[Recorded], last: &Recorded) -> Self {
        let mut state = Self::default();
        for recorded in standing {
            state.apply(recorded);
        }
        state.stamp(last.version, last.position);
        state
    }
}
