//! Connections under TLS: each is shaken hands with beside the others, within bounds, and only those
//! that were are handed on.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::AbortHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject},
        },
    },
    server::TlsStream,
};

use crate::limits::{TLS_HANDSHAKE, TLS_HANDSHAKES_MAX};

/// What connections are shaken hands with by: a certificate, and its key.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file does not read.
    #[error("{path} ne se lit pas : {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: pem::Error,
    },
    /// There is no certificate in it.
    #[error("{0} ne contient aucun certificat")]
    NoCertificate(String),
    /// Certificate and key are not for each other, or for anything.
    #[error("le certificat et sa clé ne vont pas : {0}")]
    Unusable(#[from] rustls::Error),
}

impl Tls {
    /// A chain of certificates and its key, both in PEM.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |error| TlsError::File { path, error }
        };
        let chain = CertificateDer::pem_file_iter(certificate).map_err(failed(certificate))?;
        let chain: Vec<_> = chain
            .collect::<Result<_, _>>()
            .map_err(failed(certificate))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(certificate.display().to_string()));
        }
        let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Listens, and hands on what was shaken hands with.
pub struct TlsListener {
    incoming: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl TlsListener {
    /// Listens on `listener`.
    ///
    /// # Errors
    /// What the system says of its address.
    pub fn new(listener: TcpListener, tls: Tls) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (shaken, incoming) = mpsc::channel(1);
        let accepting = tokio::spawn(accept(listener, tls, shaken)).abort_handle();
        Ok(Self {
            incoming,
            address,
            accepting,
        })
    }
}

/// Who never ends a handshake is waited for beside the others, and not for long.
async fn accept(
    mut listener: TcpListener,
    tls: Tls,
    shaken: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let turns = Arc::new(Semaphore::new(TLS_HANDSHAKES_MAX));
    while let Ok(turn) = Arc::clone(&turns).acquire_owned().await {
        let (stream, address) = axum::serve::Listener::accept(&mut listener).await;
        let (tls, shaken) = (tls.clone(), shaken.clone());
        tokio::spawn(async move {
            let shaking = tokio::time::timeout(TLS_HANDSHAKE, tls.0.accept(stream)).await;
            drop(turn);
            match shaking {
                // Where nobody takes it any more, the server stops.
                Ok(Ok(stream)) => drop(shaken.send((stream, address)).await),
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake did not end in time"),
            }
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.incoming.recv().await {
            Some(shaken) => shaken,
            // Only where its own task is gone: nothing more will come.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
