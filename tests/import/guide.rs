//! The guide for those who fill in spreadsheets: made from the columns, and committed.

use std::fmt::Write;

use carnet::import::{Kind, Shape};

const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/import.md");

const BEFORE: &str = "# Importer des tableaux

*Cette page est faite à partir du code (`src/import/kind`) : `CARNET_GUIDE=write cargo test --test import`.*

```
carnet import mai.xlsx --kind accompagnements --dry-run    # vérifie tout, n'écrit rien
carnet import mai.xlsx --kind accompagnements              # inscrit, et rend compte
carnet import modele.xlsx --kind retours --template xlsx   # crée un modèle à remplir
```

Le journal ne s'ouvre qu'une fois : pendant que carnet sert, on envoie le fichier au serveur.

```
curl --data-binary @mai.xlsx -H 'Content-Type: application/octet-stream' \\
  -H \"Authorization: Bearer $(cat carnet-data.keys/administrateur.jeton)\" \\
  'http://127.0.0.1:8080/import/accompagnements?dryRun=true&fileName=mai.xlsx'
curl -OJ http://127.0.0.1:8080/import/modele/accompagnements.xlsx
```

- **Formats** : CSV (point-virgule, virgule ou tabulation ; UTF-8, UTF-16 avec sa marque, Windows-1252),
  XLSX, ODS. Une feuille : celle qui porte le nom du genre, ou la seule qui en a les en-têtes.
- **En-têtes** : majuscules, accents, espaces et ponctuation n'y comptent pas ; l'ordre des colonnes non
  plus. Une colonne inconnue, en double ou manquante fait refuser le fichier ; une colonne qui nommerait
  un usager aussi.
- **Dates** : 31/12/2021, 31-12-2021, 2021-12-31, mardi 4 mai 2021, ou une date du tableur ; l'année en
  quatre chiffres. **Heures** : 9h, 9h30, 09:30, ou une heure du tableur.
- **Vide** : une cellule vide, ou « - ». Les lignes vides, de total, d'exemple sont passées.
- **Rejets** : une ligne se prend en entier ou pas du tout, un accompagnement de plusieurs lignes de même ;
  le compte rendu dit la ligne, la colonne et la raison. Les autres lignes sont inscrites.
- **Deux fois** : ce qui est déjà inscrit ne l'est pas à nouveau, qu'on renvoie le même fichier, le même
  dans un autre ordre, ou un plus long. Une ligne sans numéro est reconnue à son contenu : la corriger
  dans le tableau en fait une autre ; une inscription se corrige dans le carnet.
- **Trace** : un import mené à son terme s'inscrit lui-même : l'empreinte du fichier, ses nombres de lignes,
  et de chaque rejet la ligne, la colonne et le code (`importBatches` le montre). Rien de ce qu'une cellule
  rejetée contient n'est conservé, ni le nom du fichier : `--source` (ou `source=`) dit ce qu'on veut en
  retenir. Tout ce qu'un import inscrit porte son identifiant.
- **Bornes** : 16 Mio, 50 000 lignes, 64 colonnes.
";

fn guide() -> String {
    let mut text = String::from(BEFORE);
    for kind in Kind::ALL {
        let _ = writeln!(text, "\n## {} (`{}`)\n", kind.title(), kind.code());
        text.push_str(
            "| en-tête | obligatoire | ce qui s'y écrit | mots admis | autres en-têtes pris |\n",
        );
        text.push_str("|---|---|---|---|---|\n");
        for column in kind.columns() {
            let words = match column.shape {
                Shape::Words(words) => words().join(", "),
                Shape::Text | Shape::Date | Shape::Time | Shape::Number => String::new(),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                column.heading,
                if column.required { "oui" } else { "" },
                column.help,
                words,
                column.synonyms.join(", ")
            );
        }
    }
    text
}

/// Would catch: a guide that tells of other columns than those that are read.
#[test]
fn the_guide_tells_what_is_read() {
    let guide = guide();
    if std::env::var("CARNET_GUIDE").is_ok_and(|asked| asked == "write") {
        std::fs::write(PLACE, &guide).unwrap();
    }
    let committed = std::fs::read_to_string(PLACE).unwrap_or_default();
    assert!(
        committed == guide,
        "docs/import.md is out of date: CARNET_GUIDE=write"
    );
}
