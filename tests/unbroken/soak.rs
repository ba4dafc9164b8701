//! A day of dashboards, compressed: they come and go, some read slowly, some are dead, some flood; and
//! when they are gone, nothing of them is left.

use std::{collections::BTreeMap, fs, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    ask::{Client, pause},
    harness::{
        chance::Chance,
        failure::{Checked, Failure, fail, hold},
        report::Report,
    },
    notes::Notes,
    server::{Lives, PATIENCE, Server},
    world::EXPERIMENTS,
    world::Filter,
    writers,
};

/// How many there are at once.
const AT_ONCE: u64 = 60;
/// In how many parts the run is looked at.
const PARTS: usize = 10;
/// What is recorded meanwhile: much in the first parts, a little in each one later. What is kept by design, of
/// the log, of answers and of what was told, so fills up in the first half; what grows later was left by
/// those who are gone.
const EVENTS: [u64; PARTS] = [600, 600, 600, 40, 40, 40, 40, 40, 40, 40];
/// By so much more memory may be in use in the second half than in the first, in KiB: what was freed goes back
/// to the system when it pleases the allocator.
const GROWTH_KIB: u64 = 48 * 1024;

/// What a client does.
#[derive(Debug, Clone, Copy)]
enum Habit {
    /// Reads what it is told, for a while, and says goodbye.
    Reads,
    /// Leaves without a word.
    Vanishes,
    /// Asks for everything since ever, and reads nothing.
    Dead,
    /// Reads a little now and then.
    Slow,
    /// Asks and completes, again and again, and pings.
    Floods,
    /// Sends what is no message.
    Babbles,
    /// Opens a connection and says nothing.
    Mute,
    /// Follows by server-sent events, reads some, and leaves without a word.
    Listens,
    /// Follows by parts, and reads nothing.
    Deaf,
}

const HABITS: [Habit; 9] = [
    Habit::Reads,
    Habit::Vanishes,
    Habit::Dead,
    Habit::Slow,
    Habit::Floods,
    Habit::Babbles,
    Habit::Mute,
    Habit::Listens,
    Habit::Deaf,
];

/// What the program holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    memory_kib: u64,
    tasks: u64,
    sockets: u64,
}

/// Runs it with so many clients in all.
pub(crate) async fn run(seed: u64, clients: u64, report: &mut Report) -> Checked {
    let mut chance = Chance::new(seed, 0);
    let root = tempfile::tempdir().unwrap();
    let mut server = Server::new(root.path(), None);
    server.start().await?;
    let (lives, token) = (server.lives(), server.token());
    let mut client = Client::new(lives.clone(), &token);
    let notes = Arc::new(Notes::default());
    writers::begin(&mut client, &notes, &mut chance).await?;
    let begun = held(&server, &token).await?;
    let (_fail, failed) = watch::channel(false);
    let mut parts = Vec::new();
    let mut habits = BTreeMap::new();
    for events in EVENTS {
        let until = *notes.count.borrow() + events;
        let mut writing = Chance::new(chance.number(), 1);
        let recording = writers::record_at_once(
            &lives,
            &token,
            &notes,
            (until, failed.clone()),
            &mut writing,
        );
        let coming = come_and_go(
            &lives,
            &token,
            clients / PARTS as u64,
            &mut chance,
            &mut habits,
        );
        tokio::try_join!(recording, coming)?;
        parts.push(settled(&server, &token, begun).await?);
    }
    for (number, part) in (1..).zip(&parts) {
        report.add(format!("KiB after part {number}"), part.memory_kib);
    }
    for (habit, number) in habits {
        report.add(habit, number);
    }
    let (first, second) = parts.split_at(PARTS / 2);
    let most = |half: &[Held]| half.iter().map(|held| held.memory_kib).max();
    hold(
        most(second) <= most(first).map(|first| first + GROWTH_KIB),
        || format!("memory grows: {parts:?}"),
    )?;
    server.stop().await?;
    server.silent()
}

/// Some clients after others, each with its habit.
async fn come_and_go(
    lives: &Lives,
    token: &str,
    clients: u64,
    chance: &mut Chance,
    habits: &mut BTreeMap<String, u64>,
) -> Checked {
    let mut here = JoinSet::new();
    for number in 0..clients {
        if number >= AT_ONCE
            && let Some(gone) = here.join_next().await
        {
            gone.map_err(|err| Failure(format!("a client: {err}")))?;
        }
        let habit = *chance.pick(&HABITS);
        *habits.entry(format!("{habit:?}")).or_default() += 1;
        let (lives, token) = (lives.clone(), token.to_owned());
        let mut chance = Chance::new(chance.number(), number);
        here.spawn(async move {
            // However it is told to go, it goes: that is what is tried.
            let _gone = timeout(PATIENCE, live(habit, &lives, &token, &mut chance)).await;
        });
    }
    while let Some(gone) = here.join_next().await {
        gone.map_err(|err| Failure(format!("a client: {err}")))?;
    }
    Ok(())
}

async fn live(habit: Habit, lives: &Lives, token: &str, chance: &mut Chance) -> Option<()> {
    let address = lives.address()?;
    let mut stream = TcpStream::connect(address).await.ok()?;
    if let Habit::Mute = habit {
        stream
            .write_all(b"GET /graphql HTTP/1.1\r\nhost: localhost\r\n")
            .await
            .ok()?;
        pause(Duration::from_millis(chance.below(50))).await;
        return Some(());
    }
    if let Habit::Listens | Habit::Deaf = habit {
        return over_http(habit, stream, token, chance).await;
    }
    let mut request = format!("ws://{address}/graphql")
        .into_client_request()
        .ok()?;
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = client_async(request, stream).await.ok()?;
    let init = json!({ "type": "connection_init",
        "payload": { "authorization": format!("Bearer {token}") } });
    say(&mut socket, &init).await?;
    socket.next().await?.ok()?;
    let ask = |id: u64, chance: &mut Chance| {
        let payload = Filter::any(chance, EXPERIMENTS).request(0);
        json!({ "id": id.to_string(), "type": "subscribe", "payload": payload })
    };
    match habit {
        Habit::Mute | Habit::Listens | Habit::Deaf => {}
        Habit::Reads | Habit::Vanishes => {
            say(&mut socket, &ask(1, chance)).await?;
            for _ in 0..chance.within(1, 80) {
                timeout(Duration::from_millis(200), socket.next())
                    .await
                    .ok()??
                    .ok()?;
            }
            if let Habit::Reads = habit {
                say(&mut socket, &json!({ "id": "1", "type": "complete" })).await?;
                socket.close(None).await.ok()?;
            }
        }
        Habit::Dead => {
            for id in 0..20 {
                let payload = Filter::All.request(0);
                say(
                    &mut socket,
                    &json!({ "id": id.to_string(), "type": "subscribe", "payload": payload }),
                )
                .await?;
            }
            pause(Duration::from_millis(chance.below(800))).await;
        }
        Habit::Slow => {
            say(&mut socket, &ask(1, chance)).await?;
            for _ in 0..20 {
                pause(Duration::from_millis(chance.below(20))).await;
                timeout(Duration::from_millis(100), socket.next())
                    .await
                    .ok()??
                    .ok()?;
            }
        }
        Habit::Floods => {
            for id in 0..60 {
                say(&mut socket, &ask(id, chance)).await?;
                say(
                    &mut socket,
                    &json!({ "type": "ping", "payload": { "a": "é".repeat(200) } }),
                )
                .await?;
                say(
                    &mut socket,
                    &json!({ "id": id.to_string(), "type": "complete" }),
                )
                .await?;
            }
        }
        Habit::Babbles => {
            let nonsense = match chance.below(4) {
                0 => Message::binary(vec![0_u8; 100]),
                1 => Message::text("{"),
                2 => Message::text("{\"type\":\"subscribe\",\"id\":\"1\"}"),
                _ => Message::text("x".repeat(300_000)),
            };
            socket.send(nonsense).await.ok()?;
            while let Some(Ok(_)) = socket.next().await {}
        }
    }
    Some(())
}

/// Follows over HTTP itself, as written by hand.
async fn over_http(
    habit: Habit,
    mut stream: TcpStream,
    token: &str,
    chance: &mut Chance,
) -> Option<()> {
    let listens = matches!(habit, Habit::Listens);
    let (filter, accepts) = if listens {
        (Filter::any(chance, EXPERIMENTS), "text/event-stream")
    } else {
        (Filter::All, "multipart/mixed;subscriptionSpec=1.0")
    };
    let body = filter.request(0).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\naccept: {accepts}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()?;
    if !listens {
        // Deaf: it is told, and takes nothing.
        pause(Duration::from_millis(chance.below(800))).await;
        return Some(());
    }
    let mut piece = [0; 4096];
    for _ in 0..chance.within(1, 80) {
        let reading = stream.read(&mut piece);
        let read = timeout(Duration::from_millis(200), reading).await;
        read.ok()?.ok().filter(|read| *read > 0)?;
    }
    Some(())
}

async fn say(socket: &mut WebSocketStream<TcpStream>, message: &serde_json::Value) -> Option<()> {
    socket.send(Message::text(message.to_string())).await.ok()
}

/// What is held once those who came are gone: it is waited for, since a server learns late of who vanished.
async fn settled(server: &Server, token: &str, begun: Held) -> Checked<Held> {
    let settled = async {
        loop {
            let held = held(server, token).await?;
            if held.tasks <= begun.tasks + 2 && held.sockets <= begun.sockets + 2 {
                return Ok(held);
            }
            pause(Duration::from_millis(100)).await;
        }
    };
    if let Ok(held) = timeout(PATIENCE, settled).await {
        return held;
    }
    let held = held(server, token).await?;
    fail(format!(
        "something of who is gone is left: {held:?}, {begun:?} at first"
    ))
}

async fn held(server: &Server, token: &str) -> Checked<Held> {
    let address = server.lives().listening().await;
    let failure = |err: reqwest::Error| Failure(err.to_string());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{address}/metrics");
    let answer = http
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .map_err(failure)?;
    let metrics = answer.text().await.map_err(failure)?;
    let tasks = metrics
        .lines()
        .find_map(|line| line.strip_prefix("carnet_tasks "));
    let of = format!("/proc/{}", server.pid());
    let status = fs::read_to_string(format!("{of}/status")).unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let memory = memory.and_then(|line| line.split_whitespace().next());
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
    match (number(memory), number(tasks)) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole numbers"
        )]
        (Some(memory), Some(tasks)) => Ok(Held {
            memory_kib: memory as u64,
            tasks: tasks as u64,
            sockets: sockets(&of),
        }),
        _ => fail("the program does not tell what it holds"),
    }
}

/// How many connections are open, by where the process of that folder is told.
fn sockets(of: &str) -> u64 {
    let files = fs::read_dir(format!("{of}/fd")).unwrap();
    // What is closed meanwhile is not open.
    let targets = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    let sockets = targets.filter(|it| it.to_string_lossy().starts_with("socket:"));
    sockets.count() as u64
}
