//! How long a word is: one to five bytes in front of it.

/// Writes the length of a word in the shortest of the five forms.
pub fn write_length(length: u32, out: &mut Vec<u8>) {
    let [a, b, c, d] = length.to_be_bytes();
    match length {
        0..0x80 => out.push(d),
        0x80..0x4000 => out.extend([c | 0x80, d]),
        0x4000..0x20_0000 => out.extend([b | 0xC0, c, d]),
        0x20_0000..0x1000_0000 => out.extend([a | 0xE0, b, c, d]),
        0x1000_0000.. => out.extend([0xF0, a, b, c, d]),
    }
}

/// A length of which some bytes may still be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    value: u32,
    /// None before the first byte, which tells how many follow.
    missing: Option<u8>,
}

/// The first byte of a control word, which RouterOS has reserved and nobody knows how to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reserved(pub(super) u8);

impl Prefix {
    pub(super) const fn new() -> Self {
        Self {
            value: 0,
            missing: None,
        }
    }

    /// Whether no byte was taken.
    pub(super) fn is_new(self) -> bool {
        self.missing.is_none()
    }

    /// Takes the next byte; gives the length once it is whole.
    pub(super) fn push(&mut self, byte: u8) -> Result<Option<u32>, Reserved> {
        let missing = match self.missing {
            Some(missing) => {
                self.value = (self.value << 8) | u32::from(byte);
                missing.saturating_sub(1)
            }
            None => self.begin(byte)?,
        };
        self.missing = Some(missing);
        Ok((missing == 0).then_some(self.value))
    }

    fn begin(&mut self, byte: u8) -> Result<u8, Reserved> {
        let (bits, missing) = match byte {
            0..0x80 => (byte, 0),
            0x80..0xC0 => (byte & 0x3F, 1),
            0xC0..0xE0 => (byte & 0x1F, 2),
            0xE0..0xF0 => (byte & 0x0F, 3),
            0xF0..0xF8 => (0, 4),
            0xF8.. => return Err(Reserved(byte)),
        };
        self.value = u32::from(bits);
        Ok(missing)
    }
}
