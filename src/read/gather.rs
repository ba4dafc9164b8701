//! Questions of one kind that are asked at the same time, gathered into one statement.
//!
//! A list of 100 experiments asks 100 times for permanences, each question by itself, and all of them
//! before any is answered. The first to ask waits until no other comes; it then reads for all.
//! A question waits but for what the same request asks: nothing is gathered over two requests, and
//! nothing is kept, so that an answer is as fresh as one that was asked alone.
//!
//! **Invariant.** Who asks is answered as if it had asked alone: what is gathered was asked of the same
//! moment, and so with the same sight.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    sync::oneshot,
    task::{unconstrained, yield_now},
};

use super::ReadError;

/// What was found, by what was asked for; what is not there was not found.
pub(super) type Answers<K, V> = HashMap<K, V>;

/// After so many turns in which nobody else asked, what was asked is read.
const QUIET_TURNS: u32 = 4;

type Outcome<V> = Result<V, Arc<ReadError>>;

/// Those who wait for the answers to questions that have the same in common.
#[derive(Debug)]
struct Waiting<K, V> {
    /// What they ask for, in the order it was first asked for.
    keys: Vec<K>,
    senders: HashMap<K, Vec<oneshot::Sender<Outcome<V>>>>,
    /// How many asked.
    asked: usize,
}

impl<K, V> Default for Waiting<K, V> {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            senders: HashMap::new(),
            asked: 0,
        }
    }
}

/// Questions of one kind: `Q` is what they have in common, the moment first of all; `K` is what each
/// asks for.
#[derive(Debug)]
pub(super) struct Gather<Q, K, V>(Mutex<HashMap<Q, Waiting<K, V>>>);

impl<Q, K, V> Default for Gather<Q, K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q, K, V> Gather<Q, K, V>
where
    Q: Clone + Eq + Hash,
    K: Copy + Eq + Hash,
    V: Clone + Default,
{
    /// What is found of each of `keys`, read by `read` with what is asked at the same time.
    pub(super) async fn ask<F>(
        &self,
        of: &Q,
        keys: &[K],
        read: impl Fn(Vec<K>) -> F,
    ) -> Result<Answers<K, V>, ReadError>
    where
        F: Future<Output = Result<Answers<K, V>, ReadError>>,
    {
        let mut found = HashMap::with_capacity(keys.len());
        // Who reads for others may be dropped before it has read: then they ask again.
        loop {
            let mut asked = HashSet::new();
            let missing = keys.iter().copied();
            let missing: Vec<K> = missing
                .filter(|key| !found.contains_key(key) && asked.insert(*key))
                .collect();
            if missing.is_empty() {
                return Ok(found);
            }
            let (first, answers) = self.wait(of, &missing);
            if first {
                self.lead(of, &read).await;
            }
            for (key, answer) in missing.into_iter().zip(answers) {
                if let Ok(outcome) = unconstrained(answer).await {
                    found.insert(key, outcome.map_err(ReadError::Gathered)?);
                }
            }
        }
    }

    /// Waits for some answers; whether nobody did before, who would read them.
    fn wait(&self, of: &Q, keys: &[K]) -> (bool, Vec<oneshot::Receiver<Outcome<V>>>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !all.contains_key(of);
        let waiting = all.entry(of.clone()).or_default();
        waiting.asked += keys.len();
        let answers = keys.iter().map(|key| {
            let (sender, answer) = oneshot::channel();
            let others = waiting.senders.entry(*key).or_default();
            if others.is_empty() {
                waiting.keys.push(*key);
            }
            others.push(sender);
            answer
        });
        (first, answers.collect())
    }

    /// Reads for all who ask, once no more of them come.
    async fn lead<F>(&self, of: &Q, read: impl Fn(Vec<K>) -> F)
    where
        F: Future<Output = Result<Answers<K, V>, ReadError>>,
    {
        let leading = Leading(self, of);
        let (mut asked, mut turns) = (self.asked(of), 0);
        // The whole request goes on until it can do nothing but wait; it may be interrupted on the
        // way, so that one turn in which nobody came tells nothing yet.
        while turns < QUIET_TURNS {
            yield_now().await;
            let now = self.asked(of);
            turns = if now == asked { turns + 1 } else { 0 };
            asked = now;
        }
        let Some(Waiting { keys, senders, .. }) = leading.take() else {
            return;
        };
        match read(keys).await {
            Ok(mut found) => {
                for (key, senders) in senders {
                    let value = found.remove(&key).unwrap_or_default();
                    for sender in senders {
                        // Who no longer waits needs no answer.
                        drop(sender.send(Ok(value.clone())));
                    }
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for sender in senders.into_values().flatten() {
                    drop(sender.send(Err(Arc::clone(&error))));
                }
            }
        }
    }

    fn asked(&self, of: &Q) -> usize {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(of).map_or(0, |waiting| waiting.asked)
    }
}

/// Who is to read what was asked. Dropped before it took that up, it lets go of all who wait.
struct Leading<'a, Q: Eq + Hash, K, V>(&'a Gather<Q, K, V>, &'a Q);

impl<Q: Eq + Hash, K, V> Leading<'_, Q, K, V> {
    fn take(self) -> Option<Waiting<K, V>> {
        let taken = self.remove();
        // Nothing is left to let go of: whoever asks from now on reads for itself.
        std::mem::forget(self);
        taken
    }

    fn remove(&self) -> Option<Waiting<K, V>> {
        let mut all = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(self.1)
    }
}

impl<Q: Eq + Hash, K, V> Drop for Leading<'_, Q, K, V> {
    fn drop(&mut self) {
        drop(self.remove());
    }
}
