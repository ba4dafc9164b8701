//! The same over HTTP: operations, imports and the files of reports.

use carnet::access::{Caller, Reach, Role};
use reqwest::{Client, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

use crate::world::{ALPHA, BRAVO, NOBODY, Org, World, administrator, carrier, over, stranger};

/// What `asks` is answered by the world, served to a caller.
async fn served<T, F: Future<Output = T>>(
    mut world: World,
    caller: Caller,
    asks: impl FnOnce(String) -> F,
) -> (World, T) {
    world.app.callers = world.app.callers.taking_strangers_for(caller);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = async {
        let until = async {
            let _told_or_forgotten = stopped.await;
        };
        let (router, _open_sockets) = world.app.router();
        let serving = axum::serve(listener, router).with_graceful_shutdown(until);
        serving.await.unwrap();
    };
    let asking = async {
        let answer = asks(address).await;
        stop.send(()).unwrap();
        answer
    };
    let ((), answer) = tokio::join!(serving, asking);
    (world, answer)
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

async fn post(address: &str, document: &str) -> Value {
    let request = client().post(format!("{address}/graphql"));
    let request = request.json(&json!({ "query": document }));
    request.send().await.unwrap().json().await.unwrap()
}

/// Would catch: an answer that was kept for one caller and is handed to another.
#[tokio::test(flavor = "multi_thread")]
async fn answers_kept_are_not_anothers() {
    let document = "{ experiments { totalCount nodes { title } } }";
    let mut world = World::lived().await;
    let titles = |answer: &Value| {
        let nodes = answer["data"]["experiments"]["nodes"].as_array().unwrap();
        let titles = nodes
            .iter()
            .map(|node| node["title"].as_str().unwrap().to_owned());
        titles.collect::<Vec<_>>()
    };
    let expected = [
        (administrator(), vec!["ALPHA essai", "BRAVO essai"]),
        (carrier(ALPHA), vec!["ALPHA essai"]),
        (carrier(BRAVO), vec!["BRAVO essai"]),
    ];
    for (caller, expected) in expected {
        let answer;
        (world, answer) = served(world, caller, |address| async move {
            post(&address, document).await;
            post(&address, document).await
        })
        .await;
        assert_eq!(titles(&answer), expected);
    }
    let (_, refused) = served(world, stranger(), |address| async move {
        post(&address, document).await
    })
    .await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(refused["errors"][0]["path"], json!(["experiments"]));
}

/// Would catch: a suggestion that tells a stranger what there is.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_told_of_no_other_field() {
    let document = "{ position positio }";
    let (world, told) = served(World::empty().await, stranger(), |address| async move {
        post(&address, document).await
    })
    .await;
    let message = told["errors"][0]["message"].as_str().unwrap();
    assert!(!message.contains("mean"), "{message}");
    let (_, told) = served(world, administrator(), |address| async move {
        post(&address, document).await
    })
    .await;
    let message = told["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("mean \"position\""), "{message}");
}

fn visits(org: Org) -> String {
    let permanence = org.id("permanence");
    format!(
        "Permanence;Date;Numéro;Durée;Opérateur;Niveau;Résultat\n\
         {permanence};04/05/2021;A-1;25;hors bouquet;information;résolu\n"
    )
}

async fn import(address: &str, file: String) -> (StatusCode, Value) {
    let request = client().post(format!("{address}/import/accompagnements"));
    let request = request.header(CONTENT_TYPE, "text/csv").body(file);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// Would catch: a file by which sessions of another are recorded, or told from ones that never were.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_records_what_its_sender_may() {
    let world = World::lived().await;
    let funder = over(Role::Funder, Reach::Programme);
    let (world, (status, _)) = served(world, funder, |address| async move {
        import(&address, visits(BRAVO)).await
    })
    .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(world.entries(), world.head);
    let (world, sent) = served(world, carrier(ALPHA), |address| async move {
        import(&address, visits(ALPHA)).await.1
    })
    .await;
    assert_eq!(sent["recorded"], 1, "{sent}");
    let sent = |address: String| async move {
        let own = import(&address, visits(BRAVO)).await.1;
        let guessed = import(&address, visits(ALPHA)).await.1;
        let never = import(&address, visits(NOBODY)).await.1;
        (own, guessed, never)
    };
    let (world, (own, guessed, never)) = served(world, carrier(BRAVO), sent).await;
    assert_eq!(own["recorded"], 1, "{own}");
    for told in ["recorded", "already", "rejects"] {
        assert_eq!(guessed[told], never[told], "{told}: {guessed} {never}");
    }
    assert_eq!(guessed["recorded"], 0, "{guessed}");
    // Two visits, and three imports: each is seen by who sent it first, and by nobody else.
    assert_eq!(world.entries(), world.head + 5);
    let list = "{ importBatches { nodes { id recorded rowsRejected } } }";
    for (caller, expected) in [
        (carrier(BRAVO), 2),
        (carrier(ALPHA), 1),
        (administrator(), 3),
    ] {
        let answer = world.ask(&caller, list, Value::Null).await;
        let nodes = answer["data"]["importBatches"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), expected, "{caller:?} {answer}");
    }
    let all = world.ask(&administrator(), list, Value::Null).await;
    let one = "query Q($id: ID!) { importBatch(id: $id) { recorded } node(id: $id) { id } }";
    let mut found = 0;
    for node in all["data"]["importBatches"]["nodes"].as_array().unwrap() {
        let id = json!({ "id": node["id"] });
        let answer = world.ask(&carrier(BRAVO), one, id).await;
        let data = &answer["data"];
        assert_eq!(
            data["importBatch"].is_null(),
            data["node"].is_null(),
            "{answer}"
        );
        found += u32::from(!data["node"].is_null());
    }
    assert_eq!(found, 2);
}

/// Would catch: counts of what happens that are told to anybody.
#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_for_administrators() {
    let mut world = World::empty().await;
    for (caller, expected) in [
        (stranger(), StatusCode::FORBIDDEN),
        (
            over(Role::Evaluator, Reach::Programme),
            StatusCode::FORBIDDEN,
        ),
        (administrator(), StatusCode::OK),
    ] {
        let told = format!("{caller:?}");
        let status;
        (world, status) = served(world, caller, |address| async move {
            let request = client().get(format!("{address}/metrics"));
            request.send().await.unwrap().status()
        })
        .await;
        assert_eq!(status, expected, "{told}");
    }
}

/// Would catch: a file of a report that is handed to whoever guesses its id.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_reports_are_for_whom_the_report_is() {
    let mut world = World::lived().await;
    for (caller, found) in [
        (stranger(), false),
        (carrier(BRAVO), false),
        (carrier(ALPHA), true),
        (over(Role::Evaluator, Reach::Programme), true),
    ] {
        let path = format!("/reports/{}/contenu.json", ALPHA.id("report"));
        let status;
        let told = format!("{caller:?}");
        (world, status) = served(world, caller, |address| async move {
            let request = client().get(format!("{address}{path}"));
            request.send().await.unwrap().status()
        })
        .await;
        let expected = if found {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(status, expected, "{told}");
    }
}
