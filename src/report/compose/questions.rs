//! The question that each indicator answers, as an evaluator asks it.

/// The question of an indicator, where its code has one.
pub(super) fn of(code: &str) -> Option<&'static str> {
    Some(match code {
        "held-rate" => "Les permanences prévues ont-elles été tenues ?",
        "attendance" => "Combien d’usagers une permanence accompagne-t-elle ?",
        "empty-sessions" => "Combien de permanences tenues n’ont vu personne ?",
        "occupancy" => {
            "Quelle part de leur temps de présence les agents consacrent-ils aux usagers ?"
        }
        "no-show" => "Combien de rendez-vous pris ne sont pas honorés ?",
        "requests-by-operator" => "Pour quels opérateurs les usagers viennent-ils ?",
        "resolution" => "Les demandes sont-elles résolues sur place ?",
        "return-within-30-days" => {
            "Les usagers doivent-ils revenir pour une demande dite résolue ?"
        }
        "response-rate" => "Parmi ceux à qui l’avis est demandé, combien répondent ?",
        "satisfaction" => {
            "Ceux qui répondent sont-ils satisfaits, et que peut-on en dire pour tous ?"
        }
        "additionality" => {
            "Sans la permanence, les usagers auraient-ils renoncé ou seraient-ils allés plus loin ?"
        }
        "new-users" => "Quelle part des accompagnements est une première visite ?",
        "displacement" => {
            "La permanence déplace-t-elle une activité qui se faisait au site de rattachement ?"
        }
        "unmet-demand" => "Combien d’usagers repartent sans avoir été reçus ?",
        "cost" => "Que coûtent une heure tenue, un accompagnement, une demande résolue ?",
        "coverage" => "Quelles communes et combien d’habitants ont une permanence chaque semaine ?",
        "access-hours" => {
            "Combien d’heures d’accueil la zone desservie reçoit-elle pour 1 000 habitants ?"
        }
        "ramp-up" => "Comment l’activité évolue-t-elle de semaine en semaine ?",
        "label-floor" => "Le site de rattachement respecte-t-il les planchers du label ?",
        "data-quality" => "Les inscriptions sont-elles promptes, stables et complètes ?",
        _ => return None,
    })
}
