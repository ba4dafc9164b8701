//! The list of experiments: pages, filters, order.

use serde_json::{Value, json};

use crate::support::{
    carnet::Carnet,
    words::{experiment, launch},
};

const LIST: &str = "query List($first: Int, $after: String, $last: Int, $before: String, \
    $filter: ExperimentFilter, $orderBy: ExperimentOrder) { \
    experiments(first: $first, after: $after, last: $last, before: $before, filter: $filter, \
    orderBy: $orderBy) { totalCount position nodes { title } edges { cursor node { title } } \
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn list(carnet: &Carnet, arguments: Value) -> Value {
    carnet.data(LIST, arguments).await["experiments"].take()
}

fn titles(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap();
    let edges = page["edges"].as_array().unwrap();
    assert!(nodes.iter().eq(edges.iter().map(|edge| &edge["node"])));
    nodes
        .iter()
        .map(|node| node["title"].as_str().unwrap().to_owned())
        .collect()
}

/// Records an experiment of that number.
async fn add(carnet: &Carnet, number: u64, title: &str, other: Value) {
    let mut input = launch(json!({ "experimentId": experiment(number), "title": title }));
    crate::support::carnet::merge(&mut input, other);
    carnet.record("launchExperiment", input).await.position();
}

#[tokio::test]
async fn page_sizes_beyond_1_to_100_are_refused() {
    let carnet = Carnet::start().await;
    add(&carnet, 1, "Vigny", json!({})).await;
    for size in [0, 101, -1, i32::MIN, i32::MAX] {
        let message = format!("Une page compte de 1 à 100 éléments, non {size}.");
        let expected = ("PAGE_SIZE".to_owned(), message);
        for arguments in [json!({ "first": size }), json!({ "last": size })] {
            assert_eq!(carnet.fault(LIST, arguments).await, expected);
        }
        for document in [
            format!("{{ events(first: {size}) {{ edges {{ cursor }} }} }}"),
            format!(
                "{{ experiment(id: \"{}\") {{ history(first: {size}) {{ edges {{ cursor }} }} }} }}",
                experiment(1)
            ),
        ] {
            assert_eq!(carnet.fault(&document, json!({})).await, expected);
        }
    }
    for size in [1, 100] {
        assert_eq!(
            titles(&list(&carnet, json!({ "first": size })).await),
            ["Vigny"]
        );
    }
    carnet.stop().await;
}

#[tokio::test]
async fn a_page_has_one_direction_and_a_cursor_of_its_list() {
    let carnet = Carnet::start().await;
    add(&carnet, 1, "Vigny", json!({})).await;
    let page = list(&carnet, json!({})).await;
    let cursor = &page["pageInfo"]["endCursor"];
    for arguments in [
        json!({ "first": 1, "last": 1 }),
        json!({ "last": 1, "after": cursor }),
        json!({ "first": 1, "before": cursor }),
        json!({ "before": cursor, "after": cursor }),
    ] {
        let (code, _) = carnet.fault(LIST, arguments.clone()).await;
        assert_eq!(code, "PAGE_DIRECTION", "{arguments}");
    }
    for wrong in ["", "1", "éé", "e30", "bm9uc2Vuc2U"] {
        let (code, _) = carnet.fault(LIST, json!({ "after": wrong })).await;
        assert_eq!(code, "BAD_CURSOR", "{wrong}");
    }
    carnet.stop().await;
}

/// Catches pages read as of now: what is written between two pages would shift the rest, and an
/// experiment would be seen twice or never.
#[tokio::test]
async fn turning_pages_neither_skips_nor_repeats_while_experiments_are_written() {
    for forward in [true, false] {
        let carnet = Carnet::start().await;
        // Recorded in another order than they are listed in.
        for number in (10..33).rev() {
            let title = format!("Essai {number}");
            add(&carnet, number, &title, json!({})).await;
        }
        let (size, cursor, edge, more) = if forward {
            ("first", "after", "endCursor", "hasNextPage")
        } else {
            ("last", "before", "startCursor", "hasPreviousPage")
        };
        let mut pages = Vec::new();
        let mut from = Value::Null;
        loop {
            let page = list(&carnet, json!({ size: 5, cursor: from })).await;
            assert_eq!(
                (&page["position"], &page["totalCount"]),
                (&json!("23"), &json!(23))
            );
            pages.push(titles(&page));
            if page["pageInfo"][more] == false {
                break;
            }
            from = page["pageInfo"][edge].clone();
            // One at the beginning of the list, one at its end, one amid.
            for (kind, title) in ["Abbeville", "Zoteux", "Essai 15 bis"].iter().enumerate() {
                let number = 100 * (kind as u64 + 1) + pages.len() as u64;
                add(&carnet, number, title, json!({})).await;
            }
        }
        let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(sizes, [5, 5, 5, 5, 3]);
        if !forward {
            pages.reverse();
        }
        let expected: Vec<String> = (10..33).map(|number| format!("Essai {number}")).collect();
        assert_eq!(pages.concat(), expected);
        // Who begins anew sees what was written meanwhile.
        assert_eq!(list(&carnet, json!({})).await["totalCount"], 23 + 3 * 4);
        carnet.stop().await;
    }
}

/// Catches equal sort keys, of which a page boundary would drop or repeat some.
#[tokio::test]
async fn equal_titles_are_told_apart_by_their_identity() {
    let carnet = Carnet::start().await;
    for number in 1..=7 {
        add(&carnet, number, "Vigny", json!({})).await;
    }
    for direction in ["ASC", "DESC"] {
        let order = json!({ "field": "TITLE", "direction": direction });
        let mut cursors = Vec::new();
        let mut from = Value::Null;
        while cursors.len() < 20 {
            let page = list(
                &carnet,
                json!({ "first": 2, "after": from, "orderBy": order }),
            )
            .await;
            let edges = page["edges"].as_array().unwrap();
            cursors.extend(edges.iter().map(|edge| edge["cursor"].to_string()));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            from = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(cursors.len(), 7, "{direction}");
        cursors.sort();
        cursors.dedup();
        assert_eq!(cursors.len(), 7, "{direction}");
    }
    carnet.stop().await;
}

/// Records one experiment of each status on 10 May 2021, the clock's day.
async fn one_of_each(carnet: &Carnet) {
    let nord = json!({ "model": "POSTAL_SERVICE_EXPERT", "zone": ["59418"],
        "hub": { "name": "Bureau", "commune": "59418" }, "startsOn": "2021-04-08" });
    add(carnet, 1, "Nord", nord).await;
    let agen = json!({ "model": "ROVING_DESK", "zone": ["47001", "95658"],
        "hub": { "name": "Bureau", "commune": "47001" }, "startsOn": "2021-05-06",
        "plannedEnd": "2021-08-06" });
    add(carnet, 2, "Agen", agen).await;
    let coming = json!({ "startsOn": "2021-06-01", "plannedEnd": "2021-12-31" });
    add(carnet, 3, "écluse", coming).await;
    let over = json!({ "startsOn": "2021-01-01", "plannedEnd": "2021-05-01" });
    add(carnet, 4, "Zuydcoote", over.clone()).await;
    add(carnet, 5, "Ewe", json!({})).await;
    let closing = json!({ "experimentId": experiment(5), "from": "2021-05-02", "reason": "Fin." });
    carnet.record("closeExperiment", closing).await.position();
    add(carnet, 6, "Étang", json!({})).await;
    let pause = json!({ "experimentId": experiment(6), "from": "2021-05-03", "reason": "Grève." });
    carnet.record("suspendExperiment", pause).await.position();
    let fixing = json!({ "experimentId": experiment(7), "fixedOn": "2021-05-01",
        "title": "Brest", "hypothesis": "On viendra.", "criteria": [{ "indicator": "visites",
        "comparison": "AT_LEAST", "threshold": "10", "minimumN": 5 }] });
    carnet.record("fixSuccessCriteria", fixing).await.position();
}

#[tokio::test]
async fn a_filter_keeps_what_it_names_and_counts_it() {
    let carnet = Carnet::start().await;
    one_of_each(&carnet).await;
    for (filter, expected) in [
        (
            json!({}),
            vec![
                "Agen",
                "Brest",
                "écluse",
                "Étang",
                "Ewe",
                "Nord",
                "Zuydcoote",
            ],
        ),
        (json!({ "model": ["ROVING_DESK"] }), vec!["Agen"]),
        (
            json!({ "model": ["ROVING_DESK", "POSTAL_SERVICE_EXPERT"] }),
            vec!["Agen", "Nord"],
        ),
        (json!({ "model": [] }), vec![]),
        (json!({ "status": ["RUNNING"] }), vec!["Agen", "Nord"]),
        (json!({ "status": ["PLANNED"] }), vec!["Brest", "écluse"]),
        (json!({ "status": ["TERM_REACHED"] }), vec!["Zuydcoote"]),
        (
            json!({ "status": ["CLOSED", "SUSPENDED"] }),
            vec!["Étang", "Ewe"],
        ),
        (json!({ "status": ["MADE_PERMANENT"] }), vec![]),
        (json!({ "departement": "47" }), vec!["Agen"]),
        (
            json!({ "departement": "95" }),
            vec!["Agen", "écluse", "Étang", "Ewe", "Zuydcoote"],
        ),
        (json!({ "departement": "2A" }), vec![]),
        (
            json!({ "runningOn": "2021-05-01" }),
            vec!["Étang", "Ewe", "Nord", "Zuydcoote"],
        ),
        (
            json!({ "runningOn": "2021-04-08" }),
            vec!["Nord", "Zuydcoote"],
        ),
        (json!({ "runningOn": "2020-04-08" }), vec![]),
        (
            json!({ "runningOn": "2021-05-01", "departement": "95", "status": ["CLOSED"] }),
            vec!["Ewe"],
        ),
    ] {
        let page = list(&carnet, json!({ "filter": filter })).await;
        assert_eq!(titles(&page), expected, "{filter}");
        assert_eq!(page["totalCount"], expected.len(), "{filter}");
        let page = list(&carnet, json!({ "filter": filter, "first": 1 })).await;
        assert_eq!(page["totalCount"], expected.len(), "{filter}");
        assert_eq!(
            page["pageInfo"]["hasNextPage"],
            expected.len() > 1,
            "{filter}"
        );
    }
    carnet.stop().await;
}

#[tokio::test]
async fn the_order_is_by_title_or_by_start_either_way() {
    let carnet = Carnet::start().await;
    one_of_each(&carnet).await;
    for (field, expected) in [
        (
            "TITLE",
            [
                "Agen",
                "Brest",
                "écluse",
                "Étang",
                "Ewe",
                "Nord",
                "Zuydcoote",
            ],
        ),
        (
            "START",
            [
                "Brest",
                "Zuydcoote",
                "Nord",
                "Ewe",
                "Étang",
                "Agen",
                "écluse",
            ],
        ),
    ] {
        let ascending = list(&carnet, json!({ "orderBy": { "field": field } })).await;
        assert_eq!(titles(&ascending), expected, "{field}");
        let order = json!({ "field": field, "direction": "DESC" });
        let descending = list(&carnet, json!({ "orderBy": order })).await;
        let mut reversed = titles(&descending);
        reversed.reverse();
        assert_eq!(reversed, expected, "{field}");
        let last = list(&carnet, json!({ "orderBy": order, "last": 2 })).await;
        assert_eq!(titles(&last), [expected[1], expected[0]], "{field}");
    }
    carnet.stop().await;
}

/// Catches a cursor taken for a place in a list of another order, which skips what it should not.
#[tokio::test]
async fn a_cursor_belongs_to_its_order() {
    let carnet = Carnet::start().await;
    carnet
        .record("launchExperiment", launch(json!({})))
        .await
        .position();
    let first = carnet
        .data("{ experiments { pageInfo { endCursor } } }", json!({}))
        .await;
    let cursor = first["experiments"]["pageInfo"]["endCursor"].clone();
    let by_start = "query ($after: String!) { experiments(after: $after, \
                    orderBy: { field: START }) { nodes { id } } }";
    let (code, _) = carnet.fault(by_start, json!({ "after": cursor })).await;
    assert_eq!(code, "BAD_CURSOR");
    let ahead = "{ events(after: \"99\") { edges { cursor } } }";
    assert_eq!(carnet.fault(ahead, json!({})).await.0, "CURSOR_AHEAD");
    carnet.stop().await;
}
