//! Whose packet it is, where several ISPs say that its sender is a router of theirs.
//!
//! Anybody may say so, and nobody can be asked; but only the owner knows the secret that the router
//! knows. What is signed says by that whose it is. A password hidden by the secret reads as text
//! under one secret alone. What shows neither goes to who first proved a secret from that address,
//! and is dropped while nobody did: a guess would let one ISP take another's router off the air.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::network::nas::Nas;

use crate::auth::pap;
use crate::counters::Discard;
use crate::packet::codec::{Code, Packet};
use crate::packet::dictionary::attr;
use crate::packet::integrity::{
    MessageAuthenticator, check_message_authenticator, is_accounting_style_authentic,
};
use crate::server::shared::Shared;

/// What a packet shows of the secret of its sender.
#[derive(PartialEq, Eq)]
enum Shown {
    /// It was made with that secret.
    Same,
    /// It was made with another.
    Other,
    /// It does not tell.
    Nothing,
}

/// The NAS that a packet is from.
pub(super) fn settle(
    claims: &[Arc<Nas>],
    datagram: &[u8],
    address: IpAddr,
    shared: &Shared,
) -> Result<Arc<Nas>, Discard> {
    let packet = Packet::parse(datagram).map_err(|_| Discard::Malformed)?;
    let now = shared.clock.now();
    let ranked = by_proof(claims, address, shared);
    let mut tells = false;
    for (_, nas) in &ranked {
        match shown(&packet, nas, now) {
            Shown::Same => return Ok(Arc::clone(nas)),
            Shown::Other => tells = true,
            Shown::Nothing => {}
        }
    }
    match ranked.first() {
        // What is signed with a secret that nobody has is counted for its likely owner.
        Some((proven_at, nas)) if tells || proven_at.is_some() => Ok(Arc::clone(nas)),
        _ => {
            for nas in claims {
                let client = shared.clients.of(nas);
                client.discarded(Discard::NoMessageAuthenticator);
            }
            Err(Discard::NoMessageAuthenticator)
        }
    }
}

type Proven = Option<DateTime<Utc>>;

/// Who proved a secret from the address comes first, the earliest before all; then who said first
/// that the address is theirs.
fn by_proof<'c>(
    claims: &'c [Arc<Nas>],
    address: IpAddr,
    shared: &Shared,
) -> Vec<(Proven, &'c Arc<Nas>)> {
    let proven = |nas: &Arc<Nas>| shared.clients.of(nas).source(nas, address).proven_at();
    let mut ranked: Vec<_> = claims.iter().map(|nas| (proven(nas), nas)).collect();
    ranked.sort_by_key(|(proven_at, _)| (proven_at.is_none(), *proven_at));
    ranked
}

fn shown(packet: &Packet<'_>, nas: &Nas, now: DateTime<Utc>) -> Shown {
    let mut secrets = nas.secrets(now);
    let present = secrets
        .next()
        .map_or(Shown::Nothing, |secret| shown_of(packet, secret.expose()));
    match present {
        Shown::Same => Shown::Same,
        _ if secrets.any(|old| shown_of(packet, old.expose()) == Shown::Same) => Shown::Same,
        present => present,
    }
}

fn shown_of(packet: &Packet<'_>, secret: &[u8]) -> Shown {
    let told = |is_same| if is_same { Shown::Same } else { Shown::Other };
    if packet.code() == Code::AccountingRequest {
        return told(is_accounting_style_authentic(packet, secret));
    }
    match check_message_authenticator(packet, packet.authenticator(), secret) {
        MessageAuthenticator::Valid => Shown::Same,
        MessageAuthenticator::Invalid => Shown::Other,
        MessageAuthenticator::Absent => match packet.attribute(attr::USER_PASSWORD) {
            // An owner whose subscriber types what is no text is found by earlier proofs.
            Some(hidden) if reads(hidden.value, packet, secret) => Shown::Same,
            _ => Shown::Nothing,
        },
    }
}

/// Whether a hidden password is text under that secret: under any other it is sixteen random octets,
/// of which all are printable once in some hundred thousand times.
fn reads(hidden: &[u8], packet: &Packet<'_>, secret: &[u8]) -> bool {
    let clear = pap::reveal(hidden, packet.authenticator(), secret);
    clear.is_some_and(|clear| {
        let text = std::str::from_utf8(&clear);
        text.is_ok_and(|text| !text.is_empty() && !text.chars().any(char::is_control))
    })
}
