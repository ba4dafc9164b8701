//! One run: many record, many follow, and the program dies and comes back.

use std::sync::{Arc, atomic::Ordering};

use serde_json::json;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    ask::Client,
    harness::{
        chance::Chance,
        failure::{Checked, Failure, hold},
        report::Report,
    },
    notes::{Notes, Truth},
    proxy::Proxy,
    server::Server,
    stream::Transport,
    subscriber::{Counts, Followed, Subscriber},
    world::{CARRIED, CARRIER, EXPERIMENTS, Filter},
    writers,
};

/// What to do.
#[derive(Debug, Clone)]
pub(crate) struct Campaign {
    pub(crate) seed: u64,
    pub(crate) subscribers: u64,
    pub(crate) events: u64,
    /// How often it is killed; half as often it is told to stop besides.
    pub(crate) deaths: u64,
    pub(crate) bug: Option<&'static str>,
}

/// Over what is followed: one in so many.
const TRANSPORTS: [Transport; 4] = [
    Transport::Socket,
    Transport::Socket,
    Transport::Events,
    Transport::Parts,
];
/// Tokens of each role, so that no caller has all the sockets.
const TOKENS: u64 = 24;

/// Runs it; the first broken promise ends it.
pub(crate) async fn run(campaign: &Campaign, report: &mut Report) -> Checked {
    let mut chance = Chance::new(campaign.seed, 0);
    let root = tempfile::tempdir().unwrap();
    let mut server = Server::new(root.path(), campaign.bug);
    server.start().await?;
    let (lives, token) = (server.lives(), server.token());
    let mut client = Client::new(lives.clone(), &token);
    let notes = Arc::new(Notes::default());
    writers::begin(&mut client, &notes, &mut chance).await?;
    let mut shown = Vec::new();
    for number in 0..TOKENS {
        // Every third one is a carrier's, who is shown its own experiments only.
        let carries = number % 3 == 0;
        let token = issue(&mut client, number, carries, &mut chance).await?;
        shown.push((token, if carries { CARRIED } else { EXPERIMENTS }));
    }
    let begun = notes.truth(&mut client).await?.head();

    let proxy = Proxy::start(lives.clone(), Chance::new(chance.number(), 1)).await;
    let (publish, truth) = watch::channel(None::<Arc<Truth>>);
    let (fail, failed) = watch::channel(false);
    let counts = Counts::default();
    let mut subscribers = JoinSet::new();
    for number in 0..campaign.subscribers {
        let (token, shown) = chance.pick(&shown).clone();
        let transport = TRANSPORTS[usize::try_from(number).unwrap() % TRANSPORTS.len()];
        let streams = match transport {
            Transport::Socket => chance.within(1, 3),
            Transport::Events | Transport::Parts => 1,
        };
        let followed = (0..streams).map(|_| {
            // Mostly from now on, some from some time ago.
            let after = if chance.one_in(4) {
                chance.below(begun)
            } else {
                begun
            };
            Followed::new(Filter::any(&mut chance, shown), after)
        });
        let followed = followed.collect();
        let subscriber = Subscriber {
            transport,
            token,
            shown,
            proxy: (!chance.one_in(4)).then_some(proxy.address),
            lives: lives.clone(),
            followed,
            trusts_heartbeats: chance.one_in(2),
            chance: Chance::new(chance.number(), number),
            counts: Arc::clone(&counts),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        let (truth, fail) = (truth.clone(), fail.clone());
        subscribers.spawn(async move {
            let outcome = subscriber.run(truth).await;
            if outcome.is_err() {
                fail.send_replace(true);
            }
            outcome
        });
    }

    let until = *notes.count.borrow() + campaign.events;
    let recording =
        writers::record_at_once(&lives, &token, &notes, (until, failed.clone()), &mut chance);
    let dying = die(campaign, &mut server, &notes, failed.clone(), report);
    tokio::try_join!(recording, dying)?;
    if !*failed.borrow() {
        writers::end(&mut client, &notes, &mut chance).await?;
        let truth = notes.truth(&mut client).await?;
        report.add("events", truth.head() - begun);
        publish.send_replace(Some(Arc::new(truth)));
    }
    let mut told = 0;
    while let Some(ended) = subscribers.join_next().await {
        told += ended.map_err(|err| Failure(format!("a subscriber: {err}")))??;
    }
    report.add("subscribers", campaign.subscribers);
    report.add("items told", told);
    report.add("links torn", proxy.torn.load(Ordering::Relaxed));
    for (what, number) in &*counts.lock().unwrap() {
        report.add(what.clone(), *number);
    }
    hold(told > 0, || "nobody was told anything".to_owned())?;
    server.stop().await?;
    server.silent()
}

/// The secret of a new token.
async fn issue(
    client: &mut Client,
    number: u64,
    carries: bool,
    chance: &mut Chance,
) -> Checked<String> {
    let document = "mutation ($input: IssueTokenInput!) { issueToken(input: $input) { userErrors { code \
                    message } issued { secret } } }";
    let grant = if carries {
        json!({ "role": "CARRIER", "organisation": CARRIER })
    } else {
        json!({ "role": "EVALUATOR" })
    };
    let id =
        uuid::Builder::from_random_bytes(u128::from(chance.number()).to_be_bytes()).into_uuid();
    let input = json!({ "commandId": id.to_string(), "source": { "label": "Registre" },
        "name": format!("Tableau {number}"), "on": "2021-05-03", "grants": [grant] });
    let data = client.ask(document, &json!({ "input": input })).await?;
    let secret = data["issueToken"]["issued"]["secret"].as_str();
    secret.map_or_else(
        || Err(Failure(format!("no token: {data}"))),
        |secret| Ok(secret.to_owned()),
    )
}

/// Kills the program again and again while it is recorded to, and tells it to stop now and then.
async fn die(
    campaign: &Campaign,
    server: &mut Server,
    notes: &Notes,
    mut failed: watch::Receiver<bool>,
    report: &mut Report,
) -> Checked {
    let begun = *notes.count.borrow();
    let mut count = notes.count.subscribe();
    for death in 1..=campaign.deaths {
        let moment = begun + campaign.events * death / (campaign.deaths + 1);
        tokio::select! {
            reached = count.wait_for(|count| *count >= moment) => { reached.unwrap(); }
            failed = failed.wait_for(|failed| *failed) => { failed.unwrap(); return Ok(()); }
        }
        server.kill().await?;
        report.count("deaths");
        server.start().await?;
        if death % 2 == 0 {
            server.stop().await?;
            report.count("restarts");
            server.start().await?;
        }
    }
    Ok(())
}
