//! From radpostauth to our login answers, with the cause that FreeRADIUS does not tell.

use std::net::IpAddr;

use domain::network::{
    access::{LoginFacts, decide_access},
    ports::SubscriberDirectory as _,
    service_policy::{Access, RejectCause},
};
use persistence::repo::freeradius::{self as tables, AnswerNews, KeptAnswer};
use uuid::Uuid;

use super::{Bridge, BridgeError};

const BATCH: i64 = 1_000;

impl Bridge {
    /// Takes over what FreeRADIUS answered; whether there may be more.
    pub(super) async fn take_answers(&self) -> Result<bool, BridgeError> {
        let read = self.ctx.db.read_platform().await?;
        let news = tables::answer_news(&read, self.isp_id, BATCH).await?;
        read.done().await?;
        if news.is_empty() {
            return Ok(false);
        }
        let taken = news.len();
        let answers: Vec<_> = news.into_iter().map(|one| self.kept(one)).collect();
        let tx = self.begin("take_answers_of_freeradius").await?;
        tables::keep_answers(&tx, self.isp_id, &answers).await?;
        tx.commit().await?;
        Ok(i64::try_from(taken).is_ok_and(|taken| taken == BATCH))
    }

    fn kept(&self, news: AnswerNews) -> KeptAnswer {
        let address: Option<IpAddr> = news
            .nasipaddress
            .as_deref()
            .and_then(|text| text.parse().ok());
        let nas_id = address
            .and_then(|address| self.directory.nas_by_address(address).of(self.isp_id))
            .map_or(Uuid::nil(), |nas| nas.id.as_uuid());
        let answer = match self.answer(&news) {
            Ok(Access::Open) => "accept",
            Ok(Access::Walled) => "accept_walled",
            Err(cause) => cause.as_str(),
        };
        KeptAnswer {
            news,
            nas_id,
            answer,
        }
    }

    /// Why FreeRADIUS most likely answered as it did.
    fn answer(&self, news: &AnswerNews) -> Result<Access, RejectCause> {
        let is_accept = news.reply.as_deref() == Some("Access-Accept");
        let Some(subscriber) = self.directory.subscriber(self.isp_id, &news.username) else {
            return if is_accept {
                Ok(Access::Open)
            } else {
                Err(RejectCause::UnknownUser)
            };
        };
        let settings = self.directory.isp_access(self.isp_id);
        let facts = LoginFacts {
            mac: news
                .callingstationid
                .as_deref()
                .and_then(|text| text.parse().ok()),
            ..LoginFacts::default()
        };
        let decided = decide_access(&subscriber, &settings, &facts, news.authdate);
        match (is_accept, decided) {
            (true, Ok(policy)) => Ok(policy.access),
            (true, Err(_)) => Ok(Access::Open),
            (false, Ok(_)) => Err(RejectCause::WrongPassword),
            (false, Err(cause)) => Err(cause),
        }
    }
}
