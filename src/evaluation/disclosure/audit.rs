#![allow(clippy::indexing_slicing)]
//! Finds what must be withheld, and shows of every small count that it stays hidden.
//!
//! A count is hidden when two states of the world are exhibited in which it differs by [`SMALL`], and
//! in which everything that is published is the same: whoever reads it cannot tell which of them is
//! the true one. Where such states are not found ([`exists`]), whether there are none or the search gave
//! up, one more figure is withheld: what is shown is always proven, and at worst too much is withheld.

use std::collections::{BTreeSet, VecDeque};

use super::{SMALL, system::System, worlds::exists};

/// Withholds every figure that shows a small count, and then those from which one could be derived.
pub(super) fn protect(system: &mut System) {
    for figure in 0..system.figures.len() {
        if shows_small(system, figure) {
            system.withhold(figure, true);
        }
    }
    let small = |node: &usize| system.nodes.get(*node).is_some_and(|it| it.is_small);
    let small: Vec<usize> = (0..system.nodes.len()).filter(small).collect();
    // What is hidden stays so when more is withheld: once through is enough.
    let (a,b)=(small.len(), system.figures.iter().filter(|f| f.is_withheld).count());
    let t0 = std::time::Instant::now();
    for node in small {
        let t1 = std::time::Instant::now();
        hide(system, node);
        if t1.elapsed().as_millis() > 500 { eprintln!("  slow {:?} {} {}", t1.elapsed(), system.nodes[node].name, system.nodes[node].value); for sum in &system.nodes[node].sums { eprintln!("     {}", system.sums[*sum].iter().map(|(n,t)| format!("{t}*{}={}{}", system.nodes[*n].name, system.nodes[*n].value, if system.nodes[*n].shown>0 {"!"} else {""})).collect::<Vec<_>>().join(" ; ")); } }
    }
    eprintln!("PUBLISH {:?} nodes {} sums {} small {a} figures {} primary {b} all {}", t0.elapsed(), system.nodes.len(), system.sums.len(), system.figures.len(), system.figures.iter().filter(|f| f.is_withheld).count());
}

/// Withholds what it takes to hide a small count: the nearest figures until it is hidden, and then
/// those of them that it takes.
fn hide(system: &mut System, node: usize) {
    let mut withheld = Vec::new();
    while !is_hidden(system, node) {
        let Some(figures) = nearest(system, node) else {
            // It was not hidden from what was published before, and cannot be any more.
            break;
        };
        for figure in &figures {
            system.withhold(*figure, true);
        }
        eprintln!("    for {} hide {:?}", system.nodes[node].name, figures.iter().map(|f| system.figures[*f].shows.iter().map(|n| format!("{}={}", system.nodes[*n].name, system.nodes[*n].value)).collect::<Vec<_>>()).collect::<Vec<_>>());
        withheld.push(figures);
    }
    // The last one sufficed.
    withheld.pop();
    for figures in withheld {
        for figure in &figures {
            system.withhold(*figure, false);
        }
        if !is_hidden(system, node) {
            for figure in &figures {
                system.withhold(*figure, true);
            }
        }
    }
}

fn shows_small(system: &System, figure: usize) -> bool {
    let figure = system.figures.get(figure).filter(|it| !it.is_past);
    figure.is_some_and(|it| {
        let mut nodes = it.shows.iter().filter_map(|node| system.nodes.get(*node));
        nodes.any(|node| node.is_small)
    })
}

/// The figures that show the nearest of the counts around a hidden one: of several, the smallest that
/// is large enough to hide it among.
fn nearest(system: &System, hidden: usize) -> Option<Vec<usize>> {
    let mut seen = BTreeSet::from([hidden]);
    let mut next = VecDeque::from([(hidden, 0_usize)]);
    let mut found = Vec::new();
    while let Some((node, distance)) = next.pop_front() {
        let Some(it) = system.nodes.get(node) else {
            continue;
        };
        if it.shown > 0 {
            let published = it.shown_by.iter().copied().filter(|figure| {
                let figure = system.figures.get(*figure);
                figure.is_some_and(|it| !it.is_withheld)
            });
            let published: Vec<usize> = published.collect();
            let past = |figure: &usize| system.figures.get(*figure).is_some_and(|it| it.is_past);
            if !published.iter().any(past) {
                let order = (it.value < SMALL, it.value.abs_diff(SMALL), node);
                found.push((distance, order, published));
            }
            continue;
        }
        for sum in it.sums.iter().filter_map(|sum| system.sums.get(*sum)) {
            for (other, _) in sum {
                if seen.insert(*other) {
                    next.push_back((*other, distance + 1));
                }
            }
        }
    }
    found.into_iter().min().map(|(_, _, figures)| figures)
}

/// Whether two states of the world can be exhibited in which a count differs by [`SMALL`].
fn is_hidden(system: &System, node: usize) -> bool {
    let Some(it) = system.nodes.get(node).filter(|it| it.shown == 0) else {
        return false;
    };
    let mut least = it.value;
    // Every state that has less of it makes do with one that has less more.
    while !exists(system, node, (least + SMALL, i64::MAX)) {
        least -= 1;
        if !exists(system, node, (0, least)) {
            return false;
        }
    }
    true
}
