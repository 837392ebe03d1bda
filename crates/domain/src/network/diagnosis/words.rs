//! The sentences of the findings: what it is, and what to do.

use crate::customer::SuspensionReason;
use crate::network::service_policy::RejectCause;
use crate::network::session::TerminateCause;

pub(super) type Words = (&'static str, &'static str);

pub(super) const NOT_ACTIVATED: Words = (
    "The customer was never activated.",
    "Activate the customer once the line is ready.",
);
pub(super) const CLOSED: Words = (
    "The customer is closed.",
    "Restore the customer if it shall be served again.",
);
pub(super) const EXPIRED: Words = (
    "The paid time is over.",
    "Record a payment or extend the service; the customer is let in at once.",
);
pub(super) const WALLED_BY_LIMIT: Words = (
    "A limit of the package or of the customer lets it reach only the payment pages.",
    "Look at the customer's limits: grant a top-up, lift the restriction or wait for its end.",
);
pub(super) const NO_ROUTERS: Words = (
    "No router is registered.",
    "Add the router as a RADIUS client and set its secret on both sides.",
);
pub(super) const ROUTERS_SILENT: Words = (
    "No router was heard of in the last quarter of an hour.",
    "Check that the routers reach this server by UDP 1812 and 1813, and that address and secret match.",
);
pub(super) const SOME_ROUTERS_SILENT: Words = (
    "Some routers were not heard of in the last quarter of an hour.",
    "If the customer's router is among them, check its power, its uplink and its RADIUS settings.",
);
pub(super) const NEVER_ASKED: Words = (
    "No router asked about this customer in the last 24 hours.",
    "Check cable and signal, that the device dials, and the user name in it; a user of the same name on \
     the router itself is never asked about.",
);
const EAP_UNSUPPORTED: Words = (
    "the router asked for EAP.",
    "Set the router to PAP, CHAP or MS-CHAP.",
);
const NO_CREDENTIALS: Words = (
    "the request carried no password.",
    "Set the router to PAP, CHAP or MS-CHAP, and enter a password in the device.",
);
const PROXY_FAILED: Words = (
    "the name belongs to a realm, and no home server of it answered.",
    "Look at the realm's home servers; the other provider may be away.",
);
const HOME_REJECTED: Words = (
    "the name belongs to a realm, and its home server said no.",
    "Ask the other provider, who knows why.",
);
const MALFORMED: Words = (
    "the request was malformed.",
    "Trace the customer for some minutes and look at what the router sends.",
);
const REALM_BUSY: Words = (
    "as many logins of the realm wait for its home servers as may.",
    "The home servers answer slowly or not at all: ask the other provider.",
);
const PROXY_LOOP: Words = (
    "the login goes in circles between providers.",
    "Agree with the other provider which realms go where: one sends this name back.",
);
const BLOCKED: Words = (
    "too many wrong passwords came in a row.",
    "Enter the customer's password in its device again and wait a minute.",
);
pub(super) const NO_SESSION: &str = "Check that the router sends accounting, and that it has the \
     address pool and the profile that the package names.";
pub(super) const SILENT: &str = "The session is closed by itself if nothing comes; check the router's \
     accounting and its uplink.";
pub(super) const WALLED: &str = "Record a payment or lift what holds the customer back; it is let out \
     at once.";
pub(super) const ONLINE: &str = "The line is up: look at the device, the address and the speed.";

pub(super) const fn suspended(reason: Option<SuspensionReason>) -> Words {
    match reason {
        Some(SuspensionReason::NonPayment) => (
            "The customer is suspended because a bill is not paid.",
            "Record the payment; the customer is let in at once.",
        ),
        _ => (
            "The customer is suspended.",
            "Look at the reason in the history, and activate the customer when it is settled.",
        ),
    }
}

pub(super) const fn refused(cause: RejectCause) -> Words {
    match cause {
        RejectCause::UnknownUser => (
            "the user name is not known.",
            "Correct the user name in the customer's device.",
        ),
        RejectCause::WrongPassword => (
            "the password is wrong.",
            "Enter the customer's password in its device again; if every customer of the router fails, the \
             router's secret is wrong.",
        ),
        RejectCause::Suspended => (
            "the customer is suspended.",
            "Settle the reason and activate the customer.",
        ),
        RejectCause::Expired => (
            "the paid time is over.",
            "Record a payment or extend the service.",
        ),
        RejectCause::Closed => (
            "the customer is closed.",
            "Restore the customer if it shall be served again.",
        ),
        RejectCause::Pending => (
            "the customer was never activated.",
            "Activate the customer.",
        ),
        RejectCause::NasNotAllowed => (
            "this router may not serve the customer.",
            "Let the customer use this router, or connect it to another.",
        ),
        RejectCause::MacNotBound => (
            "the device is not one of the customer's.",
            "Add the device's MAC address to the customer, or remove the old one.",
        ),
        RejectCause::QuotaUsed => (
            "the volume or the time of the package is used up.",
            "Grant a top-up, or wait until the limit begins again.",
        ),
        RejectCause::OutsideTimeWindow => (
            "the package cannot be used at this hour.",
            "Tell the customer the hours of the package, or change the package.",
        ),
        RejectCause::EapUnsupported => EAP_UNSUPPORTED,
        RejectCause::NoCredentials => NO_CREDENTIALS,
        RejectCause::TooManySessions => (
            "as many sessions are open as the package allows.",
            "Find the other device by its MAC address and disconnect it, or allow more sessions.",
        ),
        RejectCause::Blocked => BLOCKED,
        RejectCause::ProxyFailed => PROXY_FAILED,
        RejectCause::HomeRejected => HOME_REJECTED,
        RejectCause::RealmBusy => REALM_BUSY,
        RejectCause::ProxyLoop => PROXY_LOOP,
        RejectCause::Malformed => MALFORMED,
    }
}

pub(super) const fn ended(cause: TerminateCause) -> Words {
    match cause {
        TerminateCause::UserRequest => (
            "The customer's device hung up.",
            "Look whether the device is switched on and set to dial by itself.",
        ),
        TerminateCause::LostCarrier | TerminateCause::LostService => (
            "The line was lost.",
            "Check power, cable and signal between the device and the router.",
        ),
        TerminateCause::IdleTimeout => (
            "There was no traffic for too long.",
            "Nothing is wrong: the device may dial again.",
        ),
        TerminateCause::SessionTimeout => (
            "The allowed time was over.",
            "Look at the expiry and the time limits; the device may dial again.",
        ),
        TerminateCause::AdminReset => (
            "The session was ended from here or on the router.",
            "The history says who did it; the device may dial again.",
        ),
        TerminateCause::AdminReboot | TerminateCause::NasReboot => (
            "The router restarted.",
            "If it happens often, check the router's power.",
        ),
        TerminateCause::PortError | TerminateCause::NasError => (
            "The router reported an error.",
            "Look at the router's log around that time.",
        ),
        TerminateCause::NasRequest => (
            "The router ended the session.",
            "Look at the router's log around that time.",
        ),
        TerminateCause::Other(_) => (
            "The session ended for another reason.",
            "Look at the router's log around that time.",
        ),
    }
}
