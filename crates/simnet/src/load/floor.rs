//! A server that grants every login and does nothing else: what is measured before it is the
//! generator's and the machine's own, and no server can be measured to be faster. It proves
//! nothing of itself, so MS-CHAPv2 takes its answers for forged.

use std::io;

use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use tokio::net::UdpSocket;

/// Answers on that socket until it fails.
///
/// # Errors
/// The socket cannot be read.
pub async fn grant_all(socket: &UdpSocket, secret: &[u8]) -> io::Result<()> {
    let mut buffer = vec![0; 4096];
    loop {
        let (length, source) = socket.recv_from(&mut buffer).await?;
        let datagram = buffer.get(..length).unwrap_or_default();
        let Some(answer) = granted(datagram, secret) else {
            continue;
        };
        if let Err(error) = socket.send_to(&answer, source).await {
            tracing::debug!(%error, "An answer could not be sent");
        }
    }
}

/// The signed answer to a login; nothing to anything else.
fn granted(datagram: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let request = Packet::parse(datagram).ok()?;
    if request.code() != Code::AccessRequest {
        return None;
    }
    PacketBuilder::signed(Code::AccessAccept, request.id())
        .finish_response(request.authenticator(), secret)
        .ok()
}
