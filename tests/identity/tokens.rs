//! Service tokens over HTTP.

use serde_json::{Value, json};

use crate::harness::{Carnet, after, command_id};

/// Catches: a token that is told twice, and one that is recorded twice.
#[tokio::test]
async fn a_token_is_told_once() {
    let carnet = Carnet::start().await;
    let input = json!({
        "commandId": command_id(),
        "name": "Tableau de bord",
        "grants": [{ "role": "EVALUATOR" }, { "role": "CARRIER", "organisation": "La Poste" }],
        "on": "2021-05-10",
    });
    let select = "issued { secret alreadyShown token { id name } }";
    let first = carnet.record("issueToken", input.clone(), select).await;
    assert_eq!(first["issued"]["alreadyShown"], false, "{first}");
    let secret = first["issued"]["secret"].as_str().unwrap();
    assert_eq!(secret.len(), "carnet_".len() + 43);
    assert!(secret.starts_with("carnet_"));
    let again = carnet.record("issueToken", input, select).await;
    assert_eq!(again["issued"]["secret"], Value::Null);
    assert_eq!(again["issued"]["alreadyShown"], true, "{again}");
    assert_eq!(again["issued"]["token"], first["issued"]["token"]);
    assert_eq!(again["eventIds"], first["eventIds"]);

    let viewer = carnet.viewer(secret).await;
    let actor = viewer["actor"].as_str().unwrap();
    assert!(
        actor.starts_with("jeton-") && actor.ends_with("(Tableau de bord)"),
        "{actor}"
    );
    let grants = json!([
        { "role": "EVALUATOR", "organisation": null },
        { "role": "CARRIER", "organisation": "La Poste" },
    ]);
    assert_eq!(viewer["grants"], grants);
    let listed = "{ tokens { nodes { name grants { role } revoked } } }";
    let listed = carnet.data(&carnet.administrator, listed, json!({})).await;
    let names: Vec<&Value> = listed["tokens"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| &token["name"])
        .collect();
    assert_eq!(names, ["administrateur", "Tableau de bord"]);
}

/// Catches: an answer that tells a revoked token from one that never was, or from one at its end.
#[tokio::test]
async fn what_proves_nothing_is_one_answer() {
    let carnet = Carnet::start().await;
    let (revoked_id, revoked) = carnet.issue("EVALUATOR", None).await;
    let (_, ended) = carnet.issue("EVALUATOR", Some(after(3600))).await;
    assert_eq!(
        carnet.viewer(&ended).await["expires"],
        "2021-05-10T09:00:00Z"
    );
    carnet.viewer(&revoked).await;
    carnet.revoke(&revoked_id).await;
    carnet.clock.set(after(3600));
    let unknown = format!("carnet_{}", "A".repeat(43));
    let expected = carnet.refusal(&format!("Bearer {unknown}")).await;
    assert_eq!(expected.0, 401);
    assert!(expected.1.starts_with("Bearer "), "{}", expected.1);
    assert!(expected.2.contains("\"UNAUTHENTICATED\""), "{}", expected.2);
    for shown in [
        format!("Bearer {revoked}"),
        format!("Bearer {ended}"),
        format!("Bearer {}", &carnet.administrator[..40]),
        format!("Bearer {}A", carnet.administrator),
        format!("Basic {}", carnet.administrator),
        carnet.administrator.clone(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {}", "A".repeat(20_000)),
        "Bearer eyJhbGciOiJub25lIn0.e30.".to_owned(),
    ] {
        assert_eq!(carnet.refusal(&shown).await, expected, "{shown:.60}");
    }
    // Who shows nothing is a stranger, and not refused for that.
    let body = json!({ "query": "{ viewer { actor } }" });
    assert_eq!(carnet.post(None, &body).await.status(), 200);
    // And who shows the right one is who it is, whatever the case of the scheme.
    let shown = format!("bearer {}", carnet.administrator);
    assert_eq!(carnet.post(Some(&shown), &body).await.status(), 200);
}

/// Catches: a route that looks at what is asked before it looks at who asks.
#[tokio::test]
async fn every_route_that_answers_of_data_knows_who_asks() {
    let carnet = Carnet::start().await;
    let path = "/reports/report-00000000-0000-0000-0000-000000000001/rapport.csv";
    assert_eq!(carnet.get(path, Some("Bearer x")).await.status(), 401);
    let shown = format!("Bearer {}", carnet.administrator);
    assert_eq!(carnet.get(path, Some(&shown)).await.status(), 404);
    // Whether it lives is nobody's secret.
    let live = carnet.get("/health/live", Some("Bearer x")).await;
    assert_eq!(live.status(), 200);
}

/// Catches: a token in an address, which is logged on its way, kept in histories and passed on.
#[tokio::test]
async fn a_token_in_an_address_is_refused_though_it_is_right() {
    let carnet = Carnet::start().await;
    let token = &carnet.administrator;
    for path in [
        format!("/graphql?query=%7Bposition%7D&access_token={token}"),
        format!("/graphql?token={token}&query=%7Bposition%7D"),
        format!("/graphql?query=%7Bposition%7D&Authorization=Bearer+{token}"),
        format!("/graphql?query=%7Bposition%7D&cle={token}"),
        format!("/reports/x/rapport.csv?{token}&token=1"),
    ] {
        let answer = carnet.get(&path, None).await;
        assert_eq!(answer.status(), 400, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "TOKEN_IN_ADDRESS");
    }
    let fine = carnet.get("/graphql?query=%7Bposition%7D", None).await;
    assert_eq!(fine.status(), 200);
}

/// Catches: an evaluator who makes herself an administrator, or reads who is one.
#[tokio::test]
async fn only_an_administrator_says_who_may_do_what() {
    let carnet = Carnet::start().await;
    let (id, evaluator) = carnet.issue("EVALUATOR", None).await;
    let source = json!({ "label": "Essai" });
    let common = json!({ "commandId": command_id(), "source": source, "on": "2021-05-10" });
    let with = |more: Value| {
        let mut input = common.clone();
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        json!({ "input": input })
    };
    let grant = json!({ "role": "ADMINISTRATOR" });
    let holder = json!({ "siret": "35600000000048" });
    for (query, variables) in [
        ("{ tokens { nodes { id } } }", json!({})),
        ("{ grants { nodes { id } } }", json!({})),
        (
            "mutation($input: IssueTokenInput!) { issueToken(input: $input) { position } }",
            with(json!({ "name": "à moi", "grants": [grant] })),
        ),
        (
            "mutation($input: RevokeTokenInput!) { revokeToken(input: $input) { position } }",
            with(json!({ "tokenId": id })),
        ),
        (
            "mutation($input: GrantRoleInput!) { grantRole(input: $input) { position } }",
            with(json!({ "holder": holder, "grant": grant })),
        ),
        (
            "mutation($input: RevokeRoleInput!) { revokeRole(input: $input) { position } }",
            with(json!({ "holder": holder, "grant": grant })),
        ),
    ] {
        let answer = carnet.ask(&evaluator, query, variables).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{query}: {answer}"
        );
    }
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let id = json!({ "id": id });
    let hidden = carnet.data(&evaluator, node, id.clone()).await;
    assert_eq!(hidden["node"], Value::Null);
    let shown = carnet.data(&carnet.administrator, node, id.clone()).await;
    assert_eq!(shown["node"], id);
}

/// Catches: an answer kept for one caller and served to another.
#[tokio::test]
async fn an_answer_is_of_who_asks() {
    let carnet = Carnet::start().await;
    let (_, one) = carnet.issue("EVALUATOR", None).await;
    let (_, other) = carnet.issue("EVALUATOR", Some(after(86_400))).await;
    let (one, other) = (carnet.viewer(&one).await, carnet.viewer(&other).await);
    assert_eq!(one["grants"], other["grants"]);
    assert_ne!(one["actor"], other["actor"]);
    assert_ne!(one["expires"], other["expires"]);
}

/// Catches: what a token recorded told as another's.
#[tokio::test]
async fn who_recorded_is_told_by_the_token() {
    let carnet = Carnet::start().await;
    let (_, second) = carnet.issue("ADMINISTRATOR", None).await;
    let input = json!({ "code": "caf", "name": "Caf", "from": "2021-05-10" });
    let recorded = carnet
        .record_as(&second, "recordOperatorJoined", input, "")
        .await;
    let id = &recorded["eventIds"][0];
    let event = "query($id: ID!) { node(id: $id) { ... on Event { actor } } }";
    let event = carnet.data(&second, event, json!({ "id": id })).await;
    assert_eq!(
        event["node"]["actor"],
        carnet.viewer(&second).await["actor"]
    );
}

/// Catches: a revocation that is taken back by retracting it.
#[tokio::test]
async fn a_revocation_is_not_retracted() {
    let carnet = Carnet::start().await;
    let (id, token) = carnet.issue("EVALUATOR", None).await;
    let input = json!({ "tokenId": id, "on": "2021-05-10", "reason": "Perdu" });
    let revoked = carnet.record("revokeToken", input, "").await;
    let input = json!({ "entry": revoked["position"], "reason": "Retrouvé", "on": "2021-05-10" });
    let retracted = carnet.record("retractEntry", input, "").await;
    assert_eq!(retracted["userErrors"][0]["code"], "ACCESS_NOT_CORRECTABLE");
    assert_eq!(carnet.refusal(&format!("Bearer {token}")).await.0, 401);
}

/// Catches: a program on which a stranger is whoever runs it, on its own machine or beyond.
#[tokio::test]
async fn who_shows_nothing_is_a_stranger() {
    for behind_proxy in [false, true] {
        let carnet = Carnet::with(carnet::config::Config {
            behind_proxy,
            public_host: Some("carnet.example".to_owned()),
            ..carnet::config::Config::default()
        })
        .await;
        let body = json!({ "query": "{ viewer { actor grants { role } } }" });
        let told = carnet.post(None, &body).await.json::<Value>().await;
        let expected = json!({ "actor": "anonyme", "grants": [] });
        assert_eq!(told.unwrap()["data"]["viewer"], expected);
        let body = json!({ "query": "{ experiments { totalCount } }" });
        let told = carnet.post(None, &body).await.json::<Value>().await;
        let code = told.unwrap()["errors"][0]["extensions"]["code"].take();
        assert_eq!(code, "FORBIDDEN");
        let mut socket = carnet.upgrade(None).await.unwrap();
        socket.send(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        socket
            .subscribe("1", "subscription { events { position } }")
            .await;
        let refused = socket.message().await;
        assert_eq!(refused["type"], "error", "{refused}");
        let code = &refused["payload"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN", "{refused}");
        assert_eq!(carnet.get("/health/live", None).await.status(), 200);
    }
}

/// Catches: a second token of the first run, which would take the place of the first.
#[tokio::test]
async fn the_first_run_is_once() {
    let carnet = Carnet::start().await;
    let data = carnet.directory.path().join("data");
    let left = carnet
        .directory
        .path()
        .join("data.keys/administrateur.jeton");
    let before = std::fs::read_to_string(&left).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&left.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let directory = carnet.stop().await;
    let config = carnet::config::Config {
        data_dir: data,
        ..carnet::config::Config::default()
    };
    let clock = std::sync::Arc::new(carnet::clock::FixedClock::new(after(60)));
    let app = carnet::app::App::open(&config, clock).await.unwrap();
    assert_eq!(app.first_token().await.unwrap(), None);
    app.close().await;
    assert_eq!(std::fs::read_to_string(&left).unwrap(), before);
    drop(directory);
}
