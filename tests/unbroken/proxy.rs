//! A bad link: it delays, splits what passes, and tears.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinSet,
};

use crate::{harness::chance::Chance, server::Lives};

/// What passes at once at most: less than many messages, so that they are torn in two.
const PIECE: usize = 1_500;

/// Where to connect to, and how often it tore a link.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) torn: Arc<AtomicU64>,
}

impl Proxy {
    /// A link to the program, whichever of its lives it is in.
    pub(crate) async fn start(lives: Lives, mut chance: Chance) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let torn = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&torn);
        tokio::spawn(async move {
            let mut links = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                while links.try_join_next().is_some() {}
                let (seed, lives) = (chance.number(), lives.clone());
                let counter = Arc::clone(&counter);
                links.spawn(async move {
                    let mut chance = Chance::new(seed, 0);
                    if link(client, &lives, &mut chance).await {
                        counter.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        Self { address, torn }
    }
}

/// Passes on what comes until an end is gone, or the link tears; whether it tore.
async fn link(client: TcpStream, lives: &Lives, chance: &mut Chance) -> bool {
    let Some(address) = lives.address() else {
        return false;
    };
    let Ok(server) = TcpStream::connect(address).await else {
        return false;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Half of the links hold.
    let bears = |chance: &mut Chance| {
        if chance.one_in(2) {
            u64::MAX
        } else {
            chance.within(200, 40_000)
        }
    };
    let (up, down) = (bears(chance), bears(chance));
    let slow = chance.one_in(8);
    let (a, b) = (
        Chance::new(chance.number(), 1),
        Chance::new(chance.number(), 2),
    );
    tokio::select! {
        torn = pass(from_client, to_server, up, false, a) => torn,
        torn = pass(from_server, to_client, down, slow, b) => torn,
    }
}

/// One way, until so many bytes have passed; whether it tore then.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    bears: u64,
    slow: bool,
    mut chance: Chance,
) -> bool {
    let mut left = bears;
    let mut piece = [0; PIECE];
    loop {
        let most = if chance.one_in(4) {
            1 + chance.index(PIECE)
        } else {
            PIECE
        };
        let Ok(length @ 1..) = from.read(&mut piece[..most]).await else {
            return false;
        };
        if chance.one_in(if slow { 4 } else { 400 }) {
            delay(Duration::from_micros(chance.below(5_000))).await;
        }
        let passing = length.min(usize::try_from(left).unwrap_or(usize::MAX));
        if to.write_all(&piece[..passing]).await.is_err() {
            return false;
        }
        left -= passing as u64;
        if left == 0 {
            // As links do: without a farewell, mostly.
            if chance.one_in(2) {
                let _gone = to.as_ref().set_zero_linger();
            }
            return true;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bad link delays what passes")]
async fn delay(time: Duration) {
    tokio::time::sleep(time).await;
}
