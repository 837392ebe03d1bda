//! Subscribers.

pub(crate) mod access;
pub(crate) mod actions;
pub(crate) mod connection;
pub(crate) mod money;
pub(crate) mod records;
pub(crate) mod usage;

use actix_web::{HttpResponse, get, http::header, patch, post, web, web::Json};
use app::use_cases::customers::{
    self, CreateCustomer, CreateCustomerError, EditCustomer, EditCustomerError, allowed_actions,
};
use chrono::{DateTime, Utc};
use domain::{
    authz::{PermissionMarker, perm},
    customer::CustomerEdit,
    ids::{OperatorId, PackageId, ZoneId},
};
use persistence::query::customers::{CustomerDetail, CustomerFilter, CustomerSort, ListError};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, IfMatch, Paging, Valid, ValidQuery},
    problem::{ApiErrors, Problem},
    problem_type::ProblemType,
    views::{
        catalogue::BillingType,
        created_with_version,
        customers::{ConnectionType, CustomerPage, CustomerStatus, CustomerView, DeviceType},
    },
    wire::{PatchField, list_query},
};

/// In which order.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
pub(crate) enum CustomerOrder {
    /// Highest number first.
    #[default]
    #[serde(rename = "-number")]
    NumberDown,
    /// Lowest number first.
    #[serde(rename = "number")]
    Number,
    /// By name.
    #[serde(rename = "name")]
    Name,
    /// By name, backwards.
    #[serde(rename = "-name")]
    NameDown,
    /// Who expires first.
    #[serde(rename = "expires_at")]
    Expiry,
    /// Who expires last.
    #[serde(rename = "-expires_at")]
    ExpiryDown,
}

impl CustomerOrder {
    fn sort(self) -> CustomerSort {
        let name = match self {
            Self::NumberDown => "-number",
            Self::Number => "number",
            Self::Name => "name",
            Self::NameDown => "-name",
            Self::Expiry => "expires_at",
            Self::ExpiryDown => "-expires_at",
        };
        CustomerSort::parse(name).expect("invariant: the list offers these orders")
    }
}

list_query! {
    /// Which subscribers are wanted.
    ListCustomersQuery {
        #[param(inline)]
        status: Option<CustomerStatus>,
        package_id: Option<Uuid>,
        zone_id: Option<Uuid>,
        operator_id: Option<Uuid>,
        #[param(inline)]
        connection_type: Option<ConnectionType>,
        #[param(inline)]
        billing_type: Option<BillingType>,
        online: Option<bool>,
        /// Words of the name, the username, the number, the mobile or the address.
        #[validate(length(max = 100))]
        #[param(max_length = 100)]
        search: Option<String>,
        /// In which order.
        #[param(inline)]
        sort: Option<CustomerOrder>,
    }
}

/// List subscribers
#[utoipa::path(tag = "customers", params(ListCustomersQuery),
    extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "One page of subscribers", body = CustomerPage), ApiErrors))]
#[get("/customers")]
pub(crate) async fn list_customers(
    guard: Guard<perm::ViewCustomers>,
    query: ValidQuery<ListCustomersQuery>,
) -> Result<Json<CustomerPage>, Problem> {
    let query = query.into_inner();
    let (page, sort) = (query.page()?, query.sort.unwrap_or_default().sort());
    let filter = CustomerFilter {
        status: query.status.map(Into::into),
        package_id: query.package_id.map(PackageId::from_uuid),
        zone_id: query.zone_id.map(ZoneId::from_uuid),
        operator_id: query.operator_id.map(OperatorId::from_uuid),
        connection_type: query.connection_type.map(Into::into),
        billing_type: query.billing_type.map(Into::into),
        online: query.online,
        search: query.search,
    };
    let found = customers::list_customers(guard.ctx(), guard.scope(), &filter, sort, &page).await?;
    Ok(Json(found.map(Into::into).into()))
}

/// A new subscriber.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCustomerRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// The login name for the network.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    username: String,
    /// The password for the network.
    #[validate(length(min = 1, max = 128))]
    #[schema(min_length = 1, max_length = 128)]
    password: String,
    connection_type: ConnectionType,
    package_id: Uuid,
    /// The package's when absent.
    billing_type: Option<BillingType>,
    #[validate(length(max = 32))]
    #[schema(max_length = 32)]
    mobile: Option<String>,
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    email: Option<String>,
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    national_id: Option<String>,
    zone_id: Option<Uuid>,
    /// Whose customer it is; the maker's own when absent.
    operator_id: Option<Uuid>,
    #[validate(length(max = 500))]
    #[schema(max_length = 500)]
    address: Option<String>,
    device_type: Option<DeviceType>,
    #[validate(length(max = 15))]
    #[schema(max_length = 15)]
    static_ipv4: Option<String>,
    /// Until when it is served.
    #[serde(default, deserialize_with = "crate::wire::instant")]
    expires_at: Option<DateTime<Utc>>,
    #[validate(length(max = 4000))]
    #[schema(max_length = 4000)]
    notes: Option<String>,
    /// Whether credit buys the next period by itself; yes when absent.
    auto_renew: Option<bool>,
}

impl CreateCustomerRequest {
    fn into_command(self) -> Result<CreateCustomer, Problem> {
        Ok(CreateCustomer {
            expires_at: self.expires_at,
            name: self.name,
            username: self.username,
            password: self.password,
            connection_type: self.connection_type.into(),
            package_id: PackageId::from_uuid(self.package_id),
            billing_type: self.billing_type.map(Into::into),
            mobile: self.mobile,
            email: self.email,
            national_id: self.national_id,
            zone_id: self.zone_id.map(ZoneId::from_uuid),
            operator_id: self.operator_id.map(OperatorId::from_uuid),
            address: self.address,
            device_type: self.device_type.map(Into::into),
            static_ipv4: self.static_ipv4,
            notes: self.notes,
            auto_renew: self.auto_renew,
        })
    }
}

/// A subscriber as the caller may see it, with its version.
pub(crate) fn view<P: PermissionMarker>(
    guard: &Guard<P>,
    detail: CustomerDetail,
) -> (CustomerView, String) {
    let tag = IfMatch::tag(detail.item.customer.version);
    let actions = allowed_actions(&detail, guard.actor(), guard.ctx().clock.now());
    (CustomerView::new(detail, actions), tag)
}

/// 201 with a subscriber after something was done with it.
pub(crate) fn done<P: PermissionMarker>(guard: &Guard<P>, detail: CustomerDetail) -> HttpResponse {
    let (view, tag) = view(guard, detail);
    created_with_version(&format!("/customers/{}", view.id()), tag, &view)
}

/// Create a subscriber
#[utoipa::path(tag = "customers", request_body = CreateCustomerRequest,
    extensions(("x-permission" = json!("create_customers"))),
    responses((status = 201, description = "Created", body = CustomerView), ApiErrors))]
#[post("/customers")]
pub(crate) async fn create_customer(
    guard: Guard<perm::CreateCustomers>,
    body: Valid<CreateCustomerRequest>,
) -> Result<HttpResponse, Problem> {
    let (proof, cmd) = (guard.isp().await?, body.into_inner().into_command()?);
    Ok(done(
        &guard,
        customers::create_customer(guard.ctx(), proof, cmd).await?,
    ))
}

/// Show a subscriber
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "The subscriber; the ETag is for edits", body = CustomerView,
        headers(("ETag" = String, description = "The version, for If-Match"))), ApiErrors))]
#[get("/customers/{id}")]
pub(crate) async fn get_customer(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let found = customers::get_customer(guard.ctx(), &proof).await?;
    let found = found.ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    let (view, tag) = view(&guard, found);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        .json(view))
}

/// What to change of a subscriber; what is absent stays, null clears.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditCustomerRequest {
    #[validate(length(min = 1, max = 120))]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    username: Option<String>,
    #[validate(length(min = 1, max = 128))]
    #[schema(min_length = 1, max_length = 128)]
    password: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    mobile: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    email: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    national_id: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    zone_id: PatchField<Uuid>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    address: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<DeviceType>)]
    device_type: PatchField<DeviceType>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    static_ipv4: PatchField<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    notes: PatchField<String>,
    auto_renew: Option<bool>,
}

impl EditCustomerRequest {
    fn into_edit(self) -> Result<CustomerEdit, Problem> {
        Ok(CustomerEdit {
            name: self.name,
            username: self.username,
            password: self.password,
            mobile: self.mobile.0,
            email: self.email.0,
            national_id: self.national_id.0,
            zone_id: self
                .zone_id
                .0
                .try_map(|id| Ok::<_, Problem>(ZoneId::from_uuid(id)))?,
            address: self.address.0,
            device_type: self
                .device_type
                .0
                .try_map(|kind| Ok::<_, Problem>(kind.into()))?,
            static_ipv4: self.static_ipv4.0,
            notes: self.notes.0,
            auto_renew: self.auto_renew,
        })
    }
}

/// Edit a subscriber
#[utoipa::path(tag = "customers", request_body = EditCustomerRequest,
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The ETag that was read")),
    extensions(("x-permission" = json!("edit_customers"))),
    responses((status = 200, description = "The subscriber after the edit", body = CustomerView), ApiErrors))]
#[patch("/customers/{id}")]
pub(crate) async fn edit_customer(
    guard: Guard<perm::EditCustomers>,
    path: web::Path<Uuid>,
    version: IfMatch,
    body: Valid<EditCustomerRequest>,
) -> Result<HttpResponse, Problem> {
    let proof = guard.customer(path.into_inner()).await?;
    let cmd = EditCustomer {
        version: version.version(),
        edit: body.into_inner().into_edit()?,
    };
    let edited = customers::edit_customer(guard.ctx(), proof, cmd).await?;
    let (view, tag) = view(&guard, edited);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        .json(view))
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Cursor(error) => Self::invalid_field("cursor", error),
            ListError::Infra(error) => error.into(),
        }
    }
}

impl From<CreateCustomerError> for Problem {
    fn from(error: CreateCustomerError) -> Self {
        match error {
            CreateCustomerError::Invalid(fields) => fields.into(),
            CreateCustomerError::UsernameTaken => {
                Self::new(ProblemType::UsernameTaken).field("/username", "taken", error)
            }
            CreateCustomerError::StaticAddressTaken => {
                Self::new(ProblemType::AddressTaken).field("/static_ipv4", "taken", error)
            }
            CreateCustomerError::Infra(error) => error.into(),
        }
    }
}

impl From<EditCustomerError> for Problem {
    fn from(error: EditCustomerError) -> Self {
        match error {
            EditCustomerError::StaleVersion { .. } => {
                Self::new(ProblemType::VersionMismatch).detail(error)
            }
            EditCustomerError::Refused(refusal) => refusal.into(),
            EditCustomerError::Invalid(fields) => fields.into(),
            EditCustomerError::UsernameTaken => {
                Self::new(ProblemType::UsernameTaken).field("/username", "taken", error)
            }
            EditCustomerError::StaticAddressTaken => {
                Self::new(ProblemType::AddressTaken).field("/static_ipv4", "taken", error)
            }
            EditCustomerError::Missing => Self::new(ProblemType::NotFound),
            EditCustomerError::Infra(error) => error.into(),
        }
    }
}
