//! Imports of spreadsheets, from the command line and by upload.

use std::fs;

use reqwest::{Client, Response, StatusCode, header};
use serde_json::{Value, json};

use super::{
    privacy::stored_nowhere,
    support::{
        carnet::Carnet,
        program::{Program, complaint, printed, run},
    },
};

const PERMANENCE: &str = "permanence-00000000-0000-7000-8000-000000000121";

fn visits() -> String {
    format!(
        "Permanence;Date;Numéro;Durée;Opérateur;Niveau;Résultat\n\
         {PERMANENCE};04/05/2021;A-1;25;CAF;accompagnement;résolu\n\
         {PERMANENCE};04/05/2021;A-1;25;MSA;information;résolu\n\
         {PERMANENCE};11/05/2021;A-2;10;hors bouquet;réorientation;réorienté\n\
         {PERMANENCE};31/02/2021;A-3;10;CAF;information;résolu\n\
         {PERMANENCE};04/05/2021;A-4;10;urssaf;information;résolu\n"
    )
}

/// Would catch: a dry run that writes, a second run that does, a report without row and column.
#[test]
fn the_command_line_imports_once() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    printed(at, &["demo", "--data-dir", "data"]);
    fs::write(at.join("mai.csv"), visits()).unwrap();
    let import = [
        "import",
        "mai.csv",
        "--kind",
        "accompagnements",
        "--data-dir",
        "data",
    ];
    let events = || {
        printed(at, &["events", "--data-dir", "data"])
            .lines()
            .count()
    };
    let before = events();
    let dry = printed(at, &[&import[..], &["--dry-run"]].concat());
    assert!(dry.contains("2 à inscrire, 0 déjà inscrits"), "{dry}");
    assert!(
        dry.contains("ligne 5, colonne « Date » : « 31/02/2021 »"),
        "{dry}"
    );
    assert!(dry.contains("ligne 6, colonne « Opérateur »"), "{dry}");
    assert_eq!(events(), before);
    let first = printed(at, &import);
    assert!(first.contains("2 inscrits, 0 l'étaient déjà"), "{first}");
    let written = events();
    // Each event is printed on two lines: two accompaniments, and the import.
    assert_eq!(written, before + 6);
    let position = written / 2;
    let told = format!("import inscrit à la position {position} : import-");
    assert!(first.contains(&told), "{first}");
    let last = printed(at, &["events", "--data-dir", "data"]);
    assert!(
        last.contains("5 lignes d'accompagnements ; 2 accompagnements inscrits, 2 lignes rejetées")
    );
    let second = printed(at, &[&import[..], &["--json"]].concat());
    let report: Value = serde_json::from_str(&second).unwrap();
    assert_eq!(
        (&report["recorded"], &report["already"]),
        (&0.into(), &2.into())
    );
    assert_eq!(report["rejects"][1]["code"], "OPERATOR_NOT_SERVED");
    assert_eq!(report["batch"]["position"], position);
    assert_eq!(events(), written);
    fs::write(at.join("vide.csv"), "").unwrap();
    let refused = [
        "import",
        "vide.csv",
        "--kind",
        "retours",
        "--data-dir",
        "data",
    ];
    assert!(complaint(at, &refused).contains("Rien n'est importé"));
    let output = run(at, &refused);
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("[EMPTY_FILE]")
    );
    assert_eq!(events(), written);
}

/// Would catch: a template that overwrites what somebody filled in.
#[test]
fn the_command_line_makes_templates() {
    let directory = tempfile::tempdir().unwrap();
    let make = [
        "import",
        "a.xlsx",
        "--kind",
        "seances",
        "--template",
        "xlsx",
    ];
    printed(directory.path(), &make);
    let template = fs::read(directory.path().join("a.xlsx")).unwrap();
    assert!(template.starts_with(b"PK"));
    complaint(directory.path(), &make);
}

/// What a file is answered that is sent to a server, with a token if there is one.
async fn upload(
    (address, token): (&str, &str),
    path: &str,
    media_type: &str,
    body: Vec<u8>,
) -> Response {
    let client = Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(format!("{address}{path}"));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    request
        .header(header::CONTENT_TYPE, media_type)
        .body(body)
        .send()
        .await
        .unwrap()
}

const BATCH: &str = "id kind format sha256 rows rowsRejected rowsIgnored recorded already \
                     rejectsLeftOut rejects { row column code } \
                     provenance { position source { label } } \
                     history { edges { node { kind } } }";

/// Every import, the newest first.
async fn batches(program: &Program) -> Value {
    let document = format!("{{ importBatches {{ nodes {{ {BATCH} }} }} }}");
    program.data(&document, None).await["importBatches"]["nodes"].take()
}

/// Would catch: an upload that records otherwise than the command line.
#[tokio::test]
async fn an_upload_imports_once() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path(), &["--demo"]);
    let address = format!("http://{}", program.address);
    let send = async |query: &str| {
        let path = format!("/import/accompagnements{query}");
        let answer = upload(
            (&address, &program.token),
            &path,
            "text/csv",
            visits().into_bytes(),
        )
        .await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json::<Value>().await.unwrap()
    };
    let dry = send("?dryRun=true&fileName=mai.csv").await;
    assert_eq!(
        (&dry["state"], &dry["recorded"]),
        (&"rehearsed".into(), &2.into())
    );
    assert_eq!(
        (&dry["file"], &dry["batch"]),
        (&"mai.csv".into(), &Value::Null)
    );
    assert_eq!(batches(&program).await, json!([]));
    let first = send("?fileName=mai.csv").await;
    assert_eq!(
        (&first["recorded"], &first["already"]),
        (&2.into(), &0.into())
    );
    assert_eq!(first["rejects"][0]["row"], 5);
    // It can be read as soon as it is answered.
    let known = batches(&program).await;
    let expected = json!([{
        "id": first["batch"]["id"], "kind": "ACCOMPANIMENTS", "format": "CSV",
        "sha256": first["sha256"], "rows": 5, "rowsRejected": 2, "rowsIgnored": 0,
        "recorded": 2, "already": 0, "rejectsLeftOut": 0,
        "rejects": [
            { "row": 5, "column": "Date", "code": "IMPOSSIBLE_DATE" },
            { "row": 6, "column": "Opérateur", "code": "OPERATOR_NOT_SERVED" },
        ],
        "provenance": {
            "position": first["batch"]["position"].to_string(),
            "source": { "label": format!(
                "Tableau importé (sha256 {})", &first["sha256"].as_str().unwrap()[..12]
            ) },
        },
        "history": { "edges": [{ "node": { "kind": "import-recorded" } }] },
    }]);
    assert_eq!(known, expected);
    let second = send("").await;
    assert_eq!(
        (&second["recorded"], &second["already"]),
        (&0.into(), &2.into())
    );
    assert_eq!(second["batch"], first["batch"]);
    assert_eq!(batches(&program).await, known);
    assert_eq!(
        program.data("{ position }", None).await["position"],
        first["batch"]["position"].to_string()
    );
    program.stop();
}

/// Would catch: a file that another site's page sends, and one too large, taken in.
#[tokio::test]
async fn an_upload_is_refused_with_a_reason() {
    let carnet = Carnet::start().await;
    let address = carnet.url("");
    let csv = || visits().into_bytes();
    for (path, media_type, body, status) in [
        ("/import/rien", "text/csv", csv(), 404),
        ("/import/retours", "text/plain", csv(), 415),
        (
            "/import/retours",
            "multipart/form-data; boundary=x",
            csv(),
            415,
        ),
        (
            "/import/retours",
            "application/x-www-form-urlencoded",
            csv(),
            415,
        ),
        ("/import/retours?dryrun=1", "text/csv", csv(), 400),
        ("/import/retours", "text/csv", csv(), 422),
        (
            "/import/retours",
            "application/octet-stream",
            Vec::new(),
            422,
        ),
        (
            "/import/retours",
            "text/csv",
            vec![b';'; 17 * 1024 * 1024],
            413,
        ),
    ] {
        let answer = upload((&address, ""), path, media_type, body).await;
        assert_eq!(answer.status(), status, "{path} {media_type}");
        let told: Value = answer.json().await.unwrap();
        let code = told["errors"][0]["extensions"]["code"]
            .as_str()
            .or(told["faults"][0]["code"].as_str());
        assert!(code.is_some(), "{told}");
    }
    let foreign = Client::builder().no_proxy().build().unwrap();
    let answer = foreign
        .post(carnet.url("/import/retours"))
        .header(header::CONTENT_TYPE, "text/csv")
        .header(header::ORIGIN, "https://example.org")
        .body(csv())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(carnet.head().await, 0);
}

/// Would catch: a template that cannot be downloaded, or under no name.
#[tokio::test]
async fn templates_can_be_downloaded() {
    let carnet = Carnet::start().await;
    for kind in ["seances", "accompagnements", "retours"] {
        for (format, beginning) in [("csv", b"\xef\xbb\xbfPe"), ("xlsx", b"PK\x03\x04\x14")] {
            let answer = carnet.get(&format!("/import/modele/{kind}.{format}")).await;
            assert_eq!(answer.status(), StatusCode::OK);
            let named = answer.headers()[header::CONTENT_DISPOSITION]
                .to_str()
                .unwrap();
            assert!(named.contains(&format!("{kind}.{format}")));
            assert!(answer.bytes().await.unwrap().starts_with(beginning));
        }
    }
    let answer = carnet.get("/import/modele/seances.pdf").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

/// Would catch: imports out of order, pages that skip or repeat, an import that its id does not
/// find.
#[tokio::test]
async fn imports_are_listed_from_the_newest() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path(), &["--demo"]);
    let address = format!("http://{}", program.address);
    let mut ids = Vec::new();
    for rows in 3..=5 {
        let text: String = visits().split_inclusive('\n').take(rows).collect();
        let path = "/import/accompagnements?source=Tournée";
        let answer = upload(
            (&address, &program.token),
            path,
            "text/csv",
            text.into_bytes(),
        )
        .await;
        let report: Value = answer.json().await.unwrap();
        ids.insert(0, report["batch"]["id"].clone());
    }
    let page = "query Page($first: Int, $after: String, $last: Int, $before: String) {
        importBatches(first: $first, after: $after, last: $last, before: $before) {
            nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }";
    let read = async |variables: Value| {
        let mut answer = program.answer(page, variables).await;
        answer["data"]["importBatches"].take()
    };
    let named =
        |ids: &[Value]| Value::from(ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
    let first = read(json!({ "first": 2 })).await;
    assert_eq!(first["nodes"], named(&ids[..2]));
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let second = read(json!({ "first": 2, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(second["nodes"], named(&ids[2..]));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let before = &second["pageInfo"]["startCursor"];
    let back = read(json!({ "last": 1, "before": before })).await;
    assert_eq!(back["nodes"], named(&ids[1..2]));
    assert_eq!(back["pageInfo"]["hasPreviousPage"], true);
    let last = read(json!({ "last": 2 })).await;
    assert_eq!(last["nodes"], named(&ids[1..]));
    let one = "query One($id: ID!) { importBatch(id: $id) { id provenance { source { label } } }
        node(id: $id) { __typename id } }";
    let answer = program.answer(one, json!({ "id": ids[0] })).await;
    let expected = json!({
        "importBatch": { "id": ids[0], "provenance": { "source": { "label": "Tournée" } } },
        "node": { "__typename": "ImportBatch", "id": ids[0] },
    });
    assert_eq!(answer["data"], expected);
    program.stop();
}

/// Would catch: what a rejected cell holds, or what the file is called, kept somewhere.
#[tokio::test]
async fn nothing_of_a_rejected_row_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::serve(directory.path(), &["--demo"]);
    let address = format!("http://{}", program.address);
    let text = format!(
        "Permanence;Date;Numéro;Durée;Opérateur;Thème;Niveau;Résultat\n\
         {PERMANENCE};04/05/2021;A-1;25;CAF;;accompagnement;résolu\n\
         {PERMANENCE};31/02/2021;DOSSIERPELLETAN;10;CAF;Zwyngedauw;information;résolu\n\
         {PERMANENCE};04/05/2021;A-3;10;Quincampoix;Brocéliande;information;résolu\n\
         {PERMANENCE};04/05/2021;A-4;10;urssaf;Montcornillon;information;résolu\n"
    );
    let path = "/import/accompagnements?fileName=Hurtebise-Vandekerckhove.csv";
    let answer = upload(
        (&address, &program.token),
        path,
        "text/csv",
        text.into_bytes(),
    )
    .await;
    let report: Value = answer.json().await.unwrap();
    assert_eq!(
        (&report["recorded"], &report["rowsRejected"]),
        (&1.into(), &3.into())
    );
    // Who sent it is told; the notebook is not.
    assert_eq!(report["rejects"][1]["value"], "Quincampoix");
    assert_eq!(
        batches(&program).await[0]["rejects"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    program.stop();
    for word in [
        "DOSSIERPELLETAN",
        "Zwyngedauw",
        "Quincampoix",
        "Brocéliande",
        "Montcornillon",
        "Hurtebise-Vandekerckhove",
        "31/02/2021",
    ] {
        stored_nowhere(directory.path(), word);
    }
}
