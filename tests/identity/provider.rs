//! An identity provider: discovery, keys and tokens over HTTP, as the real ones have them; and one
//! that does wrong, if it is told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    },
};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use carnet::config::Config;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::after;

/// This program, as the provider names it.
pub(crate) const AUDIENCE: &str = "carnet";
/// The name that the provider has for the account.
pub(crate) const SUBJECT: &str = "704e024229015d2bd47f7a5e5ab05b35c8e15d11";
/// Who nobody should ever read of.
pub(crate) const EMAIL: &str = "camille.durand@example.gouv.fr";

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A key that tokens are signed with.
pub(crate) enum Signer {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub(crate) fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// As it is published.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let (alg, usage) = (self.algorithm(), "sig");
        match self {
            Self::Rsa(key) => {
                let public = key.public_key();
                let n = encoded(public.modulus().big_endian_without_leading_zero());
                let e = encoded(public.exponent().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "kid": kid, "alg": alg, "use": usage, "n": n, "e": e })
            }
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "kid": kid, "alg": alg, "use": usage, "x": x, "y": y })
            }
            Self::Ed(key) => {
                let x = encoded(key.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": alg, "use": usage, "x": x })
            }
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Self::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// A token of these claims.
    pub(crate) fn token(&self, kid: &str, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm(), "kid": kid, "typ": "JWT" });
        self.token_under(&header, claims)
    }

    /// The same, whatever its header says.
    pub(crate) fn token_under(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, |message| self.sign(message))
    }
}

/// A token, signed in some way.
pub(crate) fn signed(
    header: &Value,
    claims: &Value,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let message = format!(
        "{}.{}",
        encoded(header.to_string()),
        encoded(claims.to_string())
    );
    let signature = encoded(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// A token that is signed by a secret anybody knows.
pub(crate) fn hmac_signed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    signed(header, claims, |message| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        hmac::sign(&key, message).as_ref().to_vec()
    })
}

/// How the provider answers for its keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Well,
    Down,
    Garbage,
    /// Never to an end.
    Slowly,
    /// 100 MB.
    Hugely,
    /// Of another provider.
    Foreign,
    Redirected,
}

struct Behaviour {
    keys: Vec<Value>,
    manner: Manner,
    /// How often its keys were asked for.
    asked: usize,
}

#[derive(Clone)]
struct Shared {
    issuer: String,
    behaviour: Arc<Mutex<Behaviour>>,
    signer: Arc<Signer>,
}

/// The provider.
pub(crate) struct Provider {
    shared: Shared,
    address: SocketAddr,
}

impl Provider {
    /// Serves, with one key that is named `first`.
    pub(crate) async fn start(signer: Signer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Shared {
            issuer: format!("http://{address}/api/v2"),
            behaviour: Arc::new(Mutex::new(Behaviour {
                keys: vec![signer.jwk("first")],
                manner: Manner::Well,
                asked: 0,
            })),
            signer: Arc::new(signer),
        };
        let router = Router::new()
            .route("/api/v2/.well-known/openid-configuration", get(discovery))
            .route("/api/v2/jwks", get(jwks))
            .route("/api/v2/token", post(token))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shared, address }
    }

    pub(crate) fn signer(&self) -> &Signer {
        &self.shared.signer
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// A program that takes its tokens.
    pub(crate) fn config(&self) -> Config {
        Config {
            oidc_issuer: Some(self.shared.issuer.clone()),
            oidc_audience: Some(AUDIENCE.to_owned()),
            ..Config::default()
        }
    }

    /// What a token of the account says.
    pub(crate) fn claims(&self) -> Value {
        claims(&self.shared.issuer)
    }

    /// A token, as the provider hands it out.
    pub(crate) async fn token(&self) -> String {
        let url = format!("http://{}/api/v2/token", self.address);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.post(url).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["id_token"].as_str().unwrap().to_owned()
    }

    /// A token of these claims, signed with the first key.
    pub(crate) fn signed(&self, claims: &Value) -> String {
        self.signer().token("first", claims)
    }

    pub(crate) fn publish(&self, keys: Vec<Value>) {
        self.shared.behaviour.lock().unwrap().keys = keys;
    }

    pub(crate) fn behave(&self, manner: Manner) {
        self.shared.behaviour.lock().unwrap().manner = manner;
    }

    pub(crate) fn asked(&self) -> usize {
        self.shared.behaviour.lock().unwrap().asked
    }
}

fn claims(issuer: &str) -> Value {
    json!({
        "iss": issuer,
        "sub": SUBJECT,
        "aud": AUDIENCE,
        "iat": after(0).timestamp(),
        "exp": after(3600).timestamp(),
        "siret": "35600000000048",
        "email": EMAIL,
        "given_name": "Camille",
        "usual_name": "Durand",
    })
}

async fn discovery(State(shared): State<Shared>) -> Response {
    let manner = shared.behaviour.lock().unwrap().manner;
    let issuer = match manner {
        Manner::Down => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Manner::Foreign => "https://autre.example",
        Manner::Well | Manner::Garbage | Manner::Slowly | Manner::Hugely | Manner::Redirected => {
            &shared.issuer
        }
    };
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{}/jwks", shared.issuer),
        "token_endpoint": format!("{}/token", shared.issuer),
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
    }))
    .into_response()
}

async fn jwks(State(shared): State<Shared>) -> Response {
    let (manner, keys) = {
        let mut behaviour = shared.behaviour.lock().unwrap();
        behaviour.asked += 1;
        (behaviour.manner, behaviour.keys.clone())
    };
    match manner {
        Manner::Well | Manner::Down | Manner::Foreign => {
            Json(json!({ "keys": keys })).into_response()
        }
        Manner::Garbage => "<html>Maintenance</html>".into_response(),
        Manner::Slowly => std::future::pending().await,
        Manner::Hugely => {
            let chunk = Bytes::from(vec![b' '; 1024 * 1024]);
            let chunks = (0..100).map(move |_| Ok::<_, std::io::Error>(chunk.clone()));
            Body::from_stream(futures_util::stream::iter(chunks)).into_response()
        }
        Manner::Redirected => {
            let location = [("location", "/api/v2/jwks")];
            (StatusCode::FOUND, location).into_response()
        }
    }
}

async fn token(State(shared): State<Shared>) -> Json<Value> {
    let token = shared.signer.token("first", &claims(&shared.issuer));
    Json(json!({ "token_type": "Bearer", "id_token": token }))
}
