//! Why a subscriber is offline.

use actix_web::{HttpResponse, delete, get, post, web, web::Json};
use app::use_cases::connection::{self, RadiusTrace};
use chrono::{DateTime, Utc};
use domain::{
    authz::perm,
    network::{
        diagnosis::{Finding, Severity},
        service_policy::RejectCause,
    },
};
use persistence::{query::connection::LoginAnswerRow, repo::radius_traces::PacketRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Valid, ValidQuery},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{Empty, created},
};

/// An answer to one login.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginAnswerView {
    at: DateTime<Utc>,
    /// `accept`, `accept_walled` (only the payment pages), or the cause of the refusal.
    #[schema(example = "wrong_password")]
    answer: String,
    accepted: bool,
    /// What the subscriber's device was told when it was refused.
    message: Option<String>,
    nas_id: Uuid,
    nas_name: Option<String>,
    nas_address: Option<String>,
    /// The user name as it was sent.
    username: String,
    /// MAC address or number of the caller.
    calling_station_id: Option<String>,
    /// `pap`, `chap`, `mschapv1`, `mschapv2`, `mac`, `eap` or `none`.
    method: Option<String>,
}

impl From<LoginAnswerRow> for LoginAnswerView {
    fn from(row: LoginAnswerRow) -> Self {
        let cause = RejectCause::ALL
            .into_iter()
            .find(|cause| cause.as_str() == row.answer);
        Self {
            at: row.at,
            accepted: row.answer.starts_with("accept"),
            message: cause.map(|cause| cause.reply_message().to_owned()),
            answer: row.answer,
            nas_id: row.nas_id,
            nas_name: row.nas_name,
            nas_address: row.nas_address,
            username: row.username,
            calling_station_id: row.calling_station_id,
            method: row.method,
        }
    }
}

/// The last answers to a subscriber's logins.
#[derive(Serialize, ToSchema)]
pub(crate) struct LoginAnswersView {
    /// At most 20, newest first.
    items: Vec<LoginAnswerView>,
}

/// List the last answers to a subscriber's logins
#[utoipa::path(tag = "sessions", extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "At most 20, newest first", body = LoginAnswersView), ApiErrors))]
#[get("/customers/{id}/login-answers")]
pub(crate) async fn list_login_answers(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
) -> Result<Json<LoginAnswersView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let rows = connection::login_answers(guard.ctx(), &proof).await?;
    Ok(Json(LoginAnswersView {
        items: rows.into_iter().map(Into::into).collect(),
    }))
}

/// How grave a finding is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FindingSeverity {
    /// It keeps the subscriber offline.
    Problem,
    /// It may be why, or will become one.
    Warning,
    /// Good to know.
    Info,
}

/// One thing that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FindingView {
    /// A word of a closed set, such as `suspended`, `last_login_refused`, `routers_silent`.
    #[schema(example = "last_login_refused")]
    code: &'static str,
    severity: FindingSeverity,
    /// What it is, in one plain sentence.
    sentence: String,
    /// What to do about it.
    advice: String,
    /// Why, as a word: the reason of a suspension, the cause of a refusal (`walled` when a login
    /// would reach only the payment pages), or how the last session ended.
    #[schema(example = "wrong_password")]
    cause: Option<&'static str>,
    /// The router it is about, by its name.
    router: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    at: Option<DateTime<Utc>>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code.as_str(),
            severity: match finding.severity {
                Severity::Problem => FindingSeverity::Problem,
                Severity::Warning => FindingSeverity::Warning,
                Severity::Info => FindingSeverity::Info,
            },
            sentence: finding.sentence,
            advice: finding.advice,
            cause: finding.cause,
            router: finding.router,
            at: finding.at,
        }
    }
}

/// Why a subscriber is offline.
#[derive(Serialize, ToSchema)]
pub(crate) struct DiagnosisView {
    /// The gravest first; never a secret among them.
    findings: Vec<FindingView>,
}

/// Diagnose a subscriber's connection
#[utoipa::path(tag = "sessions", extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "What was found, the gravest first", body = DiagnosisView), ApiErrors))]
#[get("/customers/{id}/connection-diagnosis")]
pub(crate) async fn diagnose_connection(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
) -> Result<Json<DiagnosisView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let findings = connection::diagnose_connection(guard.ctx(), &proof).await?;
    let findings = findings.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    Ok(Json(DiagnosisView {
        findings: findings.into_iter().map(Into::into).collect(),
    }))
}

/// A packet of a trace.
#[derive(Serialize, ToSchema)]
pub(crate) struct TracedPacketView {
    /// Later packets have greater identifiers.
    id: Uuid,
    at: DateTime<Utc>,
    /// `request`, `answer` or `dropped`.
    #[schema(example = "request")]
    direction: String,
    /// What kind of packet, with its id.
    #[schema(example = "Access-Request 17")]
    packet: String,
    nas_id: Uuid,
    nas_name: Option<String>,
    nas_address: String,
    /// Pairs of `name` and `value`, in order; secrets are hidden.
    #[schema(value_type = Vec<TracedAttributeView>)]
    attributes: serde_json::Value,
    /// What the server made of it.
    note: Option<String>,
}

/// An attribute of a packet.
#[derive(Serialize, ToSchema)]
pub(crate) struct TracedAttributeView {
    #[schema(example = "Calling-Station-Id")]
    name: String,
    value: String,
}

impl From<PacketRow> for TracedPacketView {
    fn from(row: PacketRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            direction: row.direction,
            packet: row.packet,
            nas_id: row.nas_id,
            nas_name: row.nas_name,
            nas_address: row.nas_address,
            attributes: row.attributes,
            note: row.note,
        }
    }
}

/// A trace of a subscriber's RADIUS packets.
#[derive(Serialize, ToSchema)]
pub(crate) struct RadiusTraceView {
    /// Whether it is running.
    active: bool,
    started_at: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    /// Oldest first, at most 500; older ones are forgotten.
    packets: Vec<TracedPacketView>,
}

impl From<RadiusTrace> for RadiusTraceView {
    fn from(trace: RadiusTrace) -> Self {
        Self {
            active: trace.active,
            started_at: trace.trace.map(|trace| trace.started_at),
            until: trace.trace.map(|trace| trace.until),
            packets: trace.packets.into_iter().map(Into::into).collect(),
        }
    }
}

/// Trace a subscriber's RADIUS packets
///
/// For ten minutes every request and answer of the subscriber is kept, decoded, without secrets.
#[utoipa::path(tag = "sessions", request_body = Empty,
    extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 201, description = "Running; what an earlier one kept is forgotten", body = RadiusTraceView), ApiErrors))]
#[post("/customers/{id}/radius-trace")]
pub(crate) async fn start_radius_trace(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
    _body: Valid<Empty>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let location = format!("/customers/{}/radius-trace", proof.resource().id);
    let trace = connection::start_radius_trace(guard.ctx(), proof).await?;
    Ok(created(&location, &RadiusTraceView::from(trace)))
}

/// From where on a trace is wanted.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraceQuery {
    /// The `id` of the last packet that is known already.
    after: Option<Uuid>,
}

/// Show the trace of a subscriber's RADIUS packets
#[utoipa::path(tag = "sessions", params(TraceQuery),
    extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 200, description = "What was kept so far", body = RadiusTraceView), ApiErrors))]
#[get("/customers/{id}/radius-trace")]
pub(crate) async fn get_radius_trace(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
    query: ValidQuery<TraceQuery>,
) -> Result<Json<RadiusTraceView>, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let after = query.into_inner().after;
    let trace = connection::get_radius_trace(guard.ctx(), &proof, after).await?;
    Ok(Json(trace.into()))
}

/// End the trace of a subscriber's RADIUS packets
#[utoipa::path(tag = "sessions", extensions(("x-permission" = json!("view_sessions"))),
    responses((status = 204, description = "Ended, and what it kept is forgotten"), ApiErrors))]
#[delete("/customers/{id}/radius-trace")]
pub(crate) async fn stop_radius_trace(
    guard: Guard<perm::ViewSessions>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    connection::stop_radius_trace(guard.ctx(), proof).await?;
    Ok(HttpResponse::NoContent().finish())
}
