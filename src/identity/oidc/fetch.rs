//! What a provider publishes, fetched: one GET, no redirect, bounded in bytes and in time.

use std::{net::IpAddr, sync::Arc};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    Request, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{ACCEPT, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName},
};

use super::ProviderError;
use crate::limits::{OIDC_ANSWER_BYTES_MAX, OIDC_FETCH, OIDC_HEAD_BYTES_MAX};

/// An address that may be asked: by https, or on this very machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    uri: Uri,
    host: String,
    port: u16,
    secure: bool,
}

impl Address {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        if uri.authority()?.as_str().contains('@') {
            return None;
        }
        let local = host
            .parse::<IpAddr>()
            .map_or(host.eq_ignore_ascii_case("localhost"), |ip| {
                ip.is_loopback()
            });
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" if local => false,
            _ => return None,
        };
        Some(Self {
            port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            uri,
            host,
            secure,
        })
    }
}

/// Why nothing was fetched. What was answered is not told: it may be anything.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("it does not answer: {0}")]
    Connection(#[from] std::io::Error),
    #[error("it does not speak HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] hyper::http::Error),
    #[error("it answers {0}")]
    Status(StatusCode),
    #[error("its answer is longer than it may be, or breaks off")]
    Body,
    #[error("it takes too long")]
    Slow,
    #[error("its answer is not understood: {0}")]
    Answer(&'static str),
}

/// Fetches.
pub(super) struct Fetcher(TlsConnector);

impl Fetcher {
    /// With the authorities that this machine trusts.
    pub(super) fn new() -> Result<Self, ProviderError> {
        let wrong = |error: &dyn std::fmt::Display| ProviderError::Certificates(error.to_string());
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        if let (true, Some(error)) = (found.certs.is_empty(), found.errors.first()) {
            tracing::warn!(%error, "no authorities are known: no provider is trusted by https");
        }
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// What is published at an address, as JSON.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        address: &Address,
    ) -> Result<T, FetchError> {
        let fetched = tokio::time::timeout(OIDC_FETCH, self.bytes(address)).await;
        let bytes = fetched.map_err(|_| FetchError::Slow)??;
        serde_json::from_slice(&bytes).map_err(|_| FetchError::Answer("it is no such JSON"))
    }

    async fn bytes(&self, address: &Address) -> Result<Bytes, FetchError> {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        if !address.secure {
            return get(stream, address).await;
        }
        let name = ServerName::try_from(address.host.clone());
        let name = name.map_err(|_| FetchError::Answer("its name is none"))?;
        get(self.0.connect(name, stream).await?, address).await
    }
}

async fn get(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: &Address,
) -> Result<Bytes, FetchError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(OIDC_HEAD_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await?;
    let path = address.uri.path_and_query();
    let authority = address.uri.authority();
    let request = Request::get(path.map_or("/", |path| path.as_str()))
        .header(HOST, authority.map_or("", |authority| authority.as_str()))
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, "carnet")
        .body(Empty::<Bytes>::new())?;
    let asked = async {
        let response = sender.send_request(request).await?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), OIDC_ANSWER_BYTES_MAX);
        let whole = body.collect().await.map_err(|_| FetchError::Body)?;
        Ok(whole.to_bytes())
    };
    // Driven here, not beside: it ends with the question.
    tokio::pin!(connection);
    tokio::pin!(asked);
    tokio::select! {
        answered = &mut asked => answered,
        ended = &mut connection => {
            ended?;
            asked.await
        }
    }
}
