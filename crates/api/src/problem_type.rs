//! Every problem the API can answer with: the one table behind `docs/errors.md`, the OpenAPI
//! document and what clients switch on.

use actix_web::http::StatusCode;

macro_rules! problem_types {
    ($($name:ident $status:literal $slug:literal $title:literal;)*) => {
        /// A kind of problem. Its code never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProblemType {
            $(#[doc = $title] $name,)*
        }

        impl ProblemType {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code that clients switch on.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// What it means, for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> StatusCode {
                let code: u16 = match self { $(Self::$name => $status,)* };
                StatusCode::from_u16(code).expect("invariant: the table holds valid statuses")
            }
        }
    };
}

problem_types! {
    MalformedRequest 400 "malformed_request" "The request cannot be read";
    IdempotencyKeyRequired 400 "idempotency_key_required" "Send an Idempotency-Key of 8 to 64 characters";
    AuthenticationRequired 401 "authentication_required" "Sign in first";
    TokenInvalid 401 "token_invalid" "The access token is not valid any more";
    ApiKeyInvalid 401 "api_key_invalid" "The API key is not valid";
    InvalidCredentials 401 "invalid_credentials" "The login or the password is wrong";
    TotpRequired 401 "totp_required" "A one-time code is needed";
    TotpInvalid 401 "totp_invalid" "The one-time code is wrong";
    RefreshTokenInvalid 401 "refresh_token_invalid" "The refresh token is not valid any more";
    RefreshTokenReused 401 "refresh_token_reused" "The refresh token was used twice: sign in again";
    Forbidden 403 "forbidden" "You may not do this";
    PasswordChangeRequired 403 "password_change_required" "Change your password first";
    AddressNotAllowed 403 "address_not_allowed" "The API key may not be used from this address";
    NotFound 404 "not_found" "There is no such thing";
    MethodNotAllowed 405 "method_not_allowed" "This address does not know the method";
    Conflict 409 "conflict" "Somebody else changed it at the same time: try again";
    IdempotencyKeyReused 409 "idempotency_key_reused" "The Idempotency-Key was used for another request";
    AlreadyActive 409 "already_active" "The customer is active already";
    AlreadySuspended 409 "already_suspended" "The customer is suspended already";
    NotActive 409 "not_active" "The customer is not active";
    Closed 409 "closed" "The customer is closed";
    NotClosed 409 "not_closed" "The customer is not closed";
    NotOnline 409 "not_online" "The customer is not online";
    NoPaidTime 409 "no_paid_time" "The customer has no paid time left";
    ReferenceUsed 409 "reference_used" "A payment with this reference is booked already";
    PeriodOverlaps 409 "period_overlaps" "The period is billed already";
    AlreadyVoid 409 "already_void" "The invoice is void already";
    InvoicePaid 409 "invoice_paid" "Money was received for the invoice";
    NothingToBill 409 "nothing_to_bill" "There is nothing to bill";
    NotImpersonating 409 "not_impersonating" "You are not viewing as somebody else";
    NoFairUsePolicy 409 "no_fair_use_policy" "The package has no fair-use policy";
    LoginTaken 409 "login_taken" "The login is taken";
    UsernameTaken 409 "username_taken" "The username is taken";
    AddressTaken 409 "address_taken" "The address is taken";
    RadsecIdentityTaken 409 "radsec_identity_taken" "The certificate belongs to another NAS";
    FingerprintMismatch 409 "fingerprint_mismatch" "The router shows another certificate now";
    NameTaken 409 "name_taken" "The name is taken";
    InUse 409 "in_use" "It is in use";
    PackageRetired 409 "package_retired" "The package is not sold any more";
    WrongState 409 "wrong_state" "Its state does not allow this";
    PreviewStale 409 "preview_stale" "Things changed since the preview: preview again";
    TotpAlreadyEnabled 409 "totp_already_enabled" "One-time codes are in use already";
    TotpNotEnrolled 409 "totp_not_enrolled" "Start the enrolment first";
    VersionMismatch 412 "version_mismatch" "It was changed since you read it";
    BodyTooLarge 413 "body_too_large" "The request is too large";
    UnsupportedMediaType 415 "unsupported_media_type" "Send application/json";
    ValidationFailed 422 "validation_failed" "Some fields are not valid";
    UnknownReference 422 "unknown_reference" "Something that is referred to does not exist";
    CurrentPasswordWrong 422 "current_password_wrong" "The current password is wrong";
    PasswordWrong 422 "password_wrong" "The password is wrong";
    WeakPassword 422 "weak_password" "The password is too easy to guess";
    IspRequired 422 "isp_required" "Say which ISP: your account is not inside one";
    Refused 422 "refused" "The rules of the business refuse this";
    VersionRequired 428 "version_required" "Say which version you read: send If-Match";
    TooManyRequests 429 "too_many_requests" "Too many requests";
    TooManyAttempts 429 "too_many_attempts" "Too many attempts: wait a little";
    Internal 500 "internal" "Something went wrong on our side";
    Unavailable 503 "unavailable" "The service is not available at the moment";
}

impl ProblemType {
    /// The documentation of all problems, as Markdown.
    #[must_use]
    pub fn documentation() -> String {
        let mut text = String::from(
            "# Problems\n\nErrors are `application/problem+json` (RFC 9457). Switch on `code`; texts may change.\n\
             `instance` is the id of the request, as in the logs. This file is generated.\n\n\
             | code | status | meaning |\n|---|---|---|\n",
        );
        for problem in Self::ALL {
            let (code, status, title) =
                (problem.code(), problem.status().as_u16(), problem.title());
            text.push_str(&format!("| `{code}` | {status} | {title} |\n"));
        }
        text
    }
}
