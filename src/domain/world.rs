//! The subjects a decision reads, each folded from its stream.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    access::{
        self,
        holder::{Holder, HolderEvent},
        token::{Token, TokenEvent},
    },
    adviser::{Adviser, AdviserCommand, Assignment, Place},
    agreement::{Agreement, AgreementEvent},
    cost::{Cost, CostEvent},
    entry::{Command, Entry},
    event::{Event, Recorded, StreamId},
    experiment::{Experiment, ExperimentCommand},
    import::Import,
    operator::Operator,
    permanence::{Permanence, PermanenceCommand},
    report::{Report, ReportEvent},
    session::{Session, SessionEvent, SessionRef},
    site::Site,
    subject::{Recall, Subject, subjects},
    terms::{
        AdviserId, AgreementId, CostId, ExperimentId, HolderId, ImportId, OperatorId, PermanenceId,
        Position, ReportId, SessionId, SiteId, TokenId, VenueId,
    },
    venue::{Venue, VenueCommand},
};

macro_rules! world {
    ($($(#[$doc:meta])* $name:ident($id:ident, $key:ident, $event:ident)
        <- ($address:ident, $command:ident) = $state:ident in $states:ident, $prefix:literal;)+) => {
        /// What is known of some subjects. A subject that was looked for and has no history is
        /// present in its default state, so that its absence, too, can be guarded.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct World {
            journals: BTreeMap<StreamId, Vec<Recorded>>,
            $($states: BTreeMap<$id, $state>,)+
        }

        $(
            impl Subject for $state {
                fn apply(&mut self, recorded: &Recorded) {
                    self.stamp(recorded.version, recorded.position);
                    if let Event::$name(key, event) = &recorded.fact.event {
                        self.evolve(*key, event, recorded);
                    }
                }

                fn stamp(&mut self, version: u64, position: Position) {
                    self.version = version;
                    self.position = position;
                }

                fn recall(&mut self, journal: &[Recorded]) {
                    Recall::recall(self, journal);
                }
            }
        )+

        impl World {
            /// Makes a stream present, empty until events are applied.
            pub fn open(&mut self, stream: StreamId) {
                self.journals.entry(stream).or_default();
                match stream {
                    $(StreamId::$name(id) => {
                        self.$states.entry(id).or_default();
                    })+
                }
            }

            /// Folds one more event of a subject, whatever it corrects.
            pub(super) fn refold(&mut self, recorded: &Recorded) {
                match recorded.fact.event.stream() {
                    $(StreamId::$name(id) => {
                        self.$states.entry(id).or_default().apply(recorded);
                    })+
                }
            }

            /// Sets a subject to what its journal adds up to.
            fn set(&mut self, subject: StreamId, journal: &[Recorded]) {
                match subject {
                    $(StreamId::$name(id) => {
                        self.$states.insert(id, $state::of(journal));
                    })+
                }
            }
        }
    };
}

subjects!(world);

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

    /// The session, if it was loaded.
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// The operator, if it was loaded.
    #[must_use]
    pub fn operator(&self, id: OperatorId) -> Option<&Operator> {
        self.operators.get(&id)
    }

    /// The published report, if it was loaded.
    #[must_use]
    pub fn report(&self, id: ReportId) -> Option<&Report> {
        self.reports.get(&id)
    }

    /// The funding agreement, if it was loaded.
    #[must_use]
    pub fn agreement(&self, id: AgreementId) -> Option<&Agreement> {
        self.agreements.get(&id)
    }

    /// The import, if it was loaded.
    #[must_use]
    pub fn import(&self, id: ImportId) -> Option<&Import> {
        self.imports.get(&id)
    }

    /// The cost, if it was loaded.
    #[must_use]
    pub fn cost(&self, id: CostId) -> Option<&Cost> {
        self.costs.get(&id)
    }

    /// The labelled site, if it was loaded.
    #[must_use]
    pub fn site(&self, id: SiteId) -> Option<&Site> {
        self.sites.get(&id)
    }

    /// The service token, if it was loaded.
    #[must_use]
    pub fn token(&self, id: TokenId) -> Option<&Token> {
        self.tokens.get(&id)
    }

    /// The holder of grants, if it was loaded.
    #[must_use]
    pub fn holder(&self, id: HolderId) -> Option<&Holder> {
        self.holders.get(&id)
    }

    /// The events of a subject that were applied, in that order.
    #[must_use]
    pub fn journal(&self, subject: StreamId) -> &[Recorded] {
        self.journals.get(&subject).map_or(&[], Vec::as_slice)
    }

    /// Takes in all that was recorded of a subject.
    pub fn read(&mut self, subject: StreamId, journal: Vec<Recorded>) {
        self.set(subject, &journal);
        self.journals.insert(subject, journal);
    }

    /// Folds one recorded event.
    pub fn apply(&mut self, recorded: Recorded) {
        let subject = recorded.fact.event.stream();
        let mut journal = self.journals.remove(&subject).unwrap_or_default();
        if recorded.fact.saying.corrects.is_none() {
            self.refold(&recorded);
            journal.push(recorded);
        } else {
            journal.push(recorded);
            self.set(subject, &journal);
        }
        self.journals.insert(subject, journal);
    }

    /// The same, but for one subject of which only some standing entries are known.
    pub(super) fn with(&self, subject: StreamId, standing: &[Recorded]) -> Self {
        let mut world = self.clone();
        world.set(subject, &[]);
        for recorded in standing {
            world.refold(recorded);
        }
        world
    }

    /// Whether the subject is a person who was erased.
    pub(super) fn is_erased(&self, subject: StreamId) -> bool {
        AdviserId::try_from(subject)
            .ok()
            .and_then(|id| self.adviser(id))
            .is_some_and(|adviser| adviser.erased.is_some())
    }

    /// The next stream that deciding `entry` must read and that is not loaded yet. A correction is
    /// decided together with all that was recorded of its subject since.
    #[must_use]
    pub fn needs(&self, entry: &Entry) -> Option<StreamId> {
        let missing = |command: &Command| {
            let mut reads = self.reads(command).into_iter();
            reads.find(|stream| !self.journals.contains_key(stream))
        };
        missing(&entry.command).or_else(|| {
            entry.saying.corrects.as_ref()?;
            let journal = self.journal(entry.command.subject()).iter();
            let mut commands = journal.filter_map(|known| Command::of(&known.fact.event));
            commands.find_map(|command| missing(&command))
        })
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
                | ExperimentCommand::DesignateComparisonZone(_)
                | ExperimentCommand::MeasureBaseline(_)
                | ExperimentCommand::AssertCount(_)
                | ExperimentCommand::ReopenHub(_) => vec![StreamId::Experiment(*id)],
                ExperimentCommand::DesignateHub(hub) => {
                    vec![StreamId::Experiment(*id), StreamId::Site(hub.site)]
                }
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
                | AdviserCommand::Unassign(_)
                | AdviserCommand::NoteAbsence(_)
                | AdviserCommand::Erase(_) => vec![StreamId::Adviser(*id)],
                AdviserCommand::Assign(Assignment { experiment, place }) => {
                    let permanence = match place {
                        Place::Hub => None,
                        Place::Permanence(permanence) => Some(*permanence),
                    };
                    [StreamId::Adviser(*id), StreamId::Experiment(*experiment)]
                        .into_iter()
                        .chain(permanence.map(StreamId::Permanence))
                        .collect()
                }
            },
            Command::Session(session, event) => self.reads_of_session(*session, event),
            Command::Operator(id, _) => vec![StreamId::Operator(*id)],
            Command::Agreement(id, event) => {
                let experiments = match event {
                    AgreementEvent::Signed(signature) => Some(&signature.experiments),
                    AgreementEvent::PaymentMade(_) => None,
                };
                let experiments = experiments.into_iter().flatten();
                std::iter::once(StreamId::Agreement(*id))
                    .chain(experiments.copied().map(StreamId::Experiment))
                    .collect()
            }
            Command::Cost(key, CostEvent::Recorded(terms)) => [
                StreamId::Cost(key.cost),
                StreamId::Experiment(key.experiment),
            ]
            .into_iter()
            .chain(terms.agreement.map(StreamId::Agreement))
            .chain(terms.estimate.map(StreamId::Cost))
            .collect(),
            Command::Import(id, _) => vec![StreamId::Import(*id)],
            Command::Site(id, _) => vec![StreamId::Site(*id)],
            Command::Report(id, event) => reads_of_report(*id, event),
            Command::Token(id, event) => reads_of_token(*id, event),
            Command::Holder(id, event) => reads_of_holder(*id, event),
            Command::Retract(subject) => vec![*subject],
        }
    }

    /// The same, of what happened at a session: what it is of, and who is said to have held it.
    fn reads_of_session(&self, session: SessionRef, event: &SessionEvent) -> Vec<StreamId> {
        let permanence = self.permanence(session.permanence);
        let experiment = permanence.and_then(|permanence| permanence.experiment);
        let advisers = if let SessionEvent::Held(holding) = event {
            holding.advisers.iter().copied().collect()
        } else {
            Vec::new()
        };
        std::iter::once(StreamId::Session(session.into()))
            .chain(std::iter::once(StreamId::Permanence(session.permanence)))
            .chain(experiment.map(StreamId::Experiment))
            .chain(advisers.into_iter().map(StreamId::Adviser))
            .chain(
                experiment
                    .into_iter()
                    .flat_map(|experiment| self.joined(experiment, event)),
            )
            .collect()
    }

    /// The operators that an event names and that the experiment was not launched with.
    fn joined<'a>(
        &'a self,
        experiment: ExperimentId,
        event: &'a SessionEvent,
    ) -> impl Iterator<Item = StreamId> + 'a {
        let launch = self.experiment(experiment);
        let launch = launch.and_then(|experiment| experiment.launch.as_ref());
        event
            .operators()
            .filter(move |code| {
                let mut known = launch.iter().flat_map(|launch| &launch.what.operators);
                launch.is_some() && known.all(|known| known.code != **code)
            })
            .map(|code| StreamId::Operator(OperatorId::of(code)))
    }
}

/// The streams that deciding what happens to a report reads: what it is of, and what it replaces.
fn reads_of_report(id: ReportId, event: &ReportEvent) -> Vec<StreamId> {
    let publication = match event {
        ReportEvent::PartStored(_) => None,
        ReportEvent::Published(publication) => Some(publication),
    };
    let experiment = publication.and_then(|it| it.scope.experiment);
    let replaced = publication.and_then(|it| it.replaces);
    std::iter::once(StreamId::Report(id))
        .chain(experiment.map(StreamId::Experiment))
        .chain(replaced.map(StreamId::Report))
        .collect()
}

/// The same, of what happens to a token: the experiments it is issued over.
fn reads_of_token(id: TokenId, event: &TokenEvent) -> Vec<StreamId> {
    let grants = match event {
        TokenEvent::Issued(issue) => access::experiments(&issue.grants),
        TokenEvent::Revoked(_) => BTreeSet::new(),
    };
    std::iter::once(StreamId::Token(id)).chain(grants).collect()
}

/// The same, of what happens to a holder of grants.
fn reads_of_holder(id: HolderId, event: &HolderEvent) -> Vec<StreamId> {
    let grants = match event {
        HolderEvent::Granted(granting) => access::experiments([&granting.grant]),
        HolderEvent::Revoked(_) => BTreeSet::new(),
    };
    std::iter::once(StreamId::Holder(id))
        .chain(grants)
        .collect()
}
