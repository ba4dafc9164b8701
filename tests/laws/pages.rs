//! Laws of paging: turning pages neither skips nor repeats.

use std::sync::Arc;

use proptest::{prelude::*, sample::Index};

use carnet::{
    domain::{
        entry::Entry,
        experiment::Experiment,
        terms::{ExperimentId, Position},
    },
    read::{
        At, Found, ReadModels, Sight,
        experiment::{Filter, Order},
        page::{Cursor, Window},
    },
};

use super::{
    answers::orders,
    histories::{MODELS, lists, on},
    notebook::{Notebook, Verdict, for_all},
};

type Items = Vec<(Cursor, Found<ExperimentId, Experiment>)>;

/// Would catch: a cursor that loses those who share its sort key, a page that ends one too early,
/// a list that moves under the reader when something is recorded between two pages.
#[test]
fn pages_give_each_once_in_order() {
    for_all(
        (lists(40), any::<Index>(), 1..5_u32),
        async |(entries, moment, limit): (Vec<Entry>, Index, u32)| -> Verdict {
            let notebook = Notebook::of(&entries).await;
            let database = notebook.projected(Arc::clone(&notebook.log), 1000).await;
            let head = usize::try_from(notebook.head().0).unwrap();
            let at = At {
                position: Position(moment.index(head + 1) as u64),
                on: on(700),
                sight: Sight::ALL,
            };
            let filters = [
                Filter::default(),
                Filter {
                    models: Some(MODELS[..2].to_vec()),
                    ..Filter::default()
                },
            ];
            for filter in &filters {
                for order in orders() {
                    let list = List {
                        reads: &database.reads,
                        at,
                        filter,
                        order,
                    };
                    let whole = list.page(None, 1000, false).await.0;
                    let count = database.reads.count_experiments(at, filter).await.unwrap();
                    prop_assert_eq!(whole.len() as u64, count);
                    prop_assert_eq!(&list.forwards(limit).await?, &whole);
                    prop_assert_eq!(&list.backwards(limit).await?, &whole);
                    list.between(&whole).await?;
                }
            }
            Ok(())
        },
    );
}

/// A list, at a moment.
struct List<'a> {
    reads: &'a ReadModels,
    at: At,
    filter: &'a Filter,
    order: Order,
}

impl List<'_> {
    /// A page that begins, or ends, at a cursor, and whether there are more before and after.
    async fn page(
        &self,
        cursor: Option<Cursor>,
        limit: u32,
        from_end: bool,
    ) -> (Items, bool, bool) {
        let (after, before) = if from_end {
            (None, cursor)
        } else {
            (cursor, None)
        };
        let window = Window {
            after,
            before,
            limit,
            from_end,
        };
        let page = self
            .reads
            .experiments(self.at, self.filter, self.order, &window)
            .await
            .unwrap();
        (page.items.clone(), page.has_previous, page.has_next)
    }

    async fn forwards(&self, limit: u32) -> Result<Items, TestCaseError> {
        let mut all: Items = Vec::new();
        loop {
            let cursor = all.last().map(|(cursor, _)| cursor.clone());
            let began = cursor.is_none();
            let (items, before, after) = self.page(cursor, limit, false).await;
            prop_assert!(items.len() <= limit as usize);
            prop_assert_eq!(before, !began);
            prop_assert!(
                !after || items.len() == limit as usize,
                "a short page goes on"
            );
            all.extend(items);
            if !after {
                return Ok(all);
            }
        }
    }

    async fn backwards(&self, limit: u32) -> Result<Items, TestCaseError> {
        let mut all: Items = Vec::new();
        loop {
            let cursor = all.first().map(|(cursor, _)| cursor.clone());
            let began = cursor.is_none();
            let (mut items, before, after) = self.page(cursor, limit, true).await;
            prop_assert!(items.len() <= limit as usize);
            prop_assert_eq!(after, !began);
            prop_assert!(
                !before || items.len() == limit as usize,
                "a short page goes on"
            );
            items.append(&mut all);
            all = items;
            if !before {
                return Ok(all);
            }
        }
    }

    /// What comes after one item, and before another, is what stands between them.
    async fn between(&self, whole: &Items) -> Verdict {
        for (first, (after, _)) in whole.iter().enumerate() {
            for (last, (before, _)) in whole.iter().enumerate().skip(first + 1) {
                for from_end in [false, true] {
                    let window = Window {
                        after: Some(after.clone()),
                        before: Some(before.clone()),
                        limit: 1000,
                        from_end,
                    };
                    let page = self
                        .reads
                        .experiments(self.at, self.filter, self.order, &window)
                        .await
                        .unwrap();
                    prop_assert_eq!(&page.items[..], &whole[first + 1..last]);
                }
            }
        }
        Ok(())
    }
}
