//! Which home servers answer.
//!
//! Each ISP for itself: a server that drops what one ISP sends, because their secrets differ, answers
//! another. One that left a request unanswered is passed over until it answers a Status-Server (RFC 5997),
//! or until a minute is over: not every server knows that request.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use domain::ids::IspId;
use domain::network::realm::HomeServer;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::proxy::exchange::Purpose;

/// How often silent servers are asked whether they are back.
pub(crate) const PROBE_EVERY: Duration = Duration::from_secs(5);
/// A silent server gets a request again after so long.
const PASSED_OVER: Duration = Duration::from_mins(1);
/// A server that no request meant for so long belongs to no realm any more.
const FORGOTTEN: Duration = Duration::from_mins(10);

#[derive(Default)]
pub(crate) struct Health(Mutex<FxHashMap<Service, Silence>>);

type Service = (IspId, SocketAddr, Purpose);

struct Silence {
    server: HomeServer,
    since: Instant,
    meant_at: Instant,
}

impl Health {
    /// The servers to try one after another: those that answer, then the silent ones.
    pub(crate) fn in_order(
        &self,
        isp_id: IspId,
        servers: &[HomeServer],
        purpose: Purpose,
    ) -> Vec<HomeServer> {
        let (mut silences, now) = (self.0.lock(), Instant::now());
        let is_silent = |server: &HomeServer| {
            let found = silences.get_mut(&(isp_id, purpose.address(server), purpose));
            found.is_some_and(|silence| {
                silence.meant_at = now;
                now.duration_since(silence.since) < PASSED_OVER
            })
        };
        let (silent, mut order): (Vec<_>, Vec<_>) = servers.iter().cloned().partition(is_silent);
        order.extend(silent);
        order
    }

    /// Remembers whether a server answered.
    pub(crate) fn note(
        &self,
        isp_id: IspId,
        server: &HomeServer,
        purpose: Purpose,
        has_answered: bool,
    ) {
        let (mut silences, now) = (self.0.lock(), Instant::now());
        let place = (isp_id, purpose.address(server), purpose);
        if has_answered {
            if silences.remove(&place).is_some() {
                tracing::info!(server = %place.1, "a home server answers again");
            }
            return;
        }
        let silence = silences.entry(place).or_insert_with(|| {
            tracing::warn!(server = %place.1, "a home server does not answer");
            Silence {
                server: server.clone(),
                since: now,
                meant_at: now,
            }
        });
        // The secret may be another by now; a probe must not begin the minute anew for ever.
        silence.server = server.clone();
        if now.duration_since(silence.since) >= PASSED_OVER {
            silence.since = now;
        }
    }

    /// The servers to probe.
    pub(crate) fn silent(&self) -> Vec<(IspId, HomeServer, Purpose)> {
        let (mut silences, now) = (self.0.lock(), Instant::now());
        silences.retain(|_, silence| now.duration_since(silence.meant_at) < FORGOTTEN);
        silences
            .iter()
            .map(|((isp_id, _, purpose), silence)| (*isp_id, silence.server.clone(), *purpose))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::network::secret::SecretBytes;

    use super::*;

    fn server(last: u8) -> HomeServer {
        HomeServer {
            address: [192, 0, 2, last].into(),
            auth_port: 1812,
            acct_port: 1813,
            secret: SecretBytes::new("between-providers"),
            require_message_authenticator: true,
        }
    }

    struct Rig {
        health: Health,
        servers: [HomeServer; 2],
        isp_id: IspId,
    }

    impl Rig {
        fn new() -> Self {
            Self {
                health: Health::default(),
                servers: [server(1), server(2)],
                isp_id: IspId::generate(),
            }
        }

        fn note(&self, has_answered: bool) {
            let [first, _] = &self.servers;
            self.health
                .note(self.isp_id, first, Purpose::Login, has_answered);
        }

        fn order(&self, isp_id: IspId, purpose: Purpose) -> Vec<std::net::IpAddr> {
            let order = self.health.in_order(isp_id, &self.servers, purpose);
            order.into_iter().map(|server| server.address).collect()
        }
    }

    #[test]
    fn silent_servers_come_last_until_they_answer() {
        let rig = Rig::new();
        let [first, second] = [1, 2].map(|last| server(last).address);
        rig.note(false);
        assert_eq!(rig.order(rig.isp_id, Purpose::Login), [second, first]);
        assert_eq!(
            rig.order(rig.isp_id, Purpose::Report),
            [first, second],
            "accounting is a service of its own"
        );
        assert_eq!(rig.health.silent().len(), 1);
        rig.note(true);
        assert_eq!(rig.order(rig.isp_id, Purpose::Login), [first, second]);
        assert!(rig.health.silent().is_empty());
    }

    #[test]
    fn a_server_silent_for_one_isp_is_not_passed_over_for_another() {
        let rig = Rig::new();
        let [first, second] = [1, 2].map(|last| server(last).address);
        rig.note(false);
        let order = rig.order(IspId::generate(), Purpose::Login);
        assert_eq!(order, [first, second]);
    }
}
