//! From radacct to our sessions: each state of a row is a report, and reports may come twice.

use std::{net::IpAddr, sync::Arc};

use domain::{
    ids::CustomerId,
    network::{
        nas::Nas,
        ports::SubscriberDirectory as _,
        session::{AccountingEvent, AccountingRecord, SessionKey, SessionUsage},
    },
};
use persistence::repo::freeradius::{self as tables, SessionNews};
use sha2::{Digest, Sha256};

use super::{Bridge, BridgeError};

const BATCH: i64 = 1_000;

impl Bridge {
    /// Takes over what FreeRADIUS wrote of sessions; whether there may be more.
    pub(super) async fn take_sessions(&self) -> Result<bool, BridgeError> {
        let read = self.ctx.db.read_platform().await?;
        let news = tables::session_news(&read, self.isp_id, BATCH).await?;
        read.done().await?;
        if news.is_empty() {
            return Ok(false);
        }
        let records: Vec<_> = news
            .iter()
            .filter_map(|one| self.record(one).map(Arc::new))
            .collect();
        let unknown = news.len() - records.len();
        if unknown > 0 {
            tracing::warn!(
                sessions = unknown,
                "radacct names routers that are no RADIUS client: store Packet-Src-IP-Address"
            );
        }
        // First stored, then forgotten: between the two a crash only has it stored twice.
        self.sink.record(records).await?;
        let tx = self.begin("take_sessions_of_freeradius").await?;
        tables::session_news_done(&tx, &news).await?;
        tx.commit().await?;
        Ok(i64::try_from(news.len()).is_ok_and(|taken| taken == BATCH))
    }

    fn record(&self, news: &SessionNews) -> Option<AccountingRecord> {
        let address: IpAddr = news.nasipaddress.parse().ok()?;
        let nas = self.directory.nas_by_address(address).of(self.isp_id)?;
        let event = news.event();
        let at = match event {
            AccountingEvent::Stop { .. } => news.acctstoptime,
            AccountingEvent::Start
            | AccountingEvent::Interim
            | AccountingEvent::NasOn
            | AccountingEvent::NasOff => news.acctupdatetime.or(news.acctstarttime),
        };
        Some(AccountingRecord {
            isp_id: nas.isp_id,
            nas_id: nas.id,
            nas_address: address,
            customer_id: news.customer_id.map(CustomerId::from_uuid),
            session_key: session_key(&news.acctuniqueid),
            event,
            acct_session_id: news.acctsessionid.clone(),
            username: news.username.clone().unwrap_or_default(),
            framed_ip: news
                .framedipaddress
                .as_deref()
                .and_then(|text| text.parse().ok()),
            calling_station_id: news.callingstationid.clone(),
            nas_port_id: news.nasportid.clone(),
            class: news.class.clone().map(String::into_bytes),
            usage: usage(news, &nas),
            event_time: at?,
            stamped: true,
            walled: news.walled.unwrap_or(false),
        })
    }
}

fn usage(news: &SessionNews, nas: &Nas) -> SessionUsage {
    let octets = |count: Option<i64>| u64::try_from(count?).ok();
    let (input, output) = (octets(news.acctinputoctets), octets(news.acctoutputoctets));
    let (input_octets, output_octets) = if nas.swap_octets {
        (output, input)
    } else {
        (input, output)
    };
    SessionUsage {
        input_octets,
        output_octets,
        session_time: news
            .acctsessiontime
            .and_then(|time| u32::try_from(time).ok()),
        // FreeRADIUS's queries add the gigawords, so that its totals have 64 bits.
        gigawords: true,
    }
}

/// FreeRADIUS's identity is an MD5 in hexadecimal, as long as ours; anything else is hashed.
fn session_key(unique_id: &str) -> SessionKey {
    let mut key = [0; 16];
    if hex::decode_to_slice(unique_id, &mut key).is_err() {
        for (to, from) in key.iter_mut().zip(Sha256::digest(unique_id)) {
            *to = from;
        }
    }
    SessionKey::from_bytes(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_become_keys() {
        let key = session_key("000102030405060708090a0b0c0d0e0f");
        assert_eq!(key.as_bytes().last(), Some(&15));
        assert_ne!(session_key("short"), session_key("other"));
    }
}
