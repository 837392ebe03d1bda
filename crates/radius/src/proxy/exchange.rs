//! One request to one home server.

use std::net::SocketAddr;
use std::time::Duration;

use domain::network::realm::HomeServer;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::packet::codec::{Code, MAX_LEN, Packet};
use crate::packet::integrity::{
    MessageAuthenticator, check_message_authenticator, is_response_authentic,
};
use crate::proxy::request::Outgoing;

/// How long each sending waits for an answer.
const TRIES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(1)];

/// Which service of a home server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    Login,
    Report,
}

impl Purpose {
    pub(crate) const fn address(self, server: &HomeServer) -> SocketAddr {
        let port = match self {
            Self::Login => server.auth_port,
            Self::Report => server.acct_port,
        };
        SocketAddr::new(server.address, port)
    }
}

pub(crate) struct Exchange<'a> {
    pub(crate) source: SocketAddr,
    pub(crate) address: SocketAddr,
    pub(crate) server: &'a HomeServer,
    pub(crate) outgoing: &'a Outgoing,
    pub(crate) purpose: Purpose,
}

impl Exchange<'_> {
    /// Sends the same bytes twice at most; the verified answer, or nothing.
    pub(crate) async fn run(&self) -> Option<Vec<u8>> {
        let socket = UdpSocket::bind(self.source).await.ok()?;
        socket.connect(self.address).await.ok()?;
        for patience in TRIES {
            socket.send(&self.outgoing.bytes).await.ok()?;
            if let Ok(answer) = timeout(patience, self.receive(&socket)).await {
                return answer;
            }
        }
        None
    }

    /// The first answer that is believed; `None` when the host says that nobody listens.
    async fn receive(&self, socket: &UdpSocket) -> Option<Vec<u8>> {
        let mut buffer = vec![0; MAX_LEN];
        loop {
            let length = socket.recv(&mut buffer).await.ok()?;
            let datagram = buffer.get(..length)?;
            if self.is_believed(datagram) {
                return Some(datagram.to_vec());
            }
            tracing::debug!(server = %self.address, "an answer of a home server is not believed");
        }
    }

    fn is_believed(&self, datagram: &[u8]) -> bool {
        let Ok(packet) = Packet::parse(datagram) else {
            return false;
        };
        let secret = self.server.secret.expose();
        let authenticator = &self.outgoing.authenticator;
        let may_be_unsigned =
            self.purpose == Purpose::Report || !self.server.require_message_authenticator;
        let is_signed = match check_message_authenticator(&packet, authenticator, secret) {
            MessageAuthenticator::Valid => true,
            MessageAuthenticator::Absent => may_be_unsigned,
            MessageAuthenticator::Invalid => false,
        };
        packet.id() == self.outgoing.id
            && is_expected(self.purpose, packet.code())
            && is_response_authentic(&packet, authenticator, secret)
            && is_signed
    }
}

const fn is_expected(purpose: Purpose, code: Code) -> bool {
    match purpose {
        Purpose::Login => matches!(
            code,
            Code::AccessAccept | Code::AccessReject | Code::AccessChallenge
        ),
        Purpose::Report => matches!(code, Code::AccountingResponse),
    }
}
