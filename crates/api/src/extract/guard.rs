//! The one way to rows and use cases: who calls, with which permission, to which thing.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use app::{ctx::AppCtx, use_cases::auth};
use domain::{
    authz::{
        Actor, ApiKeyRef, CustomerRef, Denied, ImportRef, InvoiceRef, IspRef, JobRef, NasRef,
        OperatorRef, PackageRef, PaymentRef, PermissionMarker, PlatformRef, Proof, RealmRef,
        Resource, RouterRef, Scope, UserRef, ZoneRef, authorize,
    },
    ids::{
        ApiKeyId, CustomerId, ImportId, InvoiceId, IspId, JobId, NasId, OperatorId, PackageId,
        PaymentId, RealmId, RouterId, TenancyId, UserId, ZoneId,
    },
};
use futures::future::LocalBoxFuture;
use persistence::lookup;
use uuid::Uuid;

use super::{
    caller::{self, Caller},
    state::Sessions,
    watcher::Watcher,
};
use crate::{problem::Problem, problem_type::ProblemType};

/// Somebody who may do `P`, to some rows at least.
pub(crate) struct Guard<P> {
    caller: Caller,
    scope: Scope,
    permission: PhantomData<fn() -> P>,
}

impl<P: PermissionMarker> Guard<P> {
    pub(crate) fn ctx(&self) -> &AppCtx {
        &self.caller.state.ctx
    }

    pub(crate) fn actor(&self) -> &Actor {
        &self.caller.actor
    }

    /// The rows that the permission shows.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn sessions(&self) -> Sessions {
        Sessions(std::sync::Arc::clone(&self.caller.state))
    }

    /// The sign-in; programs with keys have none.
    pub(crate) fn sign_in_id(&self) -> Result<domain::ids::SignInId, Problem> {
        caller::sign_in_of(&self.caller.actor).ok_or_else(|| Problem::new(ProblemType::Forbidden))
    }

    /// A place among the caller's streams.
    pub(crate) fn watch(self) -> Result<Watcher, Problem> {
        Watcher::new(self.caller)
    }

    /// Evidence for the caller's own ISP.
    pub(crate) async fn isp(&self) -> Result<Proof<P, IspRef>, Problem> {
        let isp_id = self
            .scope
            .isp_id()
            .ok_or_else(|| Problem::new(ProblemType::IspRequired))?;
        self.isp_by_id(isp_id.as_uuid()).await
    }

    /// Evidence for the ISP of that id, or for the caller's own.
    pub(crate) async fn isp_or_own(&self, id: Option<Uuid>) -> Result<Proof<P, IspRef>, Problem> {
        match id {
            None => self.isp().await,
            Some(id) => self
                .isp_by_id(id)
                .await
                .map_err(|problem| referred(problem, "/isp_id")),
        }
    }

    /// Evidence for the platform as a whole.
    pub(crate) fn platform(&self) -> Result<Proof<P, PlatformRef>, Problem> {
        self.prove(Some(PlatformRef))
    }

    /// Asks for the password again, before something dangerous.
    pub(crate) async fn confirm_password(&self, password: &str) -> Result<(), Problem> {
        let limit = self.caller.state.rates.sign_in_per_minute;
        auth::confirm_password(self.ctx(), self.actor(), password, limit).await?;
        Ok(())
    }

    fn prove<R: Resource>(&self, found: Option<R>) -> Result<Proof<P, R>, Problem> {
        let resource = found.ok_or(Denied::OutOfReach)?;
        Ok(authorize::<P, R>(&self.caller.actor, resource)?)
    }
}

/// A lookup by an id of the address: what is not there is 404. The second form is for ids inside
/// a body: what is not there is 422 and points at the field.
macro_rules! lookups {
    ($($name:ident, $referred:ident, $lookup:ident, $id:ty, $reference:ty;)*) => {
        #[expect(dead_code, reason = "not every kind of thing is referred to in both ways")]
        impl<P: PermissionMarker> Guard<P> {$(
            pub(crate) async fn $name(&self, id: Uuid) -> Result<Proof<P, $reference>, Problem> {
                let read = self.ctx().db.read_one(&self.scope).await?;
                let found = lookup::$lookup(&read, &self.scope, <$id>::from_uuid(id)).await?;
                self.prove(found)
            }

            pub(crate) async fn $referred(
                &self,
                id: Option<Uuid>,
                pointer: &str,
            ) -> Result<Option<$reference>, Problem> {
                let Some(id) = id else { return Ok(None) };
                let read = self.ctx().db.read_one(&self.scope).await?;
                let found = lookup::$lookup(&read, &self.scope, <$id>::from_uuid(id)).await?;
                found.map(Some).ok_or_else(|| unknown(pointer))
            }
        )*}
    };
}

lookups! {
    api_key, refer_api_key, api_key, ApiKeyId, ApiKeyRef;
    customer, refer_customer, customer, CustomerId, CustomerRef;
    import, refer_import, import, ImportId, ImportRef;
    invoice, refer_invoice, invoice, InvoiceId, InvoiceRef;
    isp_by_id, refer_isp, isp, IspId, IspRef;
    job, refer_job, job, JobId, JobRef;
    nas, refer_nas, nas, NasId, NasRef;
    operator, refer_operator, operator, OperatorId, OperatorRef;
    package, refer_package, package, PackageId, PackageRef;
    payment, refer_payment, payment, PaymentId, PaymentRef;
    realm, refer_realm, realm, RealmId, RealmRef;
    router, refer_router, router, RouterId, RouterRef;
    tenancy, refer_tenancy, tenancy, TenancyId, domain::authz::TenancyRef;
    user, refer_user, user, UserId, UserRef;
    zone, refer_zone, zone, ZoneId, ZoneRef;
}

fn unknown(pointer: &str) -> Problem {
    Problem::new(ProblemType::UnknownReference).field(pointer, "unknown", "there is no such thing")
}

fn referred(problem: Problem, pointer: &str) -> Problem {
    if problem.kind() == ProblemType::NotFound {
        unknown(pointer)
    } else {
        problem
    }
}

impl<P: PermissionMarker> FromRequest for Guard<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = Caller::of(&request).await?;
            if caller.must_change_password {
                return Err(Problem::new(ProblemType::PasswordChangeRequired));
            }
            let scope = Scope::of::<P>(&caller.actor)?;
            Ok(Self {
                caller,
                scope,
                permission: PhantomData,
            })
        })
    }
}
