//! People of an ISP.

use actix_web::{HttpResponse, delete, get, patch, post, web, web::Json};
use app::use_cases::users::{self, CreateUser, EditUser, UserError};
use chrono::{DateTime, Utc};
use domain::{
    authz::{Permission, perm},
    ids::UserId,
};
use persistence::{
    query::users::{self as list, UserFilter},
    repo::identity::users as repo,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, Paging, Valid, ValidQuery},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        created, no_content,
        people::{AccountStatus, UserPage, UserView},
    },
    wire::{PatchField, PermissionName, RoleLevel, list_query},
};

list_query! {
    /// Which people are wanted.
    ListUsersQuery {
        /// Of one role.
        #[param(inline)]
        role: Option<RoleLevel>,
        /// Whose login or name has these letters.
        #[validate(length(max = 100))]
        #[param(max_length = 100)]
        search: Option<String>,
    }
}

/// List people
#[utoipa::path(tag = "users", params(ListUsersQuery),
    extensions(("x-permission" = json!("manage_staff"))),
    responses((status = 200, description = "One page of people", body = UserPage), ApiErrors))]
#[get("/users")]
pub(crate) async fn list_users(
    guard: Guard<perm::ManageStaff>,
    query: ValidQuery<ListUsersQuery>,
) -> Result<Json<UserPage>, Problem> {
    let query = query.into_inner();
    let (wanted, page) = (
        UserFilter {
            role: query.role.map(Into::into),
            search: query.search.clone(),
        },
        query.page()?,
    );
    let read = guard.ctx().db.read(guard.scope()).await?;
    let rows = list::list(&read, guard.scope(), &wanted, &page).await?;
    let ids: Vec<_> = rows
        .items
        .iter()
        .map(|row| UserId::from_uuid(row.id))
        .collect();
    let grants = repo::grants(&read, &ids).await?;
    let total = (rows.total, rows.total_is_exact);
    let items = rows
        .items
        .into_iter()
        .map(|row| UserView::new(row, &grants));
    Ok(Json(UserPage {
        items: items.collect::<Result<_, _>>()?,
        next_cursor: rows.next_cursor,
        total: total.0,
        total_is_exact: total.1,
    }))
}

async fn view(guard: &Guard<perm::ManageStaff>, id: UserId) -> Result<UserView, Problem> {
    let read = guard.ctx().db.read(guard.scope()).await?;
    let row = repo::find(&read, id).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    UserView::new(row, &repo::grants(&read, &[id]).await?)
}

/// A new account.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateUserRequest {
    #[validate(length(min = 3, max = 64))]
    #[schema(min_length = 3, max_length = 64)]
    login: String,
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    role: RoleLevel,
    /// The first password; the person must change it.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
    #[validate(email, length(max = 200))]
    #[schema(max_length = 200, format = "email")]
    email: Option<String>,
    #[validate(length(max = 32))]
    #[schema(max_length = 32)]
    mobile: Option<String>,
    /// The reseller it belongs to.
    operator_id: Option<Uuid>,
    /// In which ISP, for those who are not inside one.
    isp_id: Option<Uuid>,
}

/// Create an account
#[utoipa::path(tag = "users", request_body = CreateUserRequest,
    extensions(("x-permission" = json!("manage_staff"))),
    responses((status = 201, description = "Created", body = UserView), ApiErrors))]
#[post("/users")]
pub(crate) async fn create_user(
    guard: Guard<perm::ManageStaff>,
    body: Valid<CreateUserRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let proof = guard.isp_or_own(body.isp_id).await?;
    let cmd = CreateUser {
        operator: guard
            .refer_operator(body.operator_id, "/operator_id")
            .await?,
        login: body.login,
        name: body.name,
        role: body.role.into(),
        password: body.password,
        must_change_password: true,
        email: body.email,
        mobile: body.mobile,
    };
    let id = users::create_user(guard.ctx(), proof, cmd).await?;
    Ok(created(&format!("/users/{id}"), &view(&guard, id).await?))
}

/// Show an account
#[utoipa::path(tag = "users", extensions(("x-permission" = json!("manage_staff"))),
    responses((status = 200, description = "The account", body = UserView), ApiErrors))]
#[get("/users/{id}")]
pub(crate) async fn get_user(
    guard: Guard<perm::ManageStaff>,
    path: web::Path<Uuid>,
) -> Result<Json<UserView>, Problem> {
    let proof = guard.user(path.into_inner()).await?;
    Ok(Json(view(&guard, proof.resource().id).await?))
}

/// What to change of an account; what is absent stays, null clears.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditUserRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    email: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 32)]
    mobile: PatchField<String>,
    /// Disabling signs the person out everywhere.
    status: Option<AccountStatus>,
    /// Menus that are hidden from the person.
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    hidden_menus: Option<Vec<String>>,
}

/// Edit an account
#[utoipa::path(tag = "users", request_body = EditUserRequest,
    extensions(("x-permission" = json!("manage_staff"))),
    responses((status = 200, description = "The account after the edit", body = UserView), ApiErrors))]
#[patch("/users/{id}")]
pub(crate) async fn edit_user(
    guard: Guard<perm::ManageStaff>,
    path: web::Path<Uuid>,
    body: Valid<EditUserRequest>,
) -> Result<Json<UserView>, Problem> {
    let proof = guard.user(path.into_inner()).await?;
    let (id, body) = (proof.resource().id, body.into_inner());
    let cmd = EditUser {
        name: body.name,
        email: body.email.0,
        mobile: body.mobile.0,
        active: body.status.map(|status| status == AccountStatus::Active),
        hidden_menus: body.hidden_menus,
    };
    users::edit_user(guard.ctx(), proof, cmd).await?;
    Ok(Json(view(&guard, id).await?))
}

/// A password for somebody else.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordResetRequest {
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    password: String,
    /// Turns one-time codes off as well, for somebody who lost the device that makes them.
    #[serde(default)]
    remove_totp: bool,
}

/// Set a password that the person must change
#[utoipa::path(tag = "users", request_body = PasswordResetRequest,
    extensions(("x-permission" = json!("manage_staff"))),
    responses((status = 204, description = "Set; the person is signed out everywhere"), ApiErrors))]
#[post("/users/{id}/password-resets")]
pub(crate) async fn reset_user_password(
    guard: Guard<perm::ManageStaff>,
    path: web::Path<Uuid>,
    body: Valid<PasswordResetRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.user(path.into_inner()).await?;
    let body = body.into_inner();
    users::reset_user_password(guard.ctx(), proof, &body.password, body.remove_totp).await?;
    Ok(no_content())
}

/// A permission for one person.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantRequest {
    permission: PermissionName,
    /// Until when; absent means for good.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    expires_at: Option<DateTime<Utc>>,
}

/// Grant a permission
#[utoipa::path(tag = "users", request_body = GrantRequest,
    extensions(("x-permission" = json!("manage_staff"))),
    responses((status = 201, description = "The account with the grant", body = UserView), ApiErrors))]
#[post("/users/{id}/grants")]
pub(crate) async fn grant_permission(
    guard: Guard<perm::ManageStaff>,
    path: web::Path<Uuid>,
    body: Valid<GrantRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.user(path.into_inner()).await?;
    let (
        id,
        GrantRequest {
            permission,
            expires_at,
        },
    ) = (proof.resource().id, body.into_inner());
    users::grant_permission(guard.ctx(), proof, permission.0, expires_at).await?;
    Ok(created(&format!("/users/{id}"), &view(&guard, id).await?))
}

/// Take a grant back
#[utoipa::path(tag = "users", extensions(("x-permission" = json!("manage_staff"))),
    params(("id" = Uuid, Path), ("permission" = String, Path, max_length = 60)),
    responses((status = 204, description = "Taken back"), ApiErrors))]
#[delete("/users/{id}/grants/{permission}")]
pub(crate) async fn revoke_permission(
    guard: Guard<perm::ManageStaff>,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, name) = path.into_inner();
    let proof = guard.user(id).await?;
    let permission = Permission::parse(&name).ok_or(UserError::NoSuchGrant)?;
    users::revoke_grant(guard.ctx(), proof, permission).await?;
    Ok(no_content())
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::RoleNotManaged | UserError::NotYours | UserError::NotAPerson => {
                Self::new(ProblemType::Forbidden).detail(error)
            }
            UserError::Field(pointer, detail) => Self::invalid_field(pointer, detail),
            UserError::Weak(_) => {
                Self::new(ProblemType::WeakPassword).field("/password", "weak", error)
            }
            UserError::LoginTaken => {
                Self::new(ProblemType::LoginTaken).field("/login", "taken", error)
            }
            UserError::NotGrantable => Self::invalid_field("/permission", error),
            UserError::NoSuchGrant => Self::new(ProblemType::NotFound),
            UserError::Store(error) => error.into(),
            UserError::Infra(error) => error.into(),
        }
    }
}
