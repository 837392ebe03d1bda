//! From an error of the client to the cause that people are told.

use std::io::{self, ErrorKind};

use domain::network::ports::ApiSecurity;
use domain::network::router::{CheckCause, CheckFailure};
use tokio_rustls::rustls;

use super::shown;
use crate::api::{Text, Trap};
use crate::client::{ClientError, Loss};

/// What people are told of an error.
pub(super) fn failure(error: &ClientError, security: ApiSecurity) -> CheckFailure {
    CheckFailure {
        cause: cause(error, security),
        detail: words(error).map(|words| shown(&words.to_shown())),
    }
}

fn cause(error: &ClientError, security: ApiSecurity) -> CheckCause {
    match error {
        ClientError::Connect(error) => match security {
            ApiSecurity::Plain => dialled(error),
            ApiSecurity::Tls(_) => shaken(error),
        },
        // An address that the router does not serve gets silence, before the login or instead of it.
        ClientError::ConnectTimeout | ClientError::LoginTimeout | ClientError::BackingOff(_) => {
            CheckCause::NoAnswer
        }
        ClientError::NotAllowed => CheckCause::NotAllowed,
        ClientError::LoginRefused(_) => CheckCause::WrongLogin,
        ClientError::Login(loss) => before_login(loss),
        ClientError::Trap(_) => CheckCause::NotPermitted,
        ClientError::Timeout | ClientError::Busy | ClientError::AnswerTooLarge => CheckCause::Hangs,
        // The look at a certificate ends so, and is told elsewhere.
        ClientError::Certificate { .. }
        | ClientError::Unsendable(_)
        | ClientError::NotSent(_)
        | ClientError::Lost(_)
        | ClientError::Lagged => CheckCause::Lost,
    }
}

/// What the router itself said; our own words are the cause's.
const fn words(error: &ClientError) -> Option<&Text> {
    match error {
        ClientError::LoginRefused(words)
        | ClientError::Login(Loss::Fatal(words))
        | ClientError::NotSent(Loss::Fatal(words))
        | ClientError::Lost(Loss::Fatal(words)) => Some(words),
        ClientError::Trap(trap) => Some(&trap.message),
        _ => None,
    }
}

/// Whether the connection may just have been too old to be used.
pub(super) fn is_of_an_old_connection(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::NotSent(_) | ClientError::Lost(_) | ClientError::Timeout
    )
}

/// Whether the router has no such menu, since the package is not installed.
pub(super) fn is_unknown_menu(trap: &Trap) -> bool {
    let words = trap.message.to_shown();
    words.contains("no such command") || words.contains("unknown command")
}

fn dialled(error: &io::Error) -> CheckCause {
    match error.kind() {
        ErrorKind::ConnectionRefused => CheckCause::ConnectionRefused,
        ErrorKind::TimedOut => CheckCause::NoAnswer,
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => CheckCause::NoRoute,
        // The resolver's errors come without a number of the operating system.
        _ if error.raw_os_error().is_none() => CheckCause::NameUnknown,
        _ => CheckCause::Lost,
    }
}

/// A router whose `api-ssl` has no certificate ends the handshake, by an alert or without a word.
fn shaken(error: &io::Error) -> CheckCause {
    let inner = error.get_ref();
    let inner = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (inner, error.kind()) {
        (Some(rustls::Error::AlertReceived(_)), _) => CheckCause::NoCertificate,
        (Some(_), _) => CheckCause::NotRouterOs,
        (None, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
            CheckCause::NoCertificate
        }
        (None, _) => dialled(error),
    }
}

/// What answers a login by hanging up, or in another tongue, is no API of RouterOS.
fn before_login(loss: &Loss) -> CheckCause {
    match loss {
        Loss::Closed | Loss::Fatal(_) | Loss::Decode(_) | Loss::Reply(_) | Loss::Broken(_) => {
            CheckCause::NotRouterOs
        }
        Loss::Untagged | Loss::Stuck | Loss::Dropped => CheckCause::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::TrapCategory;

    #[test]
    fn each_trouble_has_its_cause() {
        let connect = |kind: ErrorKind| ClientError::Connect(kind.into());
        let (plain, tls) = (ApiSecurity::Plain, ApiSecurity::Tls(None));
        let named = io::Error::other("failed to lookup address information");
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::HandshakeFailure);
        let other = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        let spoken = |inner| ClientError::Connect(io::Error::new(ErrorKind::InvalidData, inner));
        let table = [
            (
                connect(ErrorKind::ConnectionRefused),
                plain,
                CheckCause::ConnectionRefused,
            ),
            (
                connect(ErrorKind::ConnectionRefused),
                tls,
                CheckCause::ConnectionRefused,
            ),
            (
                connect(ErrorKind::HostUnreachable),
                plain,
                CheckCause::NoRoute,
            ),
            (ClientError::Connect(named), tls, CheckCause::NameUnknown),
            (
                connect(ErrorKind::UnexpectedEof),
                tls,
                CheckCause::NoCertificate,
            ),
            (spoken(alert), tls, CheckCause::NoCertificate),
            (spoken(other), tls, CheckCause::NotRouterOs),
            (ClientError::ConnectTimeout, tls, CheckCause::NoAnswer),
            (ClientError::LoginTimeout, plain, CheckCause::NoAnswer),
            (
                ClientError::LoginRefused("wrong".into()),
                plain,
                CheckCause::WrongLogin,
            ),
            (
                ClientError::Login(Loss::Closed),
                plain,
                CheckCause::NotRouterOs,
            ),
            (ClientError::Timeout, plain, CheckCause::Hangs),
            (ClientError::Lost(Loss::Closed), plain, CheckCause::Lost),
        ];
        for (error, security, cause) in table {
            assert_eq!(failure(&error, security).cause, cause, "{error:?}");
        }
    }

    #[test]
    fn nobodys_words_but_the_routers_are_its_words() {
        let said = |error: ClientError| failure(&error, ApiSecurity::Plain).detail;
        let ended = || Loss::Fatal("session terminated".into());
        for error in [
            ClientError::LoginRefused("session terminated".into()),
            ClientError::Login(ended()),
            ClientError::NotSent(ended()),
            ClientError::Lost(ended()),
        ] {
            assert_eq!(said(error).as_deref(), Some("session terminated"));
        }
        for error in [
            ClientError::Connect(ErrorKind::ConnectionRefused.into()),
            ClientError::Lost(Loss::Closed),
            ClientError::Lost(Loss::Broken("reset by peer".to_owned())),
            ClientError::NotSent(Loss::Stuck),
            ClientError::Timeout,
            ClientError::Lagged,
        ] {
            assert_eq!(said(error), None);
        }
    }

    #[test]
    fn the_routers_words_are_kept_without_what_no_database_takes() {
        let trap = Trap::new(TrapCategory::General, "not\0 enough\n permissions (9)");
        let found = failure(&ClientError::Trap(trap), ApiSecurity::Plain);
        assert_eq!(found.cause, CheckCause::NotPermitted);
        assert_eq!(found.detail.as_deref(), Some("not enough permissions (9)"));
    }
}
