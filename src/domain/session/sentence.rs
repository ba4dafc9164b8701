//! Each event of a session as a French sentence. None tells where a user lives, or how old: in a
//! small commune that could be enough to know somebody by.

use super::event::{
    Accompaniment, AppointmentOutcome, Booking, Cancellation, CancellationCause, Feedback, Holding,
    Otherwise, Request, RequestLevel, RequestOutcome, SessionEvent, TurningAway, TurningAwayCause,
};
use crate::domain::{
    sentence::{counted, ended},
    terms::{Validity, time::in_french},
    venue::Known,
};

/// Tells an event.
pub(in crate::domain) fn tell(event: &SessionEvent, valid: Validity) -> String {
    let day = in_french(valid.from);
    match event {
        SessionEvent::Held(holding) => held(holding, &day),
        SessionEvent::Cancelled(cancellation) => cancelled(cancellation, &day),
        SessionEvent::AppointmentBooked(booking) => booked(booking, &day),
        SessionEvent::AppointmentEnded(end) => {
            let outcome = match end.outcome {
                AppointmentOutcome::Seen => "usager reçu",
                AppointmentOutcome::NoShow => "usager non venu",
                AppointmentOutcome::Excused => "usager excusé",
                AppointmentOutcome::Revoked => "repris par le porteur",
                AppointmentOutcome::Unknown => "issue inconnue",
            };
            format!("Rendez-vous du {day} : {outcome}.")
        }
        SessionEvent::Accompanied(accompaniment) => accompanied(accompaniment, &day),
        SessionEvent::TurnedAway(turned) => turned_away(turned, &day),
        SessionEvent::FeedbackOffered(_) => format!("Avis demandé à un usager le {day}."),
        SessionEvent::FeedbackReceived(feedback) => received(feedback, &day),
        SessionEvent::FeedbackDeclined(_) => {
            format!("Avis demandé à un usager le {day} : pas de réponse souhaitée.")
        }
    }
}

fn held(holding: &Holding, day: &str) -> String {
    let count = usize::from(holding.adviser_count);
    let named = match holding.advisers.len() {
        0 => String::new(),
        1 => ", dont 1 conseiller inscrit".to_owned(),
        named => format!(", dont {named} conseillers inscrits"),
    };
    format!(
        "Permanence tenue le {day} de {} à {} par {}{named}.",
        holding.starts.format("%H:%M"),
        holding.ends.format("%H:%M"),
        counted(count, "personne")
    )
}

fn cancelled(cancellation: &Cancellation, day: &str) -> String {
    let cause = match cancellation.cause {
        CancellationCause::AdviserAbsent => "personne pour la tenir",
        CancellationCause::VenueUnavailable => "lieu indisponible",
        CancellationCause::Technical => "panne",
        CancellationCause::Weather => "intempéries",
        CancellationCause::NoAppointment => "aucun rendez-vous",
        CancellationCause::Other => "autre cause",
    };
    match &cancellation.words {
        Some(words) => format!("Permanence du {day} annulée ({cause}) : {}", ended(words)),
        None => format!("Permanence du {day} annulée : {cause}."),
    }
}

fn booked(booking: &Booking, day: &str) -> String {
    let at = booking.at.map(|at| format!(" à {}", at.format("%H:%M")));
    let operator = booking.operator.as_ref();
    let operator = operator.map(|operator| format!(" ({operator})"));
    format!(
        "Rendez-vous pris pour le {day}{}{}.",
        at.unwrap_or_default(),
        operator.unwrap_or_default()
    )
}

fn accompanied(accompaniment: &Accompaniment, day: &str) -> String {
    let minutes = accompaniment.minutes;
    let minutes = minutes.map(|minutes| format!(" de {minutes} min"));
    let requests: Vec<String> = accompaniment.requests.iter().map(request).collect();
    let visit = match accompaniment.first_visit {
        Known::Yes => " ; première visite",
        Known::No => " ; déjà venu",
        Known::Unknown => "",
    };
    format!(
        "Le {day}, 1 accompagnement{} : {}{visit}.",
        minutes.unwrap_or_default(),
        requests.join(" ; ")
    )
}

fn request(request: &Request) -> String {
    let operator = request.operator.as_ref();
    let operator = operator.map_or_else(|| "hors bouquet".to_owned(), ToString::to_string);
    let theme = request.theme.as_ref();
    let theme = theme.map(|theme| format!(", {theme}")).unwrap_or_default();
    let level = match request.level {
        RequestLevel::Information => "information",
        RequestLevel::Accompaniment => "accompagnement",
        RequestLevel::Referral => "réorientation",
        RequestLevel::Unknown => "niveau inconnu",
    };
    let outcome = match request.outcome {
        RequestOutcome::Resolved => "résolu",
        RequestOutcome::ToFinishAlone => "à finir seul",
        RequestOutcome::MustComeBack => "à revoir",
        RequestOutcome::Referred => "réorienté",
        RequestOutcome::Abandoned => "abandonné",
        RequestOutcome::Unknown => "issue inconnue",
    };
    format!("{operator}{theme} ({level}, {outcome})")
}

fn turned_away(turned: &TurningAway, day: &str) -> String {
    let cause = match turned.cause {
        TurningAwayCause::Full => "plus de place",
        TurningAwayCause::NoAppointment => "sans rendez-vous",
        TurningAwayCause::Closed => "permanence fermée",
        TurningAwayCause::Technical => "panne",
        TurningAwayCause::OutOfBundle => "hors bouquet",
        TurningAwayCause::Unknown => "cause inconnue",
    };
    let plural = if turned.users < 2 { "" } else { "s" };
    format!(
        "{} usager{plural} éconduit{plural} le {day} : {cause}.",
        turned.users
    )
}

fn received(feedback: &Feedback, day: &str) -> String {
    let satisfaction = feedback.satisfaction.map_or_else(
        || "satisfaction non dite".to_owned(),
        |satisfaction| format!("satisfaction {satisfaction} sur 5"),
    );
    let resolved = match feedback.resolved {
        Known::Yes => ", demande résolue",
        Known::No => ", demande non résolue",
        Known::Unknown => "",
    };
    let otherwise = match feedback.otherwise {
        Otherwise::GivenUp => " ; sans la permanence, renoncement",
        Otherwise::GoneFarther => " ; sans la permanence, trajet plus loin",
        Otherwise::OnlineAlone => " ; sans la permanence, démarche seul en ligne",
        Otherwise::AskedSomebody => " ; sans la permanence, aide d'un proche",
        Otherwise::Other => " ; sans la permanence, autre solution",
        Otherwise::Unknown => "",
    };
    format!("Avis reçu d'un usager le {day} : {satisfaction}{resolved}{otherwise}.")
}
