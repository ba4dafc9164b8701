//! TLS: what is shown, whom it keeps out, and where it must be.

use std::{path::PathBuf, sync::Arc, time::Duration};

use carnet::{
    app::{App, AppError},
    clock::FixedClock,
    config::Config,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use crate::harness::{in_time, start};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/identity/tls")
        .join(name)
}

/// The program, under TLS; stopped when it is dropped.
struct Secure {
    address: std::net::SocketAddr,
    _stop: oneshot::Sender<()>,
    _directory: tempfile::TempDir,
}

impl Secure {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: directory.path().join("data"),
            tls_cert: Some(file("cert.pem")),
            tls_key: Some(file("key.pem")),
            public_host: Some("carnet.example, autre.example".to_owned()),
            ..Config::default()
        };
        let clock = Arc::new(FixedClock::new(start()));
        let app = App::open(&config, clock).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let until = async {
                let _told_or_forgotten = stopped.await;
            };
            app.serve(listener, until).await.unwrap();
            app.close().await;
        });
        Self {
            address,
            _stop: stop,
            _directory: directory,
        }
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(file("cert.pem")).unwrap();
        roots.add(certificate).unwrap();
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("carnet.example").unwrap();
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
        in_time("the handshake", connecting).await.unwrap()
    }

    /// The whole answer to a GET under a name.
    async fn get(&self, host: &str) -> String {
        let mut stream = self.connect().await;
        let request =
            format!("GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A close without its notice is no less a close.
        let _ended = in_time("the answer", stream.read_to_end(&mut answer)).await;
        String::from_utf8(answer).unwrap().to_ascii_lowercase()
    }
}

/// Catches: a server that says it is secure and speaks in the clear; one that answers to any name.
#[tokio::test]
async fn it_is_reached_by_tls_under_its_names_only() {
    let secure = Secure::start().await;
    for host in [
        "carnet.example",
        "CARNET.EXAMPLE:8443",
        "autre.example",
        "localhost",
    ] {
        let answer = secure.get(host).await;
        assert!(answer.starts_with("http/1.1 200 "), "{host}: {answer}");
        let only = "strict-transport-security: max-age=31536000";
        assert!(answer.contains(only), "{answer}");
    }
    for host in [
        "mechant.example",
        "carnet.example.mechant.example",
        "carnet.example:x",
    ] {
        let answer = secure.get(host).await;
        assert!(answer.starts_with("http/1.1 403 "), "{host}: {answer}");
    }
    let mut clear = TcpStream::connect(secure.address).await.unwrap();
    let request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    clear.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let _reset = in_time("the end", clear.read_to_end(&mut answer)).await;
    let told = String::from_utf8_lossy(&answer);
    assert!(!told.contains("HTTP/1.1"), "{told}");
}

/// Catches: one who never ends a handshake, and keeps everybody else waiting.
#[tokio::test]
async fn who_never_shakes_hands_keeps_nobody_waiting() {
    let secure = Secure::start().await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(secure.address).await.unwrap());
    }
    let answered = tokio::time::timeout(Duration::from_secs(8), secure.get("localhost")).await;
    assert!(answered.unwrap().starts_with("http/1.1 200 "));
}

/// Catches: a certificate that is not there, or for another key, found out at the first connection.
#[tokio::test]
async fn a_certificate_that_will_not_do_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("vide.pem");
    std::fs::write(&empty, "").unwrap();
    for (certificate, key) in [
        (empty.clone(), file("key.pem")),
        (file("cert.pem"), empty.clone()),
        (directory.path().join("absent.pem"), file("key.pem")),
        (file("cert.pem"), file("cert.pem")),
    ] {
        let config = Config {
            data_dir: directory.path().join("data"),
            tls_cert: Some(certificate),
            tls_key: Some(key),
            ..Config::default()
        };
        let clock = Arc::new(FixedClock::new(start()));
        let refused = App::open(&config, clock).await;
        assert!(matches!(refused, Err(AppError::Tls(_))));
    }
}
