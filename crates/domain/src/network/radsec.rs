//! By what a router's certificate is known (RFC 6614 §2.3).

/// The longest name that is taken, as in DNS.
const MAX_NAME: usize = 253;
/// What stands before the fingerprint of a certificate.
const FINGERPRINT: &str = "sha256:";

/// The identity is neither a name nor a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be the certificate's common name, a DNS name of it, or sha256: and 64 hexadecimal digits"
)]
pub struct InvalidRadSecIdentity;

/// Reads the common name, DNS name or fingerprint of a certificate into its one normal form.
///
/// # Errors
/// It is neither a name nor a fingerprint.
pub fn parse_identity(text: &str) -> Result<String, InvalidRadSecIdentity> {
    let text = text.trim().to_lowercase();
    if let Some(digits) = text.strip_prefix(FINGERPRINT) {
        let digits = digits.replace(':', "");
        let is_digest = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        return if is_digest {
            Ok(format!("{FINGERPRINT}{digits}"))
        } else {
            Err(InvalidRadSecIdentity)
        };
    }
    let is_name = (1..=MAX_NAME).contains(&text.len()) && !text.chars().any(char::is_control);
    is_name.then_some(text).ok_or(InvalidRadSecIdentity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_fingerprints_have_one_form() {
        assert_eq!(parse_identity(" R1.Example "), Ok("r1.example".to_owned()));
        let digest = "AB:".repeat(31) + "CD";
        assert_eq!(
            parse_identity(&format!("SHA256:{digest}")),
            Ok(format!("sha256:{}cd", "ab".repeat(31)))
        );
        for wrong in ["", "  ", "sha256:ab", "sha256:", "a\0b", &"a".repeat(254)] {
            assert_eq!(parse_identity(wrong), Err(InvalidRadSecIdentity), "{wrong}");
        }
    }
}
