//! One-time codes (RFC 6238): SHA-1, six digits, thirty seconds, one step of tolerance.

use chrono::{DateTime, Utc};
use totp_rs::{Algorithm, Builder, Secret, Totp};

const STEP_SECONDS: u64 = 30;

/// The generator of a secret.
pub(in crate::use_cases) fn generator(secret: &[u8]) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP_SECONDS)
        .with_secret(Secret::from(secret))
        .build_noncompliant()
}

/// The step of a code that is valid now.
pub(in crate::use_cases) fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let time = u64::try_from(now.timestamp()).ok()?;
    let step = generator(secret).check(code, time)?;
    i64::try_from(step).ok()
}

/// The secret as people type it.
pub(in crate::use_cases) fn text_of(secret: &[u8]) -> String {
    Secret::from(secret).to_base32()
}

/// The address that authenticator apps read from a QR code.
pub(in crate::use_cases) fn address(secret: &[u8], login: &str) -> String {
    let label: String = login
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!(
        "otpauth://totp/lastmile:{label}?secret={}&issuer=lastmile",
        text_of(secret)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_standard() {
        let secret = b"12345678901234567890";
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!(step_of(secret, "287082", at(59)), Some(1));
        assert_eq!(
            step_of(secret, "287082", at(59 + 30)),
            Some(1),
            "one step late"
        );
        assert_eq!(step_of(secret, "287082", at(59 + 90)), None);
        assert_eq!(step_of(secret, "000000", at(59)), None);
        assert_eq!(step_of(secret, "no", at(59)), None);
    }
}
