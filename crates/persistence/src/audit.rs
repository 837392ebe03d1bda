//! The audit trail: one line for every unit of work that a proof permitted or that is about
//! somebody's own account, in its transaction.

use chrono::{DateTime, Utc};
use domain::{
    authz::{Actor, Via},
    ids::AuditId,
};

use crate::{
    error::Error,
    sql::{self, values},
    tx::{Change, Origin, Read},
};

pub(crate) async fn write(
    read: &Read,
    origin: &Origin,
    change: Change,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(audited) = &origin.audited else {
        return Ok(());
    };
    let who = Who::of(&origin.actor);
    sql::execute(
        read,
        "INSERT INTO audit_log (id, isp_id, tenancy_id, at, actor_id, actor_kind, impersonator_id, \
         api_key_id, permission, action, resource_type, resource_id, ip, user_agent, request_id, \
         before, after) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        values![
            AuditId::generate().as_uuid(),
            origin.isp_id.map(domain::ids::IspId::as_uuid),
            origin.tenancy_id,
            at,
            who.actor_id,
            who.kind,
            who.impersonator_id,
            who.api_key_id,
            audited.permission,
            origin.name,
            change.resource_type.unwrap_or(audited.resource_type),
            change.resource_id.or(audited.resource_id),
            who.ip,
            who.user_agent,
            who.request_id,
            change.before,
            change.after,
        ],
    )
    .await?;
    Ok(())
}

struct Who {
    kind: &'static str,
    actor_id: Option<uuid::Uuid>,
    impersonator_id: Option<uuid::Uuid>,
    api_key_id: Option<uuid::Uuid>,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
}

impl Who {
    fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Person(person) => Self {
                kind: person.role.as_str(),
                actor_id: Some(person.user_id.as_uuid()),
                impersonator_id: person.impersonator.map(domain::ids::UserId::as_uuid),
                api_key_id: match person.via {
                    Via::ApiKey(id) => Some(id.as_uuid()),
                    Via::SignIn(_) | Via::CommandLine => None,
                },
                ip: person.origin.ip.map(|ip| ip.to_string()),
                user_agent: person.origin.user_agent.clone(),
                request_id: person.origin.request_id.clone(),
            },
            Actor::System(system) => Self {
                kind: system.as_str(),
                actor_id: None,
                impersonator_id: None,
                api_key_id: None,
                ip: None,
                user_agent: None,
                request_id: None,
            },
        }
    }
}
