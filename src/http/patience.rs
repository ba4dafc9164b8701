//! How long a connection is waited for that takes nothing.
//!
//! Whatever is written to a client goes through here: an answer, a stream, a socket. One that takes not a
//! byte for as long as a heartbeat is given up, and one that takes none when the server stops holds it up
//! no longer than a moment. A client who is slow, and no more than that, is waited for.

use std::{
    future::pending,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::watch,
    time::timeout,
};

use super::stopping;
use crate::limits::CLOSING;

/// How long a client is waited for.
#[derive(Debug, Clone)]
pub struct Patience {
    /// While it takes nothing.
    pub wait: Duration,
    /// Says that the server stops.
    pub stop: watch::Receiver<bool>,
}

impl Patience {
    /// Resolves once a client that takes nothing from now on is given up.
    async fn ends(mut self) {
        let stopped = async {
            stopping(&mut self.stop).await;
            let _ended = timeout(CLOSING, pending::<()>()).await;
        };
        let _ended = timeout(self.wait, stopped).await;
    }
}

/// Listens as another does, and waits for clients with patience.
#[derive(Debug)]
pub struct Patient<L> {
    listener: L,
    patience: Patience,
}

impl<L> Patient<L> {
    /// Listens on `listener`.
    pub const fn new(listener: L, patience: Patience) -> Self {
        Self { listener, patience }
    }
}

impl<L: Listener<Addr = SocketAddr>> Listener for Patient<L> {
    type Io = PatientIo<L::Io>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (io, address) = self.listener.accept().await;
        let io = PatientIo {
            io,
            patience: self.patience.clone(),
            writing: None,
            flushing: None,
        };
        (io, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Ends once patience does; there while something is waited for.
type Waiting = Option<Pin<Box<dyn Future<Output = ()> + Send>>>;

/// A connection that is waited for with patience.
pub struct PatientIo<I> {
    io: I,
    patience: Patience,
    writing: Waiting,
    flushing: Waiting,
}

/// What was tried, or that it was tried in vain for too long.
fn waited<T>(
    tried: Poll<io::Result<T>>,
    waiting: &mut Waiting,
    patience: &Patience,
    context: &mut Context<'_>,
) -> Poll<io::Result<T>> {
    if tried.is_ready() {
        *waiting = None;
        return tried;
    }
    let waiting = waiting.get_or_insert_with(|| Box::pin(patience.clone().ends()));
    let ended = waiting.as_mut().poll(context);
    ended.map(|()| Err(io::ErrorKind::TimedOut.into()))
}

impl<I: AsyncRead + Unpin> AsyncRead for PatientIo<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_read(context, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for PatientIo<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let tried = Pin::new(&mut this.io).poll_write(context, bytes);
        waited(tried, &mut this.writing, &this.patience, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let tried = Pin::new(&mut this.io).poll_write_vectored(context, bytes);
        waited(tried, &mut this.writing, &this.patience, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let tried = Pin::new(&mut this.io).poll_flush(context);
        waited(tried, &mut this.flushing, &this.patience, context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let tried = Pin::new(&mut this.io).poll_shutdown(context);
        waited(tried, &mut this.flushing, &this.patience, context)
    }
}
