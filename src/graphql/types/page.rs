//! Connections: pages of lists.

use std::sync::Arc;

use async_graphql::{
    ComplexObject, Context, ID, Object, Result, SimpleObject, connection::PageInfo,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    access::{GrantHolder, ServiceToken},
    agreement::FundingAgreement,
    cost::Cost,
    event::Event,
    experiment::Experiment,
    import::ImportBatch,
    report::Report,
    site::LabelledSite,
};
use crate::{
    domain::{
        access, agreement, cost, experiment as domain, import, report, site,
        terms::{AgreementId, CostId, ExperimentId, HolderId, ImportId, ReportId, SiteId, TokenId},
    },
    graphql::{api, fault::Fault, prompt::Prompts, scalars::Position},
    limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX},
    read::{
        At, Found,
        experiment::Filter,
        history::Of,
        page::{Cursor, Page, Window},
    },
};

/// The arguments of a connection, checked.
pub(in crate::graphql) fn window(
    first: Option<i32>,
    after: Option<&str>,
    last: Option<i32>,
    before: Option<&str>,
) -> Result<Window, Fault> {
    let from_end = last.is_some() || (before.is_some() && first.is_none());
    if (first.is_some() && last.is_some())
        || (from_end && after.is_some())
        || (!from_end && before.is_some())
    {
        return Err(Fault::PageDirection);
    }
    Ok(Window {
        after: after.map(decode).transpose()?,
        before: before.map(decode).transpose()?,
        limit: page_size(first.or(last))?,
        from_end,
    })
}

/// A page size, checked.
pub(in crate::graphql) fn page_size(asked: Option<i32>) -> Result<u32, Fault> {
    let asked = asked.unwrap_or(PAGE_ITEMS_DEFAULT);
    u32::try_from(asked)
        .ok()
        .filter(|_| (1..=PAGE_ITEMS_MAX).contains(&asked))
        .ok_or(Fault::PageSize {
            asked,
            max: PAGE_ITEMS_MAX,
        })
}

fn decode(cursor: &str) -> Result<Cursor, Fault> {
    BASE64_URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(Fault::Cursor)
}

pub(in crate::graphql) fn encode(cursor: &Cursor) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).unwrap_or_default())
}

/// The moment of a list of which a page was turned: that of its first page.
pub(in crate::graphql) fn continued(
    at: At,
    cursor: Option<&Cursor>,
    order: &str,
) -> Result<At, Fault> {
    match cursor {
        None => Ok(at),
        Some(cursor) if cursor.order != order => Err(Fault::Cursor),
        Some(cursor) if cursor.position > at.position => Err(Fault::CursorAhead {
            asked: cursor.position,
            head: at.position,
        }),
        Some(cursor) => Ok(At {
            position: cursor.position,
            ..at
        }),
    }
}

/// A page of experiments.
pub(in crate::graphql) struct ExperimentConnection {
    pub at: At,
    pub filter: Filter,
    pub page: Arc<Page<Found<ExperimentId, domain::Experiment>>>,
}

/// A page of experiments.
#[Object]
impl ExperimentConnection {
    /// The experiments of the page, each with its cursor.
    async fn edges(&self) -> Vec<ExperimentEdge<'_>> {
        self.page
            .items
            .iter()
            .map(|(cursor, found)| ExperimentEdge {
                cursor,
                node: Experiment::new(self.at, found.clone()),
            })
            .collect()
    }

    /// The experiments of the page.
    async fn nodes(&self) -> Prompts<Experiment> {
        let items = self.page.items.iter();
        let nodes = items.map(|(_, found)| Experiment::new(self.at, found.clone()));
        Prompts(nodes.collect())
    }

    /// Where the page begins and ends.
    async fn page_info(&self) -> PageInfo {
        info(&self.page)
    }

    /// How many experiments there are in the whole list.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<u64> {
        let api = api(ctx);
        let count = api.reads.count_experiments(self.at, &self.filter).await;
        Ok(count.map_err(|error| api.failed_read(&error))?)
    }

    /// The position of the log that the whole list is read at: turning its pages neither skips
    /// nor repeats.
    async fn position(&self) -> Position {
        Position(self.at.position)
    }
}

/// An experiment of a page.
pub(in crate::graphql) struct ExperimentEdge<'a> {
    cursor: &'a Cursor,
    node: Experiment,
}

/// An experiment of a page.
#[Object]
impl ExperimentEdge<'_> {
    /// Its cursor.
    async fn cursor(&self) -> String {
        encode(self.cursor)
    }

    /// The experiment.
    async fn node(&self) -> &Experiment {
        &self.node
    }
}

/// Declares a page of subjects that are listed in one order.
macro_rules! connection {
    ($(#[$doc:meta])* $name:ident, $(#[$edge_doc:meta])* $edge:ident, $node:ident($id:ty, $state:ty)) => {
        $(#[$doc])*
        pub(in crate::graphql) struct $name {
            pub at: At,
            pub page: Page<Found<$id, $state>>,
        }

        $(#[$doc])*
        #[Object]
        impl $name {
            /// What is on the page, each with its cursor.
            async fn edges(&self) -> Vec<$edge<'_>> {
                let items = self.page.items.iter();
                items
                    .map(|(cursor, found)| $edge {
                        cursor,
                        node: $node::new(self.at, found.clone()),
                    })
                    .collect()
            }

            /// What is on the page.
            async fn nodes(&self) -> Vec<$node> {
                let items = self.page.items.iter();
                items
                    .map(|(_, found)| $node::new(self.at, found.clone()))
                    .collect()
            }

            /// Where the page begins and ends.
            async fn page_info(&self) -> PageInfo {
                info(&self.page)
            }

            /// The position of the log that the whole list is read at: turning its pages neither
            /// skips nor repeats.
            async fn position(&self) -> Position {
                Position(self.at.position)
            }
        }

        $(#[$edge_doc])*
        pub(in crate::graphql) struct $edge<'a> {
            cursor: &'a Cursor,
            node: $node,
        }

        $(#[$edge_doc])*
        #[Object]
        impl $edge<'_> {
            /// Its cursor.
            async fn cursor(&self) -> String {
                encode(self.cursor)
            }

            /// What it is the cursor of.
            async fn node(&self) -> &$node {
                &self.node
            }
        }
    };
}

connection! {
    /// A page of funding agreements, by the day of the signature.
    FundingAgreementConnection,
    /// A funding agreement of a page.
    FundingAgreementEdge,
    FundingAgreement(AgreementId, agreement::Agreement)
}

connection! {
    /// A page of costs, by the first day they are of.
    CostConnection,
    /// A cost of a page.
    CostEdge,
    Cost(CostId, cost::Cost)
}

connection! {
    /// A page of imports, the newest first.
    ImportBatchConnection,
    /// An import of a page.
    ImportBatchEdge,
    ImportBatch(ImportId, import::Import)
}

connection! {
    /// A page of published reports, the newest first.
    ReportConnection,
    /// A published report of a page.
    ReportEdge,
    Report(ReportId, report::Report)
}

connection! {
    /// A page of labelled sites, by name, without case or accents.
    LabelledSiteConnection,
    /// A labelled site of a page.
    LabelledSiteEdge,
    LabelledSite(SiteId, site::Site)
}

connection! {
    /// A page of service tokens, the oldest first.
    ServiceTokenConnection,
    /// A service token of a page.
    ServiceTokenEdge,
    ServiceToken(TokenId, access::token::Token)
}

connection! {
    /// A page of holders of grants, the oldest first.
    GrantHolderConnection,
    /// A holder of grants of a page.
    GrantHolderEdge,
    GrantHolder(HolderId, access::holder::Holder)
}

fn info<T>(page: &Page<T>) -> PageInfo {
    PageInfo {
        has_previous_page: page.has_previous,
        has_next_page: page.has_next,
        start_cursor: page.items.first().map(|(cursor, _)| encode(cursor)),
        end_cursor: page.items.last().map(|(cursor, _)| encode(cursor)),
    }
}

/// A page of events, in the order they were recorded.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(in crate::graphql) struct EventConnection {
    /// The events of the page, each with its cursor.
    edges: Vec<EventEdge>,
    /// Where the page begins and ends.
    page_info: PageInfo,
}

/// An event of a page.
#[derive(SimpleObject)]
pub(in crate::graphql) struct EventEdge {
    /// Its cursor: its position.
    cursor: ID,
    /// The event.
    node: Event,
}

#[ComplexObject]
impl EventConnection {
    /// The events of the page.
    async fn nodes(&self) -> Vec<&Event> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

impl EventConnection {
    /// A page of some events, after a position.
    pub(in crate::graphql) async fn read(
        ctx: &Context<'_>,
        at: At,
        of: Of,
        first: Option<i32>,
        after: Option<Position>,
    ) -> Result<Self> {
        let limit = page_size(first)?;
        let after = after.map(|after| after.0).unwrap_or_default();
        let events = Event::page(api(ctx), at, of, after, limit + 1).await?;
        let began = after == crate::domain::terms::Position::START;
        Ok(Self::cut(events, limit, began))
    }

    /// A page from events read, one more than `limit` where there are more.
    pub(in crate::graphql) fn cut(mut events: Vec<Event>, limit: u32, began: bool) -> Self {
        let limit = limit as usize;
        let has_next_page = events.len() > limit;
        events.truncate(limit);
        let cursor = |event: &Event| event.cursor();
        Self {
            page_info: PageInfo {
                has_previous_page: !began,
                has_next_page,
                start_cursor: events.first().map(cursor),
                end_cursor: events.last().map(cursor),
            },
            edges: events
                .into_iter()
                .map(|node| EventEdge {
                    cursor: ID(node.cursor()),
                    node,
                })
                .collect(),
        }
    }
}
