//! Zero-copy view of a received packet (RFC 2865 §3).

use crate::packet::attribute::{Attribute, Attributes, VendorAttributes};
use crate::packet::dictionary::attr;

/// Bytes before the first attribute.
pub const HEADER_LEN: usize = 20;
/// The longest packet there can be.
pub const MAX_LEN: usize = 4096;
/// More attributes than this is an attack, not a request.
pub const MAX_ATTRIBUTES: usize = 200;

/// Kind of packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Code {
    /// A login.
    AccessRequest = 1,
    /// The login is granted.
    AccessAccept = 2,
    /// The login is refused.
    AccessReject = 3,
    /// A report about a session.
    AccountingRequest = 4,
    /// The report is safe.
    AccountingResponse = 5,
    /// More is needed for the login.
    AccessChallenge = 11,
    /// Are you alive (RFC 5997)?
    StatusServer = 12,
    /// End a session (RFC 5176).
    DisconnectRequest = 40,
    /// The session was ended.
    DisconnectAck = 41,
    /// The session was not ended.
    DisconnectNak = 42,
    /// Change a session (RFC 5176).
    CoaRequest = 43,
    /// The session was changed.
    CoaAck = 44,
    /// The session was not changed.
    CoaNak = 45,
}

impl Code {
    /// Reads the code byte.
    #[must_use]
    pub const fn from_u8(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::AccessRequest,
            2 => Self::AccessAccept,
            3 => Self::AccessReject,
            4 => Self::AccountingRequest,
            5 => Self::AccountingResponse,
            11 => Self::AccessChallenge,
            12 => Self::StatusServer,
            40 => Self::DisconnectRequest,
            41 => Self::DisconnectAck,
            42 => Self::DisconnectNak,
            43 => Self::CoaRequest,
            44 => Self::CoaAck,
            45 => Self::CoaNak,
            _ => return None,
        })
    }

    /// The code byte.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        match self {
            Self::AccessRequest => 1,
            Self::AccessAccept => 2,
            Self::AccessReject => 3,
            Self::AccountingRequest => 4,
            Self::AccountingResponse => 5,
            Self::AccessChallenge => 11,
            Self::StatusServer => 12,
            Self::DisconnectRequest => 40,
            Self::DisconnectAck => 41,
            Self::DisconnectNak => 42,
            Self::CoaRequest => 43,
            Self::CoaAck => 44,
            Self::CoaNak => 45,
        }
    }
}

/// Why bytes are not a RADIUS packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The datagram is shorter than a header or than its own length field says.
    #[error("the packet is cut short")]
    Truncated,
    /// The length field is outside 20..=4096.
    #[error("the length field is outside 20..=4096")]
    BadLength,
    /// The code is none we know.
    #[error("the code {0} is unknown")]
    UnknownCode(u8),
    /// An attribute is shorter than its header or reaches beyond the packet.
    #[error("an attribute does not fit the packet")]
    BadAttribute,
    /// More attributes than anyone needs.
    #[error("more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
}

/// A packet whose attribute bounds have been checked; borrows the datagram.
#[derive(Clone, Copy)]
pub struct Packet<'a> {
    code: Code,
    id: u8,
    authenticator: &'a [u8; 16],
    bytes: &'a [u8],
    body: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Checks a datagram; padding after the stated length is ignored.
    ///
    /// # Errors
    /// What is wrong with it; the RFC wants such packets dropped silently.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, ParseError> {
        let (head, _) = datagram
            .split_first_chunk::<4>()
            .ok_or(ParseError::Truncated)?;
        let [code, id, high, low] = *head;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if !(HEADER_LEN..=MAX_LEN).contains(&length) {
            return Err(ParseError::BadLength);
        }
        let bytes = datagram.get(..length).ok_or(ParseError::Truncated)?;
        let rest = bytes.get(4..).ok_or(ParseError::Truncated)?;
        let (authenticator, body) = rest
            .split_first_chunk::<16>()
            .ok_or(ParseError::Truncated)?;
        check_attributes(body)?;
        let code = Code::from_u8(code).ok_or(ParseError::UnknownCode(code))?;
        Ok(Self {
            code,
            id,
            authenticator,
            bytes,
            body,
        })
    }

    /// Kind of packet.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The identifier that pairs request and answer.
    #[must_use]
    pub const fn id(&self) -> u8 {
        self.id
    }

    /// The authenticator field.
    #[must_use]
    pub const fn authenticator(&self) -> &'a [u8; 16] {
        self.authenticator
    }

    /// The packet without padding.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The attributes as raw bytes.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Every attribute in order.
    #[must_use]
    pub const fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.body)
    }

    /// The first attribute of a type.
    #[must_use]
    pub fn attribute(&self, kind: u8) -> Option<Attribute<'a>> {
        self.attributes().find(|attribute| attribute.kind == kind)
    }

    /// Every attribute of a type, in order.
    pub fn all(&self, kind: u8) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.attributes()
            .filter(move |attribute| attribute.kind == kind)
    }

    /// Sub-attributes of one vendor; a malformed vendor attribute is skipped from its fault on.
    pub fn vendor_attributes(&self, vendor: u32) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.all(attr::VENDOR_SPECIFIC)
            .filter_map(VendorAttributes::read)
            .filter(move |group| group.vendor == vendor)
            .flat_map(|group| group.attributes)
    }

    /// The first sub-attribute of a vendor and type.
    #[must_use]
    pub fn vendor_attribute(&self, vendor: u32, kind: u8) -> Option<Attribute<'a>> {
        self.vendor_attributes(vendor)
            .find(|attribute| attribute.kind == kind)
    }
}

fn check_attributes(body: &[u8]) -> Result<(), ParseError> {
    let mut attributes = Attributes::new(body);
    let count = attributes.by_ref().take(MAX_ATTRIBUTES + 1).count();
    if count > MAX_ATTRIBUTES {
        return Err(ParseError::TooManyAttributes);
    }
    if attributes.is_at_end() {
        Ok(())
    } else {
        Err(ParseError::BadAttribute)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::packet::builder::PacketBuilder;

    fn header(code: u8, length: u16) -> Vec<u8> {
        let mut bytes = vec![code, 7];
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&[9; 16]);
        bytes
    }

    #[test]
    fn bounds_are_enforced() {
        let mut short_attribute = header(1, 22);
        short_attribute.extend_from_slice(&[1, 1]);
        let mut long_attribute = header(1, 23);
        long_attribute.extend_from_slice(&[1, 4, 0]);
        let mut half_header = header(1, 21);
        half_header.push(1);
        let mut crowd = header(1, 20 + 2 * 201);
        crowd.extend(std::iter::repeat_n([1, 2], 201).flatten());
        let table = [
            (vec![], ParseError::Truncated),
            (vec![1, 2, 0], ParseError::Truncated),
            (header(1, 19), ParseError::BadLength),
            (header(1, 4097), ParseError::BadLength),
            (header(1, 21), ParseError::Truncated),
            (header(99, 20), ParseError::UnknownCode(99)),
            (short_attribute, ParseError::BadAttribute),
            (long_attribute, ParseError::BadAttribute),
            (half_header, ParseError::BadAttribute),
            (crowd, ParseError::TooManyAttributes),
        ];
        for (bytes, error) in table {
            assert_eq!(Packet::parse(&bytes).err(), Some(error), "{bytes:?}");
        }
    }

    #[test]
    fn padding_is_ignored() {
        let mut bytes = header(4, 20);
        bytes.extend_from_slice(&[1, 1, 1]);
        let packet = Packet::parse(&bytes).expect("valid");
        assert_eq!((packet.code(), packet.id()), (Code::AccountingRequest, 7));
        assert_eq!(packet.bytes().len(), 20);
        assert_eq!(packet.attributes().count(), 0);
    }

    #[test]
    fn malformed_vendor_attribute_stays_opaque() {
        let mut bytes = header(1, 0);
        bytes.extend_from_slice(&[26, 5, 1, 2, 3]); // no room for a vendor id
        bytes.extend_from_slice(&[26, 9, 0, 0, 1, 55, 11, 200, 1]); // length beyond the end
        bytes.extend_from_slice(&[26, 9, 0, 0, 1, 55, 11, 3, 5]);
        let length = u16::try_from(bytes.len()).expect("short").to_be_bytes();
        bytes[2..4].copy_from_slice(&length);
        let packet = Packet::parse(&bytes).expect("valid");
        assert_eq!(packet.attributes().count(), 3);
        let found = packet.vendor_attribute(311, 11).map(|found| found.value);
        assert_eq!(found, Some(&[5][..]));
    }

    fn attributes() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
        let value = proptest::collection::vec(any::<u8>(), 0..40);
        proptest::collection::vec((1u8..=255, value), 0..40)
    }

    proptest! {
        #[test]
        fn parsing_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(packet) = Packet::parse(&bytes) {
                prop_assert!(packet.attributes().count() <= MAX_ATTRIBUTES);
                prop_assert!(packet.vendor_attributes(311).count() <= bytes.len());
            }
        }

        #[test]
        fn parsing_with_a_right_length_never_panics(
            body in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let mut bytes = header(1, u16::try_from(20 + body.len()).expect("short"));
            bytes.extend_from_slice(&body);
            if let Ok(packet) = Packet::parse(&bytes) {
                prop_assert!(packet.vendor_attributes(14988).count() <= bytes.len());
            }
        }

        #[test]
        fn what_is_built_parses_to_the_same(id: u8, attributes in attributes()) {
            let mut builder = PacketBuilder::new(Code::AccessRequest, id);
            for (kind, value) in &attributes {
                builder.attribute(*kind, value);
            }
            let bytes = builder.finish_with_authenticator(&[3; 16], b"secret").expect("it fits");
            let packet = Packet::parse(&bytes).expect("valid");
            prop_assert_eq!(packet.id(), id);
            let read: Vec<(u8, Vec<u8>)> =
                packet.attributes().map(|found| (found.kind, found.value.to_vec())).collect();
            prop_assert_eq!(read, attributes);
        }
    }
}
