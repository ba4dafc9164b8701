//! Tokens of an identity provider.

use serde_json::{Value, json};

use crate::{
    harness::{Carnet, after, in_time},
    provider::{AUDIENCE, EMAIL, Manner, Provider, SUBJECT, Signer, hmac_signed, signed},
};

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The status that a token is answered with.
async fn status(carnet: &Carnet, token: &str) -> u16 {
    carnet.refusal(&bearer(token)).await.0
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// Catches: an account that nobody granted anything to and that may something; a grant that does not
/// reach it, to itself or to its organisation.
#[tokio::test]
async fn an_account_holds_what_it_and_its_organisation_were_granted() {
    let provider = Provider::start(Signer::rsa()).await;
    let carnet = Carnet::with(provider.config()).await;
    let token = provider.token().await;
    let viewer = carnet.viewer(&token).await;
    let actor = viewer["actor"].as_str().unwrap();
    assert_eq!(actor.len(), "compte-".len() + 12, "{actor}");
    assert!(actor.starts_with("compte-"), "{actor}");
    assert_eq!(viewer["grants"], json!([]));
    let forbidden = carnet
        .ask(&token, "{ tokens { nodes { id } } }", json!({}))
        .await;
    assert_eq!(forbidden["errors"][0]["extensions"]["code"], "FORBIDDEN");

    let account = json!({ "account": { "issuer": provider.issuer(), "subject": SUBJECT } });
    carnet.grant(account, "FUNDER").await;
    carnet
        .grant(json!({ "siret": "356 000 000 00048" }), "EVALUATOR")
        .await;
    carnet
        .grant(json!({ "siret": "73282932000074" }), "ADMINISTRATOR")
        .await;
    let roles = |viewer: &Value| -> Vec<String> {
        let grants = viewer["grants"].as_array().unwrap().iter();
        grants
            .map(|grant| grant["role"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(roles(&carnet.viewer(&token).await), ["EVALUATOR", "FUNDER"]);
    // Somebody else of that organisation, and the same name at another provider's.
    let other = provider.signed(&with(provider.claims(), "sub", json!("autre")));
    assert_eq!(roles(&carnet.viewer(&other).await), ["EVALUATOR"]);
    let alone = provider.signed(&without(provider.claims(), "siret"));
    assert_eq!(roles(&carnet.viewer(&alone).await), ["FUNDER"]);
}

/// Catches: a name or an address of a person that is stored.
#[tokio::test]
async fn nothing_of_a_person_is_kept() {
    let provider = Provider::start(Signer::ed()).await;
    let carnet = Carnet::with(provider.config()).await;
    let account = json!({ "account": { "issuer": provider.issuer(), "subject": SUBJECT } });
    carnet.grant(account, "ADMINISTRATOR").await;
    let token = provider.token().await;
    let input = json!({ "code": "caf", "name": "Caf", "from": "2021-05-10" });
    let recorded = carnet
        .record_as(&token, "recordOperatorJoined", input, "")
        .await;
    assert_eq!(recorded["userErrors"], json!([]));
    let directory = carnet.stop().await;
    let mut files = 0;
    for (path, bytes) in crate::secrets::files(directory.path()) {
        files += 1;
        for told in [EMAIL, SUBJECT, "Durand", "Camille"] {
            assert!(
                !crate::secrets::holds(&bytes, told),
                "{told} in {}",
                path.display()
            );
        }
    }
    assert!(files > 3);
}

/// Catches: an algorithm that is taken for another's key, or not at all.
#[tokio::test]
async fn each_kind_of_key_signs() {
    for signer in [Signer::rsa(), Signer::ec(), Signer::ed()] {
        let provider = Provider::start(signer).await;
        let carnet = Carnet::with(provider.config()).await;
        assert_eq!(status(&carnet, &provider.token().await).await, 200);
        // A key that bears no name serves tokens that name none, while it is the only one.
        let nameless = without(provider.signer().jwk("first"), "kid");
        provider.publish(vec![nameless]);
        carnet.clock.set(after(3 * 3600));
        let claims = with(provider.claims(), "exp", json!(after(4 * 3600).timestamp()));
        let header = json!({ "alg": provider.signer().algorithm() });
        let token = provider.signer().token_under(&header, &claims);
        // The first one has the keys fetched; from the second on they are there.
        status(&carnet, &token).await;
        let fetched = in_time("the keys", async {
            while status(&carnet, &token).await != 200 {
                carnet.clock.set(after(3 * 3600 + 60));
            }
        });
        fetched.await;
    }
}

/// Catches: any token that proves nothing and is taken. Each is one change away from one that is.
#[tokio::test]
async fn what_is_not_the_providers_word_for_us_now_is_refused() {
    let provider = Provider::start(Signer::rsa()).await;
    let carnet = Carnet::with(provider.config()).await;
    let good = provider.token().await;
    assert_eq!(status(&carnet, &good).await, 200);
    let refused = carnet.refusal("Bearer x").await;
    assert_eq!(refused.0, 401);

    let claims = provider.claims();
    let change = |name: &str, value: Value| provider.signed(&with(claims.clone(), name, value));
    let seconds = |seconds| json!(after(seconds).timestamp());
    let mut wrong = vec![
        ("another's key", Signer::rsa().token("first", &claims)),
        ("expired", change("exp", seconds(-120))),
        ("not yet valid", change("nbf", seconds(600))),
        ("issued later", change("iat", seconds(600))),
        ("another audience", change("aud", json!("autre"))),
        ("other audiences", change("aud", json!(["autre", "encore"]))),
        (
            "another issuer",
            change("iss", json!("https://autre.example")),
        ),
        ("an end that is none", change("exp", json!("demain"))),
        ("an end beyond time", change("exp", json!(1e300))),
        ("nobody", change("sub", json!(""))),
        ("too long a name", change("sub", json!("a".repeat(256)))),
    ];
    for name in ["exp", "iss", "aud", "sub"] {
        wrong.push((name, provider.signed(&without(claims.clone(), name))));
    }
    let shared = with(claims.clone(), "aud", json!([AUDIENCE, "autre"]));
    let shared = with(shared, "azp", json!("autre"));
    wrong.push(("asked for by another", provider.signed(&shared)));
    let header = |alg: &str| json!({ "alg": alg, "kid": "first", "typ": "JWT" });
    for alg in ["none", "None", "NONE", ""] {
        wrong.push(("unsigned", signed(&header(alg), &claims, |_| Vec::new())));
        wrong.push((
            "unsigned, with a signature",
            provider.signer().token_under(&header(alg), &claims),
        ));
    }
    // The key confusion: what everybody can read, used as a secret.
    let jwk = provider.signer().jwk("first");
    for public in [jwk.to_string(), jwk["n"].as_str().unwrap().to_owned()] {
        wrong.push((
            "a secret that is public",
            hmac_signed(&header("HS256"), &claims, public.as_bytes()),
        ));
    }
    for alg in ["RS384", "RS512", "PS256", "ES256", "EdDSA"] {
        wrong.push((
            "another algorithm",
            provider.signer().token_under(&header(alg), &claims),
        ));
    }
    for typ in ["JWE", "logout+jwt", "dpop+jwt"] {
        let header = with(header("RS256"), "typ", json!(typ));
        wrong.push((
            "another type",
            provider.signer().token_under(&header, &claims),
        ));
    }
    let critical = with(header("RS256"), "crit", json!(["b64"]));
    wrong.push((
        "critical",
        provider.signer().token_under(&critical, &claims),
    ));
    // A key that comes with the token proves nothing.
    let own = Signer::rsa();
    let brought = with(header("RS256"), "jwk", own.jwk("first"));
    wrong.push(("its own key", own.token_under(&brought, &claims)));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    wrong.push((
        "a changed signature",
        format!("{message}.{flipped}{}", &signature[1..]),
    ));
    wrong.push(("no signature", format!("{message}.")));
    wrong.push(("two parts", message.to_owned()));
    wrong.push(("four parts", format!("{good}.{payload}")));
    let other = provider.signed(&with(claims.clone(), "sub", json!("autre")));
    let other = other.split('.').nth(1).unwrap();
    wrong.push(("another payload", format!("{head}.{other}.{signature}")));
    for (what, token) in &wrong {
        assert_eq!(carnet.refusal(&bearer(token)).await, refused, "{what}");
    }
    // And what is right in another way is right.
    for right in [
        change("aud", json!([AUDIENCE])),
        change("aud", json!([AUDIENCE, "autre"])),
        change("exp", seconds(7200)),
        change("nbf", seconds(0)),
        change("iat", json!(1_620_633_600.5)),
        provider
            .signer()
            .token_under(&with(header("RS256"), "typ", json!("at+JWT")), &claims),
        provider
            .signer()
            .token_under(&json!({ "alg": "RS256" }), &claims),
    ] {
        assert_eq!(status(&carnet, &right).await, 200);
    }
}

/// Catches: a key that is no longer published and still counts; one that is new and does not; and a
/// provider that is asked again for every token that names a key nobody has.
#[tokio::test]
async fn keys_change_and_the_provider_is_left_alone() {
    let provider = Provider::start(Signer::ec()).await;
    let carnet = Carnet::with(provider.config()).await;
    let claims = with(provider.claims(), "exp", json!(after(90_000).timestamp()));
    let first = provider.signed(&claims);
    assert_eq!(status(&carnet, &first).await, 200);
    assert_eq!(provider.asked(), 1);
    let second = Signer::ed();
    provider.publish(vec![second.jwk("second")]);
    let next = second.token("second", &claims);
    // Just asked: it is left alone, whatever comes.
    for _ in 0..5 {
        assert_eq!(status(&carnet, &next).await, 401);
    }
    assert_eq!(provider.asked(), 1);
    carnet.clock.set(after(600));
    let both = tokio::join!(status(&carnet, &next), status(&carnet, &next));
    assert_eq!(both, (200, 200));
    assert_eq!(provider.asked(), 2);
    assert_eq!(status(&carnet, &first).await, 401);
    // A key keeps its name and changes its kind: the token says one algorithm, the key another.
    provider.publish(vec![Signer::rsa().jwk("second")]);
    carnet.clock.set(after(1200));
    assert_eq!(status(&carnet, &second.token("third", &claims)).await, 401);
    assert_eq!(provider.asked(), 3);
    assert_eq!(status(&carnet, &next).await, 401);
}

/// Catches: everybody turned out because the provider does not answer; or keys of long ago that
/// count for ever.
#[tokio::test]
async fn while_the_provider_is_away_its_keys_count_for_a_day() {
    let provider = Provider::start(Signer::ed()).await;
    let carnet = Carnet::with(provider.config()).await;
    let claims = with(provider.claims(), "exp", json!(after(200_000).timestamp()));
    let token = provider.signed(&claims);
    assert_eq!(status(&carnet, &token).await, 200);
    let mut at = 600;
    for manner in [
        Manner::Down,
        Manner::Garbage,
        Manner::Hugely,
        Manner::Foreign,
        Manner::Redirected,
    ] {
        provider.behave(manner);
        at += 7200;
        carnet.clock.set(after(at));
        assert_eq!(status(&carnet, &token).await, 200);
        // A key that is not known is asked for, and there is no answer.
        carnet.clock.set(after(at + 600));
        assert_eq!(
            status(&carnet, &Signer::ed().token("x", &claims)).await,
            401
        );
        assert_eq!(status(&carnet, &token).await, 200);
    }
    carnet.clock.set(after(100_000));
    assert_eq!(status(&carnet, &token).await, 503);
    provider.behave(Manner::Well);
    carnet.clock.set(after(101_000));
    assert_eq!(status(&carnet, &token).await, 200);
}

/// Catches: a provider that answers without an end, and holds every request up.
#[tokio::test]
async fn a_provider_that_never_ends_is_given_up() {
    let provider = Provider::start(Signer::ed()).await;
    provider.behave(Manner::Slowly);
    let carnet = Carnet::with(provider.config()).await;
    let token = provider.token().await;
    assert_eq!(in_time("a refusal", status(&carnet, &token)).await, 503);
    // Our own tokens need nobody.
    carnet.viewer(&carnet.administrator).await;
    provider.behave(Manner::Well);
    carnet.clock.set(after(120));
    assert_eq!(status(&carnet, &token).await, 200);
}

/// Catches: a subscription that outlives the token of the account, or its role.
#[tokio::test]
async fn what_an_account_opened_ends_with_its_token_and_with_its_role() {
    let provider = Provider::start(Signer::ed()).await;
    let carnet = Carnet::with(provider.config()).await;
    let holder = json!({ "account": { "issuer": provider.issuer(), "subject": SUBJECT } });
    carnet.grant(holder.clone(), "EVALUATOR").await;
    let token = provider.token().await;
    let events = "subscription { events { position } }";
    let mut socket = carnet.socket(&token).await;
    socket.subscribe("1", events).await;
    carnet.record_anything().await;
    assert_eq!(socket.message().await["type"], "next");
    // To the end, and the clocks may differ by a minute.
    carnet.clock.set(after(3600 + 61));
    carnet.record_anything().await;
    assert_eq!(socket.closed().await, 4403);

    let later = with(provider.claims(), "exp", json!(after(90_000).timestamp()));
    let mut socket = carnet.socket(&provider.signed(&later)).await;
    let grant = json!({ "role": "EVALUATOR" });
    let input = json!({ "holder": holder, "grant": grant, "on": "2021-05-10" });
    let revoked = carnet
        .record("revokeRole", input, "holder { grants { expires } }")
        .await;
    assert_eq!(revoked["holder"]["grants"], json!([]));
    assert_eq!(socket.closed().await, 4403);
}

/// Catches: a provider in the clear, or one that is none, found out only once somebody asks.
#[tokio::test]
async fn a_provider_is_asked_in_confidence_only() {
    let directory = tempfile::tempdir().unwrap();
    for issuer in [
        "http://fournisseur.example/api",
        "http://127.0.0.1.example/",
        "ftp://127.0.0.1/",
        "https://moi:secret@fournisseur.example/",
        "fournisseur",
        "",
    ] {
        let config = carnet::config::Config {
            data_dir: directory.path().join("data"),
            oidc_issuer: Some(issuer.to_owned()),
            oidc_audience: Some(AUDIENCE.to_owned()),
            ..carnet::config::Config::default()
        };
        let clock = std::sync::Arc::new(carnet::clock::FixedClock::new(after(0)));
        let refused = carnet::app::App::open(&config, clock).await;
        assert!(
            matches!(refused, Err(carnet::app::AppError::Provider(_))),
            "{issuer}"
        );
    }
}
