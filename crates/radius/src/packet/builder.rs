//! Building packets.
//!
//! Message-Authenticator goes first (CVE-2024-3596: an attacker who can choose what precedes it
//! can forge answers), then the attributes, then the authenticator over all of it.

use std::net::Ipv4Addr;

use crate::packet::attribute::Attribute;
use crate::packet::codec::{Code, HEADER_LEN, MAX_LEN, Packet};
use crate::packet::dictionary::attr;
use crate::packet::integrity::{authenticator_digest, message_authenticator};

const MESSAGE_AUTHENTICATOR_LEN: usize = 16;

/// Why a packet could not be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// An attribute value is longer than 253 bytes, or a vendor's longer than 247.
    #[error("an attribute value is too long")]
    AttributeTooLong,
    /// The packet grew beyond 4096 bytes.
    #[error("the packet is longer than {MAX_LEN} bytes")]
    PacketTooLong,
}

/// A packet under construction; the first fault is kept and reported at the end.
#[derive(Debug)]
pub struct PacketBuilder {
    bytes: Vec<u8>,
    signed: bool,
    fault: Option<BuildError>,
}

impl PacketBuilder {
    /// Starts a packet without Message-Authenticator.
    #[must_use]
    pub fn new(code: Code, id: u8) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(&[code.as_u8(), id, 0, 0]);
        bytes.extend_from_slice(&[0; 16]);
        Self {
            bytes,
            signed: false,
            fault: None,
        }
    }

    /// Starts a packet whose first attribute is a Message-Authenticator.
    #[must_use]
    pub fn signed(code: Code, id: u8) -> Self {
        let mut builder = Self::new(code, id);
        builder.attribute(attr::MESSAGE_AUTHENTICATOR, &[0; MESSAGE_AUTHENTICATOR_LEN]);
        builder.signed = true;
        builder
    }

    /// Adds an attribute.
    pub fn attribute(&mut self, kind: u8, value: &[u8]) -> &mut Self {
        match u8::try_from(value.len() + 2) {
            Ok(length) => {
                self.bytes.extend_from_slice(&[kind, length]);
                self.bytes.extend_from_slice(value);
            }
            Err(_) => self.fault = self.fault.or(Some(BuildError::AttributeTooLong)),
        }
        self
    }

    /// Adds a text attribute.
    pub fn text(&mut self, kind: u8, value: &str) -> &mut Self {
        self.attribute(kind, value.as_bytes())
    }

    /// Adds a number.
    pub fn u32(&mut self, kind: u8, value: u32) -> &mut Self {
        self.attribute(kind, &value.to_be_bytes())
    }

    /// Adds an address.
    pub fn ipv4(&mut self, kind: u8, value: Ipv4Addr) -> &mut Self {
        self.attribute(kind, &value.octets())
    }

    /// Adds a vendor's attribute.
    pub fn vendor(&mut self, vendor: u32, kind: u8, value: &[u8]) -> &mut Self {
        let lengths = u8::try_from(value.len() + 8)
            .and_then(|outer| u8::try_from(value.len() + 2).map(|inner| (outer, inner)));
        match lengths {
            Ok((outer, inner)) => {
                self.bytes
                    .extend_from_slice(&[attr::VENDOR_SPECIFIC, outer]);
                self.bytes.extend_from_slice(&vendor.to_be_bytes());
                self.bytes.extend_from_slice(&[kind, inner]);
                self.bytes.extend_from_slice(value);
            }
            Err(_) => self.fault = self.fault.or(Some(BuildError::AttributeTooLong)),
        }
        self
    }

    /// Adds a vendor's number.
    pub fn vendor_u32(&mut self, vendor: u32, kind: u8, value: u32) -> &mut Self {
        self.vendor(vendor, kind, &value.to_be_bytes())
    }

    /// Copies every Proxy-State of a request in order, as RFC 2865 §5.33 demands of answers.
    pub fn proxy_states(&mut self, request: &Packet<'_>) -> &mut Self {
        for Attribute { value, .. } in request.all(attr::PROXY_STATE) {
            self.attribute(attr::PROXY_STATE, value);
        }
        self
    }

    /// Finishes an Access-Request or Status-Server with a random request authenticator.
    ///
    /// # Errors
    /// The first fault met while building.
    pub fn finish_with_authenticator(
        mut self,
        authenticator: &[u8; 16],
        secret: &[u8],
    ) -> Result<Vec<u8>, BuildError> {
        self.close()?;
        self.sign(authenticator, secret);
        self.set_authenticator(authenticator);
        Ok(self.bytes)
    }

    /// Finishes an Accounting-, `CoA`- or Disconnect-Request (RFC 2866 §3, RFC 5176 §2.3).
    ///
    /// # Errors
    /// The first fault met while building.
    pub fn finish_accounting_style(mut self, secret: &[u8]) -> Result<Vec<u8>, BuildError> {
        self.close()?;
        self.sign(&[0; 16], secret);
        let digest = authenticator_digest(&self.bytes, &[0; 16], secret);
        self.set_authenticator(&digest);
        Ok(self.bytes)
    }

    /// Finishes an answer to the request with that authenticator.
    ///
    /// # Errors
    /// The first fault met while building.
    pub fn finish_response(
        mut self,
        request_authenticator: &[u8; 16],
        secret: &[u8],
    ) -> Result<Vec<u8>, BuildError> {
        self.close()?;
        self.sign(request_authenticator, secret);
        let digest = authenticator_digest(&self.bytes, request_authenticator, secret);
        self.set_authenticator(&digest);
        Ok(self.bytes)
    }

    fn close(&mut self) -> Result<(), BuildError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let length = match u16::try_from(self.bytes.len()) {
            Ok(length) if usize::from(length) <= MAX_LEN => length,
            _ => return Err(BuildError::PacketTooLong),
        };
        self.set(2, &length.to_be_bytes());
        Ok(())
    }

    fn sign(&mut self, authenticator: &[u8; 16], secret: &[u8]) {
        if self.signed {
            let digest = message_authenticator(&self.bytes, authenticator, HEADER_LEN, secret);
            self.set(HEADER_LEN + 2, &digest);
        }
    }

    fn set_authenticator(&mut self, authenticator: &[u8; 16]) {
        self.set(4, authenticator);
    }

    fn set(&mut self, offset: usize, value: &[u8]) {
        self.bytes
            .get_mut(offset..offset + value.len())
            .expect("the header and the first attribute are always present")
            .copy_from_slice(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::integrity::{
        MessageAuthenticator, check_message_authenticator, is_response_authentic,
    };

    #[test]
    fn faults_are_reported_at_the_end() {
        let mut long_value = PacketBuilder::new(Code::AccessAccept, 1);
        long_value.attribute(1, &[0; 254]);
        assert_eq!(
            long_value.finish_response(&[0; 16], b"s"),
            Err(BuildError::AttributeTooLong)
        );
        let mut long_vendor = PacketBuilder::new(Code::AccessAccept, 1);
        long_vendor.vendor(311, 1, &[0; 248]);
        assert_eq!(
            long_vendor.finish_response(&[0; 16], b"s"),
            Err(BuildError::AttributeTooLong)
        );
        let mut long_packet = PacketBuilder::new(Code::AccessAccept, 1);
        for _ in 0..17 {
            long_packet.attribute(1, &[0; 253]);
        }
        assert_eq!(
            long_packet.finish_response(&[0; 16], b"s"),
            Err(BuildError::PacketTooLong)
        );
    }

    #[test]
    fn answers_carry_the_message_authenticator_first() {
        let mut builder = PacketBuilder::signed(Code::AccessAccept, 9);
        builder.text(attr::REPLY_MESSAGE, "hello");
        let bytes = builder
            .finish_response(&[5; 16], b"secret")
            .expect("it fits");
        let packet = Packet::parse(&bytes).expect("valid");
        let first = packet.attributes().next().expect("one attribute");
        assert_eq!(first.kind, attr::MESSAGE_AUTHENTICATOR);
        assert!(is_response_authentic(&packet, &[5; 16], b"secret"));
        assert!(!is_response_authentic(&packet, &[5; 16], b"other"));
        assert_eq!(
            check_message_authenticator(&packet, &[5; 16], b"secret"),
            MessageAuthenticator::Valid
        );
        assert_eq!(
            check_message_authenticator(&packet, &[6; 16], b"secret"),
            MessageAuthenticator::Invalid
        );
    }
}
