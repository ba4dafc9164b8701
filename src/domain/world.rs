//! The subjects a decision reads, each folded from its stream.

use std::collections::BTreeMap;

use super::{
    adviser::{Adviser, AdviserCommand},
    entry::Command,
    event::{Event, Recorded, StreamId},
    experiment::{Experiment, ExperimentCommand},
    permanence::{Permanence, PermanenceCommand},
    terms::{AdviserId, ExperimentId, PermanenceId, VenueId},
    venue::{Venue, VenueCommand},
};

/// What is known of some subjects. A subject that was looked for and has no history is present in
/// its default state, so that its absence, too, can be guarded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    experiments: BTreeMap<ExperimentId, Experiment>,
    venues: BTreeMap<VenueId, Venue>,
    permanences: BTreeMap<PermanenceId, Permanence>,
    advisers: BTreeMap<AdviserId, Adviser>,
}

impl World {
    /// The experiment, if it was loaded.
    #[must_use]
    pub fn experiment(&self, id: ExperimentId) -> Option<&Experiment> {
        self.experiments.get(&id)
    }

    /// The venue, if it was loaded.
    #[must_use]
    pub fn venue(&self, id: VenueId) -> Option<&Venue> {
        self.venues.get(&id)
    }

    /// The permanence, if it was loaded.
    #[must_use]
    pub fn permanence(&self, id: PermanenceId) -> Option<&Permanence> {
        self.permanences.get(&id)
    }

    /// The adviser, if it was loaded.
    #[must_use]
    pub fn adviser(&self, id: AdviserId) -> Option<&Adviser> {
        self.advisers.get(&id)
    }

    /// Makes a stream present, empty until events are applied.
    pub fn open(&mut self, stream: StreamId) {
        match stream {
            StreamId::Experiment(id) => {
                self.experiments.entry(id).or_default();
            }
            StreamId::Venue(id) => {
                self.venues.entry(id).or_default();
            }
            StreamId::Permanence(id) => {
                self.permanences.entry(id).or_default();
            }
            StreamId::Adviser(id) => {
                self.advisers.entry(id).or_default();
            }
        }
    }

    /// Folds one recorded event.
    pub fn apply(&mut self, recorded: &Recorded) {
        match &recorded.fact.event {
            Event::Experiment(key, event) => self
                .experiments
                .entry(key.experiment)
                .or_default()
                .evolve(event, recorded),
            Event::Venue(key, event) => self
                .venues
                .entry(key.venue)
                .or_default()
                .evolve(*key, event, recorded),
            Event::Permanence(key, event) => self
                .permanences
                .entry(key.permanence)
                .or_default()
                .evolve(*key, event, recorded),
            Event::Adviser(key, event) => self
                .advisers
                .entry(key.adviser)
                .or_default()
                .evolve(event, recorded),
        }
    }

    /// The next stream that deciding `command` must read and that is not loaded yet.
    #[must_use]
    pub fn needs(&self, command: &Command) -> Option<StreamId> {
        self.reads(command)
            .into_iter()
            .find(|stream| !self.has(*stream))
    }

    fn has(&self, stream: StreamId) -> bool {
        match stream {
            StreamId::Experiment(id) => self.experiments.contains_key(&id),
            StreamId::Venue(id) => self.venues.contains_key(&id),
            StreamId::Permanence(id) => self.permanences.contains_key(&id),
            StreamId::Adviser(id) => self.advisers.contains_key(&id),
        }
    }

    /// Every stream that deciding `command` reads, as far as is known yet. A late entry is decided
    /// against the terms of its day, which need not be the last ones: it reads every venue that the
    /// permanence ever had.
    fn reads(&self, command: &Command) -> Vec<StreamId> {
        match command {
            Command::Experiment(id, command) => match command {
                ExperimentCommand::FixCriteria(_)
                | ExperimentCommand::Launch(_)
                | ExperimentCommand::AssertEnd(_)
                | ExperimentCommand::RecordStatement(_)
                | ExperimentCommand::Extend(_)
                | ExperimentCommand::RefuseExtension(_)
                | ExperimentCommand::Suspend(_)
                | ExperimentCommand::Resume(_)
                | ExperimentCommand::MakePermanent(_)
                | ExperimentCommand::Close(_)
                | ExperimentCommand::CloseHub(_)
                | ExperimentCommand::ReopenHub(_) => vec![StreamId::Experiment(*id)],
            },
            Command::Venue(id, command) => {
                let experiment = match command {
                    VenueCommand::Agree { experiment, .. } => Some(*experiment),
                    VenueCommand::Withdraw(_) => self.venue(*id).and_then(|venue| venue.experiment),
                };
                std::iter::once(StreamId::Venue(*id))
                    .chain(experiment.map(StreamId::Experiment))
                    .collect()
            }
            Command::Permanence(id, command) => {
                let known = self.permanence(*id);
                let (experiment, venue) = match command {
                    PermanenceCommand::Schedule { experiment, terms } => {
                        (Some(*experiment), Some(terms.venue))
                    }
                    PermanenceCommand::Reschedule(change) => (None, change.venue),
                    PermanenceCommand::Suspend(_)
                    | PermanenceCommand::Resume(_)
                    | PermanenceCommand::Close(_) => (None, None),
                };
                let experiment =
                    experiment.or_else(|| known.and_then(|permanence| permanence.experiment));
                std::iter::once(StreamId::Permanence(*id))
                    .chain(experiment.map(StreamId::Experiment))
                    .chain(venue.map(StreamId::Venue))
                    .chain(
                        known
                            .into_iter()
                            .flat_map(Permanence::venues)
                            .map(StreamId::Venue),
                    )
                    .collect()
            }
            Command::Adviser(id, command) => match command {
                AdviserCommand::Register(_)
                | AdviserCommand::Rename(_)
                | AdviserCommand::Erase(_) => vec![StreamId::Adviser(*id)],
            },
        }
    }
}
