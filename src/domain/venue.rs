//! A host venue (*lieu d'accueil*): where permanences may be held. In the order Events / Fold /
//! Decisions.

use serde::{Deserialize, Serialize};

use super::{
    event::{Event, Reason, Recorded, Saying, Stated, VenueKey},
    refusal::Refusal,
    terms::{Certainty, ExperimentId, InseeCode, Label, Position, Title, VenueId},
    world::World,
};

/// What can happen to a venue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum VenueEvent {
    /// Its holder agreed to host permanences.
    Agreed(VenueTerms),
    /// The agreement was withdrawn; its validity begins on the first day without it.
    Withdrawn(Reason),
}

impl VenueEvent {
    /// What kind of event it is, in a stable code.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Agreed(_) => "venue-agreed",
            Self::Withdrawn(_) => "venue-withdrawn",
        }
    }
}

/// What was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueTerms {
    /// The venue's name.
    pub name: Title,
    /// What kind of place it is.
    pub kind: VenueKind,
    /// Its commune.
    pub commune: InseeCode,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Label>,
    /// Whether a talk there stays between the two who have it.
    pub confidential_space: Known,
}

/// A kind of host venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VenueKind {
    /// Mairie.
    TownHall,
    /// Agence postale communale.
    CommunalPostalAgency,
    /// Commerce partenaire.
    PartnerShop,
    /// Bureau de tabac.
    Tobacconist,
    /// Supermarché.
    Supermarket,
    /// Espace public numérique.
    DigitalSpace,
    /// Bureau de poste.
    PostOffice,
    /// Another place.
    Other,
}

/// A yes-or-no of which the answer may be unknown: unknown is never counted as no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// Yes.
    Yes,
    /// No.
    No,
    /// No source says.
    Unknown,
}

impl Known {
    /// The code it is stored and filtered by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// A venue, as its recorded events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Venue {
    /// The version of its stream.
    pub version: u64,
    /// The position of its last event.
    pub position: Position,
    /// The experiment it serves.
    pub experiment: Option<ExperimentId>,
    /// What was agreed.
    pub agreed: Option<Stated<VenueTerms>>,
    /// That it was withdrawn.
    pub withdrawn: Option<Stated<Reason>>,
}

impl Venue {
    /// Folds one event of its stream.
    pub fn evolve(&mut self, key: VenueKey, event: &VenueEvent, recorded: &Recorded) {
        self.experiment = Some(key.experiment);
        match event {
            VenueEvent::Agreed(terms) => self.agreed = Some(recorded.stated(terms.clone())),
            VenueEvent::Withdrawn(reason) => {
                self.withdrawn = Some(recorded.stated(reason.clone()));
            }
        }
    }

    /// Refuses a use of it by `experiment` from `day` on.
    ///
    /// # Errors
    /// [`Refusal::UnknownVenue`], [`Refusal::VenueOfAnotherExperiment`],
    /// [`Refusal::VenueNotYetAgreed`] or [`Refusal::VenueWithdrawn`].
    pub fn usable(
        &self,
        experiment: Option<ExperimentId>,
        day: chrono::NaiveDate,
    ) -> Result<(), Refusal> {
        let Some(agreed) = &self.agreed else {
            return Err(Refusal::UnknownVenue);
        };
        if self.experiment != experiment {
            return Err(Refusal::VenueOfAnotherExperiment);
        }
        // An agreement that is only known to be no later may be older than any day.
        if agreed.valid.certainty == Certainty::Exact && day < agreed.valid.from {
            return Err(Refusal::VenueNotYetAgreed {
                from: agreed.valid.from,
            });
        }
        match &self.withdrawn {
            Some(withdrawn) if withdrawn.valid.from <= day => Err(Refusal::VenueWithdrawn {
                on: withdrawn.valid.from,
            }),
            _ => Ok(()),
        }
    }
}

/// What may be asked of a venue.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VenueCommand {
    /// Record that it may host permanences of an experiment.
    Agree {
        /// The experiment.
        experiment: ExperimentId,
        /// What was agreed.
        terms: VenueTerms,
    },
    /// Record that it no longer may.
    Withdraw(Reason),
}

impl VenueCommand {
    /// The command that an event came of.
    #[must_use]
    pub fn of(key: VenueKey, event: &VenueEvent) -> Self {
        match event.clone() {
            VenueEvent::Agreed(terms) => Self::Agree {
                experiment: key.experiment,
                terms,
            },
            VenueEvent::Withdrawn(reason) => Self::Withdraw(reason),
        }
    }
}

/// Decides a command; see [`decide`](super::entry::decide).
///
/// # Errors
/// The [`Refusal`] that states why not.
pub fn decide(
    world: &World,
    id: VenueId,
    command: &VenueCommand,
    saying: &Saying,
) -> Result<Option<Event>, Refusal> {
    let unknown = Venue::default();
    let known = world.venue(id).unwrap_or(&unknown);
    match command {
        VenueCommand::Agree { experiment, terms } => {
            if let Some(agreed) = &known.agreed {
                return if known.experiment == Some(*experiment) && agreed.says(terms, saying) {
                    Ok(None)
                } else {
                    Err(Refusal::VenueAlreadyAgreed)
                };
            }
            let host = world.experiment(*experiment);
            match host {
                None => return Err(Refusal::UnknownExperiment),
                Some(host) if host.is_unknown() => return Err(Refusal::UnknownExperiment),
                Some(host) => {
                    if let Some(closed) = &host.closed
                        && closed.valid.from <= saying.valid.from
                    {
                        return Err(Refusal::ExperimentClosed {
                            on: closed.valid.from,
                        });
                    }
                }
            }
            terms.commune.check()?;
            if terms.confidential_space == Known::No {
                return Err(Refusal::VenueNotConfidential);
            }
            let key = VenueKey {
                experiment: *experiment,
                venue: id,
            };
            Ok(Some(Event::Venue(key, VenueEvent::Agreed(terms.clone()))))
        }
        VenueCommand::Withdraw(reason) => {
            let (Some(agreed), Some(experiment)) = (&known.agreed, known.experiment) else {
                return Err(Refusal::UnknownVenue);
            };
            if let Some(withdrawn) = &known.withdrawn {
                return if withdrawn.says(reason, saying) {
                    Ok(None)
                } else {
                    Err(Refusal::VenueWithdrawn {
                        on: withdrawn.valid.from,
                    })
                };
            }
            if saying.valid.from < agreed.valid.from {
                return Err(Refusal::WithdrawnBeforeAgreed {
                    agreed: agreed.valid.from,
                });
            }
            let key = VenueKey {
                experiment,
                venue: id,
            };
            Ok(Some(Event::Venue(
                key,
                VenueEvent::Withdrawn(reason.clone()),
            )))
        }
    }
}
