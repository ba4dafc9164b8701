//! Asking other services, where the settings name any: one request and one answer, by https or on this
//! very machine, no redirect, bounded in bytes and in time.
//!
//! **Deliberately absent.** What is asked, and what an answer means.

use std::{net::IpAddr, sync::Arc};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{HOST, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName},
};

use crate::limits::{OUTWARD, OUTWARD_ANSWER_BYTES_MAX, OUTWARD_HEAD_BYTES_MAX};

/// An address that may be asked: by https, or on this very machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
    host: String,
    port: u16,
    secure: bool,
}

impl Address {
    /// An address as it is written; `None` where it may not be asked.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
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

/// Why nothing came of it. What was answered is not told: it may be anything.
#[derive(Debug, thiserror::Error)]
pub enum OutwardError {
    /// There is nobody there.
    #[error("it does not answer: {0}")]
    Connection(#[from] std::io::Error),
    /// Something else is there.
    #[error("it does not speak HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// Nothing was asked.
    #[error("the request cannot be made: {0}")]
    Request(#[from] hyper::http::Error),
    /// It says no.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// Its answer is no whole one.
    #[error("its answer is longer than it may be, or breaks off")]
    Body,
    /// Its answer does not come.
    #[error("it takes too long")]
    Slow,
    /// Its answer says nothing that is understood.
    #[error("its answer is not understood: {0}")]
    Answer(&'static str),
}

/// Why nobody can be asked by https.
#[derive(Debug, thiserror::Error)]
#[error("les certificats des autorités ne se lisent pas : {0}")]
pub struct CertificatesError(String);

/// Asks; its copies are one and the same.
#[derive(Clone)]
pub struct Outward(TlsConnector);

impl std::fmt::Debug for Outward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outward")
    }
}

impl Outward {
    /// With the authorities that this machine trusts.
    ///
    /// # Errors
    /// [`CertificatesError`].
    pub fn new() -> Result<Self, CertificatesError> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        if let (true, Some(error)) = (found.certs.is_empty(), found.errors.first()) {
            tracing::warn!(%error, "no authorities are known: no service is trusted by https");
        }
        roots.add_parsable_certificates(found.certs);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| CertificatesError(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// What an address answers to a request: its whole body, where all is well.
    ///
    /// # Errors
    /// [`OutwardError`].
    pub async fn ask(
        &self,
        address: &Address,
        request: Request<Bytes>,
    ) -> Result<Bytes, OutwardError> {
        let asked = tokio::time::timeout(OUTWARD, self.bytes(address, request)).await;
        asked.map_err(|_| OutwardError::Slow)?
    }

    async fn bytes(
        &self,
        address: &Address,
        request: Request<Bytes>,
    ) -> Result<Bytes, OutwardError> {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        if !address.secure {
            return exchange(stream, address, request).await;
        }
        let name = ServerName::try_from(address.host.clone());
        let name = name.map_err(|_| OutwardError::Answer("its name is none"))?;
        exchange(self.0.connect(name, stream).await?, address, request).await
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    address: &Address,
    request: Request<Bytes>,
) -> Result<Bytes, OutwardError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(OUTWARD_HEAD_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await?;
    let (mut parts, body) = request.into_parts();
    let path = address.uri.path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    parts.uri = Uri::try_from(path).map_err(hyper::http::Error::from)?;
    let authority = address.uri.authority();
    let host = HeaderValue::from_str(authority.map_or("", |authority| authority.as_str()));
    parts
        .headers
        .insert(HOST, host.map_err(hyper::http::Error::from)?);
    let agent = HeaderValue::from_static("carnet");
    parts.headers.insert(USER_AGENT, agent);
    let request = Request::from_parts(parts, Full::new(body));
    let asked = async {
        let response = sender.send_request(request).await?;
        if response.status() != StatusCode::OK {
            return Err(OutwardError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), OUTWARD_ANSWER_BYTES_MAX);
        let whole = body.collect().await.map_err(|_| OutwardError::Body)?;
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
