//! Operators, funding agreements and costs: each mutation carried out and refused, and what is read.

use serde_json::{Value, json};

use crate::support::{
    carnet::{Carnet, merge},
    words::{NOBODY, VIGNY, vigny},
};

const AGREEMENT: &str = "agreement-00000000-0000-7000-8000-000000000141";
const STAFF: &str = "cost-00000000-0000-7000-8000-000000000151";
const PAYMENT: &str = "00000000-0000-7000-8000-000000000161";

/// Carries an intent out, which writes one event; answers what `show` asks of its subject.
async fn carried_out(carnet: &Carnet, intent: &str, input: Value, show: &str) -> Value {
    let before = carnet.head().await;
    let show = format!("subject: {show}");
    let mut written = carnet.record_and_show(intent, input, &show).await;
    assert_eq!(written.position(), before + 1, "{intent}");
    written.payload["subject"].take()
}

/// Sees an intent refused, without a trace; answers the sentence.
async fn refused(carnet: &Carnet, intent: &str, input: Value, code: &str) -> String {
    let before = carnet.head().await;
    let (found, _, message) = carnet.record(intent, input).await.refused();
    assert_eq!(found, code, "{intent}");
    assert_eq!(carnet.head().await, before, "{intent}");
    message
}

fn joined(from: &str) -> Value {
    json!({ "code": "pole-emploi", "name": "Pôle emploi", "from": from })
}

/// Catches: a name shown on days on which it was not borne, a member on days on which it is none.
#[tokio::test]
async fn operators_join_are_renamed_and_leave() {
    let carnet = Carnet::start().await;
    let shown = "operator { id code name version isMember memberships { from until } }";
    let late = merged(
        joined("2021-05-06"),
        json!({ "fromCertainty": "NO_LATER_THAN" }),
    );
    let found = carried_out(&carnet, "recordOperatorJoined", late, shown).await;
    let membership = json!({ "from": "2021-05-06", "until": null });
    let id = found["id"].clone();
    let expected = json!({ "id": id, "code": "pole-emploi", "name": "Pôle emploi",
        "version": 1, "isMember": true, "memberships": [membership] });
    assert_eq!(found, expected);

    let renaming = json!({ "code": "pole-emploi", "name": "France Travail",
        "from": "2024-01-01" });
    let shown = "operator { today: name later: name(on: \"2024-01-01\") names { name from } }";
    let found = carried_out(&carnet, "renameOperator", renaming, shown).await;
    let names = json!([{ "name": "Pôle emploi", "from": "2021-05-06" },
        { "name": "France Travail", "from": "2024-01-01" }]);
    let expected = json!({ "today": "Pôle emploi", "later": "France Travail", "names": names });
    assert_eq!(found, expected);

    let leaving = json!({ "code": "pole-emploi", "from": "2025-01-01", "reason": "Fusion" });
    let shown = "operator { memberships { until } departures { from reason } \
                 history(first: 5) { edges { node { sentence } } } }";
    let found = carried_out(&carnet, "recordOperatorLeft", leaving.clone(), shown).await;
    assert_eq!(found["memberships"], json!([{ "until": "2024-12-31" }]));
    let departure = json!({ "from": "2025-01-01", "reason": "Fusion" });
    assert_eq!(found["departures"], json!([departure]));
    assert_eq!(
        found["history"]["edges"][1]["node"]["sentence"],
        "L'opérateur prend le nom « France Travail » à compter du 1er janvier 2024."
    );

    let asked = "query Members($on: Date) { operators(on: $on) { code } }";
    for (on, count) in [
        (Value::Null, 1),
        (json!("2021-05-05"), 0),
        (json!("2024-12-31"), 1),
        (json!("2025-01-01"), 0),
    ] {
        let found = carnet.data(asked, json!({ "on": on })).await;
        assert_eq!(found["operators"].as_array().unwrap().len(), count, "{on}");
    }
    let one = "{ operator(code: \"pole-emploi\") { id } nobody: operator(code: \"caf\") { id } \
               malformed: operator(code: \"À\") { id } }";
    let found = carnet.data(one, json!({})).await;
    assert_eq!(
        found,
        json!({ "operator": { "id": id }, "nobody": null, "malformed": null })
    );
    let node = "query One($id: ID!) { node(id: $id) { __typename id } }";
    let found = carnet.data(node, json!({ "id": id })).await;
    assert_eq!(found["node"], json!({ "__typename": "Operator", "id": id }));

    refused(
        &carnet,
        "recordOperatorJoined",
        joined("2022-01-01"),
        "ALREADY_MEMBER",
    )
    .await;
    let again = merged(leaving, json!({ "from": "2025-06-01" }));
    refused(&carnet, "recordOperatorLeft", again, "NOT_MEMBER").await;
    let nobody = json!({ "code": "caf", "name": "Cnaf", "from": "2024-01-01" });
    refused(&carnet, "renameOperator", nobody, "UNKNOWN_OPERATOR").await;
    let malformed = json!({ "code": "Pôle", "name": "Pôle emploi", "from": "2024-01-01" });
    refused(&carnet, "recordOperatorJoined", malformed, "MALFORMED_CODE").await;
    carnet.stop().await;
}

/// The operators of a launch keep their names of then, and lead to the operator as it stands.
#[tokio::test]
async fn an_operator_of_a_launch_leads_to_what_became_of_it() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let asked = "query One($id: ID!) { experiment(id: $id) { operators { code name \
                 operator { name } } } }";
    let operators = async || {
        let found = carnet.data(asked, json!({ "id": VIGNY })).await;
        found["experiment"]["operators"].clone()
    };
    let then = json!({ "code": "la-poste", "name": "La Poste", "operator": null });
    assert_eq!(operators().await, json!([then]));
    let joining = json!({ "code": "la-poste", "name": "La Poste SA", "from": "2020-01-01" });
    carnet
        .record("recordOperatorJoined", joining)
        .await
        .position();
    let now = json!({ "code": "la-poste", "name": "La Poste",
        "operator": { "name": "La Poste SA" } });
    assert_eq!(operators().await, json!([now]));
    carnet.stop().await;
}

fn signature(other: Value) -> Value {
    merged(
        json!({ "agreementId": AGREEMENT, "title": "Convention de 2021",
            "funder": "Banque des Territoires", "beneficiary": "La Poste",
            "amount": "30000000", "signedOn": "2021-05-06", "experimentIds": [VIGNY] }),
        other,
    )
}

fn payment(other: Value) -> Value {
    merged(
        json!({ "agreementId": AGREEMENT, "paymentId": PAYMENT, "paidOn": "2021-06-01",
            "amount": "10000000" }),
        other,
    )
}

fn merged(mut base: Value, other: Value) -> Value {
    merge(&mut base, other);
    base
}

/// Catches: money that travels as a float, or is paid beyond what was agreed.
#[tokio::test]
async fn an_agreement_is_signed_and_paid_under() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    let shown = "agreement { id title funder beneficiary amount signedOn endsOn paid version \
                 experiments { title } payments { on } }";
    let found = carried_out(
        &carnet,
        "signFundingAgreement",
        signature(json!({ "until": "2022-05-05" })),
        shown,
    )
    .await;
    let expected = json!({ "id": AGREEMENT, "title": "Convention de 2021",
        "funder": "Banque des Territoires", "beneficiary": "La Poste", "amount": "30000000",
        "signedOn": "2021-05-06", "endsOn": "2022-05-05", "paid": "0", "version": 1,
        "experiments": [{ "title": "Vigny" }], "payments": [] });
    assert_eq!(found, expected);

    let shown = "agreement { paid payments { id on amount } }";
    let found = carried_out(&carnet, "recordPayment", payment(json!({})), shown).await;
    let paid = json!({ "id": PAYMENT, "on": "2021-06-01", "amount": "10000000" });
    let expected = json!({ "paid": "10000000", "payments": [paid] });
    assert_eq!(found, expected);

    let more = json!({ "paymentId": null, "amount": "20000001" });
    assert_eq!(
        refused(
            &carnet,
            "recordPayment",
            payment(more),
            "PAYMENTS_EXCEED_AMOUNT"
        )
        .await
        .replace('\u{202f}', "~"),
        "Les versements atteindraient 300~000,01~€, au-delà des 300~000,00~€ de la convention."
    );
    let other = signature(json!({ "amount": "1" }));
    refused(&carnet, "signFundingAgreement", other, "ALREADY_SIGNED").await;
    let nowhere = signature(json!({ "agreementId": null, "experimentIds": [NOBODY] }));
    refused(
        &carnet,
        "signFundingAgreement",
        nowhere,
        "UNKNOWN_EXPERIMENT",
    )
    .await;
    let huge = signature(json!({ "agreementId": null, "amount": "1000000000001" }));
    refused(&carnet, "signFundingAgreement", huge, "AMOUNT_TOO_LARGE").await;

    // A payment is corrected in its place.
    let correcting = json!({ "amount": "30000000",
        "correcting": { "entry": "5", "reason": "Faute de frappe" } });
    let found = carried_out(&carnet, "recordPayment", payment(correcting), shown).await;
    assert_eq!(found["paid"], "30000000");

    // It stays the same one, named or not; and so does the agreement.
    let other = "00000000-0000-7000-8000-000000000162";
    let correcting = json!({ "paymentId": other, "amount": "20000000",
        "correcting": { "entry": "6", "reason": "Relevé relu" } });
    let intent = "recordPayment";
    refused(
        &carnet,
        intent,
        payment(correcting.clone()),
        "CHANGES_IDENTITY",
    )
    .await;
    let same = payment(merged(correcting, json!({ "paymentId": null })));
    let found = carried_out(&carnet, intent, same, shown).await;
    let paid = json!({ "id": PAYMENT, "on": "2021-06-01", "amount": "20000000" });
    assert_eq!(found, json!({ "paid": "20000000", "payments": [paid] }));
    let kind = json!({ "paymentId": null,
        "correcting": { "entry": "4", "reason": "Relevé relu" } });
    refused(&carnet, intent, payment(kind), "CORRECTS_ANOTHER_KIND").await;
    let intent = "signFundingAgreement";
    let correcting = signature(json!({ "agreementId": null, "title": "Convention",
        "correcting": { "entry": "4", "reason": "Titre relu" } }));
    let shown = "agreement { id title payments { on } }";
    let found = carried_out(&carnet, intent, correcting, shown).await;
    let expected = json!({ "id": AGREEMENT, "title": "Convention",
        "payments": [{ "on": "2021-06-01" }] });
    assert_eq!(found, expected);

    let retraction = json!({ "entry": "8", "on": "2021-07-01", "reason": "Jamais signée" });
    refused(&carnet, "retractEntry", retraction, "CONTRADICTS").await;
    carnet.stop().await;
}

/// Catches: an amount that is no whole number of cents, and is taken all the same.
#[tokio::test]
async fn an_amount_is_a_whole_number_of_cents() {
    let carnet = Carnet::start().await;
    for amount in [
        json!("1.5"),
        json!(1.5),
        json!("-1"),
        json!("1e3"),
        json!(""),
    ] {
        let document = "mutation R($input: RecordPaymentInput!) { recordPayment(input: $input) \
                        { position } }";
        let input = payment(json!({ "amount": amount,
            "commandId": "00000000-0000-7000-8000-000000009999",
            "source": { "label": "Relevé" } }));
        let (code, _) = carnet.fault(document, json!({ "input": input })).await;
        assert_eq!(code, "BAD_USER_INPUT", "{amount}");
    }
    carnet.stop().await;
}

/// Catches: a page that skips or repeats, or turns past what was known on its first page.
#[tokio::test]
async fn agreements_are_listed_by_the_day_of_the_signature() {
    let carnet = Carnet::start().await;
    for (number, day) in [(1, "2022-01-01"), (2, "2020-01-01"), (3, "2021-01-01")] {
        let id = format!("agreement-00000000-0000-7000-8000-{number:012}");
        let input = signature(json!({ "agreementId": id, "signedOn": day,
            "experimentIds": [], "title": format!("Convention {number}") }));
        carnet
            .record("signFundingAgreement", input)
            .await
            .position();
    }
    let asked = "query Page($first: Int, $after: String, $last: Int, $before: String) { \
                 fundingAgreements(first: $first, after: $after, last: $last, before: $before) { \
                 nodes { signedOn } edges { cursor node { title } } \
                 pageInfo { hasNextPage hasPreviousPage endCursor startCursor } position } }";
    let page = async |variables| {
        let mut found = carnet.data(asked, variables).await;
        found["fundingAgreements"].take()
    };
    let first = page(json!({ "first": 2 })).await;
    let days = json!([{ "signedOn": "2020-01-01" }, { "signedOn": "2021-01-01" }]);
    assert_eq!(first["nodes"], days);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let between = signature(json!({ "agreementId": null, "signedOn": "2021-06-01",
        "experimentIds": [] }));
    carnet
        .record("signFundingAgreement", between)
        .await
        .position();
    let after = first["pageInfo"]["endCursor"].clone();
    let second = page(json!({ "first": 2, "after": after })).await;
    assert_eq!(second["nodes"], json!([{ "signedOn": "2022-01-01" }]));
    assert_eq!(second["position"], first["position"]);
    let before = second["pageInfo"]["startCursor"].clone();
    let back = page(json!({ "last": 1, "before": before })).await;
    assert_eq!(back["nodes"], json!([{ "signedOn": "2021-01-01" }]));
    let (code, _) = carnet.fault(asked, json!({ "first": 101 })).await;
    assert_eq!(code, "PAGE_SIZE");
    carnet.stop().await;
}

fn cost(other: Value) -> Value {
    merged(
        json!({ "experimentId": VIGNY, "costId": STAFF, "category": "STAFF",
            "nature": "ESTIMATED", "origin": "MARGINAL", "amount": "10001",
            "from": "2021-04-27", "until": "2021-07-26" }),
        other,
    )
}

/// Catches: estimated and actual added up, or a share rounded otherwise here than there.
#[tokio::test]
async fn costs_are_recorded_and_summed() {
    let carnet = Carnet::start().await;
    vigny(&carnet).await;
    carnet
        .record("signFundingAgreement", signature(json!({})))
        .await
        .position();
    let shown = "cost { id category nature origin amount allotted share { parts of key } from \
                 until words agreement { title } estimate { id } experiment { title } version }";
    let half = json!({ "share": { "parts": 1, "of": 2, "key": "heures tenues" },
        "words": "Deux matinées", "agreementId": AGREEMENT });
    let found = carried_out(&carnet, "recordCost", cost(half.clone()), shown).await;
    let expected = json!({ "id": STAFF, "category": "STAFF", "nature": "ESTIMATED",
        "origin": "MARGINAL", "amount": "10001", "allotted": "5001",
        "share": { "parts": 1, "of": 2, "key": "heures tenues" }, "from": "2021-04-27",
        "until": "2021-07-26", "words": "Deux matinées",
        "agreement": { "title": "Convention de 2021" }, "estimate": null,
        "experiment": { "title": "Vigny" }, "version": 1 });
    assert_eq!(found, expected);
    let actual = cost(
        json!({ "costId": null, "nature": "ACTUAL", "amount": "12000",
        "estimateId": STAFF, "origin": "UNKNOWN" }),
    );
    let found = carried_out(&carnet, "recordCost", actual, shown).await;
    assert_eq!(found["estimate"], json!({ "id": STAFF }));
    assert_eq!(found["allotted"], "12000");

    let asked = "query One($id: ID!) { experiment(id: $id) { costs(first: 1) { nodes { nature } \
                 pageInfo { hasNextPage } } costSummary { estimated { total { count allotted \
                 replaced marginal } byCategory { category sum { amount } } } actual { total { \
                 count allotted unknownOrigin replaced } } } } }";
    let found = carnet.data(asked, json!({ "id": VIGNY })).await;
    let experiment = &found["experiment"];
    assert_eq!(experiment["costs"]["pageInfo"]["hasNextPage"], true);
    let estimated = json!({
        "total": { "count": 1, "allotted": "5001", "replaced": "5001", "marginal": "5001" },
        "byCategory": [{ "category": "STAFF", "sum": { "amount": "10001" } }] });
    let actual = json!({ "total": { "count": 1, "allotted": "12000",
        "unknownOrigin": "12000", "replaced": "0" } });
    let expected = json!({ "estimated": estimated, "actual": actual });
    assert_eq!(experiment["costSummary"], expected);

    refused(
        &carnet,
        "recordCost",
        cost(json!({ "amount": "1" })),
        "COST_ALREADY_RECORDED",
    )
    .await;
    let impossible = json!({ "costId": null,
        "share": { "parts": 3, "of": 2, "key": "heures" } });
    assert_eq!(
        refused(&carnet, "recordCost", cost(impossible), "IMPOSSIBLE_SHARE").await,
        "Une clé de répartition attribue de 1 part à toutes, non 3 sur 2."
    );
    let nowhere = cost(json!({ "costId": null, "experimentId": NOBODY }));
    refused(&carnet, "recordCost", nowhere, "UNKNOWN_EXPERIMENT").await;
    let node = "query One($id: ID!) { node(id: $id) { __typename } cost(id: $id) { amount } }";
    let found = carnet.data(node, json!({ "id": STAFF })).await;
    assert_eq!(
        found,
        json!({ "node": { "__typename": "Cost" }, "cost": { "amount": "10001" } })
    );

    // What is retracted is no longer counted.
    let retraction = json!({ "entry": "6", "on": "2021-08-01", "reason": "Doublon" });
    carnet.record("retractEntry", retraction).await.position();
    let found = carnet.data(asked, json!({ "id": VIGNY })).await;
    let summary = &found["experiment"]["costSummary"];
    assert_eq!(summary["actual"]["total"]["count"], 0);
    assert_eq!(summary["estimated"]["total"]["replaced"], "0");
    carnet.stop().await;
}
