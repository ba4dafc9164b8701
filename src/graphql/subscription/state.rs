//! How things stand, told at the beginning and again whenever it may be otherwise: since something
//! was recorded that counts, or since another day has begun. What comes while an item rests becomes
//! one, however much it is: nothing is computed twice, and the last change is always told.

use std::time::Duration;

use chrono::{Days, NaiveDate, TimeZone};
use chrono_tz::Tz;
use futures_util::{FutureExt, future::BoxFuture};

use super::driver::{Found, Since, Source};
use crate::{
    domain::{holiday, terms::Position},
    graphql::{
        Means,
        fault::Fault,
        types::live::{Occasion, ToldBecause},
    },
    limits::DAY_LOOK,
    read::{
        At,
        touch::{Order, Touching},
    },
};

/// Of two touches it is known that they are not one.
const SEVERAL: u32 = 2;

/// Whether something was touched.
pub(super) enum Caused {
    /// It was not.
    Nothing,
    /// By this event, or by several.
    By(Option<Position>),
}

/// What touched something after a position, up to the moment's.
pub(super) async fn caused(
    api: Means<'_>,
    at: At,
    touching: &Touching,
    after: Position,
) -> Result<Caused, Fault> {
    let newest = (Order::Newest, SEVERAL);
    let touches = api.reads.touches(at, touching, after, newest).await;
    let touches = touches.map_err(|error| api.failed_read(&error))?;
    Ok(match touches.as_slice() {
        [] => Caused::Nothing,
        [one] => Caused::By(Some(one.position)),
        [_, ..] => Caused::By(None),
    })
}

/// What is watched for.
pub(super) struct Watch {
    pub touching: Touching,
    /// Where it is told which day it is.
    zone: Tz,
    /// The day of the item that was told last.
    day: Option<NaiveDate>,
    /// Whether that is another day than the one before.
    pub new_day: bool,
}

impl Watch {
    /// For what touches something, and for the day of a departement, of metropolitan France where
    /// none is told.
    pub(super) fn new(touching: Touching, departement: Option<&str>) -> Self {
        Self {
            touching,
            zone: holiday::zone(departement.unwrap_or_default()),
            day: None,
            new_day: false,
        }
    }

    /// The day it is.
    fn today(&self, api: Means<'_>) -> NaiveDate {
        api.clock.now().with_timezone(&self.zone).date_naive()
    }

    /// The occasion to tell how things stand at the moment, if there is one.
    pub(super) async fn look(
        &mut self,
        api: Means<'_>,
        at: At,
        since: Since,
    ) -> Result<Option<Occasion>, Fault> {
        let today = self.today(api);
        let at = At { on: today, ..at };
        let occasion = |because, cause| Some(Occasion { at, because, cause });
        if since.fresh {
            self.day = Some(today);
            return Ok(occasion(ToldBecause::Beginning, None));
        }
        let caused = caused(api, at, &self.touching, since.after).await?;
        // Who goes on after a cut has seen the day on which that was recorded, or a later one: where
        // it may have missed one, it is told.
        let seen = if self.day.is_some() {
            self.day
        } else {
            let recorded_at = api.reads.recorded_at(since.after).await;
            let recorded_at = recorded_at.map_err(|error| api.failed_read(&error))?;
            recorded_at.map(|it| it.with_timezone(&self.zone).date_naive())
        };
        self.day = Some(today);
        self.new_day = seen.is_some_and(|seen| seen != today);
        Ok(match caused {
            Caused::Nothing if !self.new_day => None,
            Caused::Nothing => occasion(ToldBecause::NewDay, None),
            Caused::By(cause) => occasion(ToldBecause::Recorded, cause),
        })
    }

    /// Resolves once another day has begun than that of the last item.
    pub(super) async fn new_day(&self, api: Means<'_>) {
        loop {
            let now = api.clock.now().with_timezone(&self.zone);
            if self.day.is_some_and(|day| day != now.date_naive()) {
                return;
            }
            let tomorrow = now.date_naive().checked_add_days(Days::new(1));
            let begins = tomorrow.and_then(|day| day.and_hms_opt(0, 0, 0));
            let begins = begins.and_then(|it| self.zone.from_local_datetime(&it).earliest());
            let left = begins.and_then(|begins| begins.signed_duration_since(now).to_std().ok());
            api.clock
                .pause(left.unwrap_or(DAY_LOOK).min(DAY_LOOK))
                .await;
        }
    }
}

/// What is found where there is one item, or none.
pub(super) fn found<T>(at: At, item: Option<T>) -> Found<T> {
    Found {
        items: item.into_iter().map(|item| (at.position, item)).collect(),
        upto: at.position,
        more: false,
    }
}

/// How things stand, as `tell` tells it of an occasion.
pub(super) struct Standing<F> {
    pub watch: Watch,
    /// How long an item rests.
    pub rest: Duration,
    pub tell: F,
}

impl<'a, T, F> Source<'a> for Standing<F>
where
    T: Send + 'a,
    F: Fn(Occasion) -> T + Send + Sync + 'a,
{
    type Item = T;

    fn read<'s>(
        &'s mut self,
        api: Means<'a>,
        at: At,
        since: Since,
    ) -> BoxFuture<'s, Result<Found<T>, Fault>>
    where
        'a: 's,
    {
        async move {
            let occasion = self.watch.look(api, at, since).await?;
            Ok(found(at, occasion.map(&self.tell)))
        }
        .boxed()
    }

    fn rest(&self) -> Duration {
        self.rest
    }

    fn due<'s>(&'s self, api: Means<'a>) -> BoxFuture<'s, ()>
    where
        'a: 's,
    {
        self.watch.new_day(api).boxed()
    }
}
