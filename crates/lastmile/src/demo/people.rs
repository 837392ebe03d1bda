//! The people of the demo.

use anyhow::Context as _;
use app::use_cases::{
    operators::{CreateOperator, create_operator},
    platform::{self, CreateIsp, CreateTenancy, Owner},
    users::{CreateUser, create_user},
};
use domain::{
    authz::{IspRef, OperatorRef, PlatformRef, RoleLevel, TenancyRef},
    customer::BillingType,
    operator::OperatorKind,
};

use super::allowed;
use crate::parts::Parts;

/// What everybody in the demo signs in with.
pub(super) const PASSWORD: &str = "try-lastmile-2026";

/// Login and name of each role.
pub(super) const PEOPLE: [(RoleLevel, &str, &str); 10] = [
    (RoleLevel::Developer, "developer", "Dilara Platform"),
    (RoleLevel::SuperAdmin, "owner", "Sultan Ahmed"),
    (RoleLevel::Admin, "admin", "Ayesha Rahman"),
    (RoleLevel::Operator, "operator", "Omar Faruk"),
    (RoleLevel::SubOperator, "suboperator", "Sumaiya Akter"),
    (RoleLevel::Manager, "manager", "Mahmud Hasan"),
    (RoleLevel::CardDistributor, "distributor", "Delwar Hossain"),
    (RoleLevel::SalesManager, "sales", "Salma Begum"),
    (RoleLevel::Accountant, "accountant", "Anwar Kabir"),
    (RoleLevel::Staff, "staff", "Shirin Sultana"),
];

/// The resellers of the demo.
pub(super) struct Resellers {
    pub(super) operator: OperatorRef,
    pub(super) sub_operator: OperatorRef,
}

fn person(role: RoleLevel) -> anyhow::Result<(&'static str, &'static str)> {
    PEOPLE
        .iter()
        .find(|(of, _, _)| *of == role)
        .map(|(_, login, name)| (*login, *name))
        .context("the demo has a person of that role")
}

fn owner(role: RoleLevel) -> anyhow::Result<Owner> {
    let (login, name) = person(role)?;
    Ok(Owner {
        login: login.to_owned(),
        name: name.to_owned(),
        password: PASSWORD.to_owned(),
        must_change_password: false,
    })
}

/// The owner of the installation, a tenancy and its ISP.
pub(super) async fn platform(parts: &Parts) -> anyhow::Result<IspRef> {
    let ctx = &parts.ctx;
    platform::create_developer(ctx, allowed(PlatformRef)?, owner(RoleLevel::Developer)?).await?;
    let tenancy = CreateTenancy {
        name: "Demo Group".to_owned(),
        super_admin: owner(RoleLevel::SuperAdmin)?,
    };
    let tenancy_id = platform::create_tenancy(ctx, allowed(PlatformRef)?, tenancy).await?;
    let isp = CreateIsp {
        name: "Demo Net".to_owned(),
        currency: "BDT".to_owned(),
        time_zone: "Asia/Dhaka".to_owned(),
        country: "BD".to_owned(),
        admin: owner(RoleLevel::Admin)?,
    };
    let tenancy_ref = TenancyRef { id: tenancy_id };
    let id = platform::create_isp(ctx, allowed(tenancy_ref)?, isp).await?;
    Ok(IspRef { id, tenancy_id })
}

/// Resellers, and everybody who works for the ISP.
pub(super) async fn inside(parts: &Parts, isp: IspRef) -> anyhow::Result<Resellers> {
    let operator = reseller(parts, isp, "Mirpur Broadband", OperatorKind::Operator, None).await?;
    let below = Some(operator);
    let sub_operator = reseller(
        parts,
        isp,
        "Mirpur Block C",
        OperatorKind::SubOperator,
        below,
    )
    .await?;
    for (role, login, name) in PEOPLE {
        let works_for = match role {
            RoleLevel::Developer | RoleLevel::SuperAdmin | RoleLevel::Admin => continue,
            RoleLevel::Operator => Some(operator),
            RoleLevel::SubOperator => Some(sub_operator),
            RoleLevel::Manager
            | RoleLevel::CardDistributor
            | RoleLevel::SalesManager
            | RoleLevel::Accountant
            | RoleLevel::Staff
            | RoleLevel::Integration
            | RoleLevel::Customer => None,
        };
        let user = CreateUser {
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            password: PASSWORD.to_owned(),
            must_change_password: false,
            email: None,
            mobile: None,
            operator: works_for,
        };
        create_user(&parts.ctx, allowed(isp)?, user).await?;
    }
    Ok(Resellers {
        operator,
        sub_operator,
    })
}

async fn reseller(
    parts: &Parts,
    isp: IspRef,
    name: &str,
    kind: OperatorKind,
    parent: Option<OperatorRef>,
) -> anyhow::Result<OperatorRef> {
    let parent_id = parent.map(|parent| parent.id);
    let wanted = CreateOperator {
        name: name.to_owned(),
        kind,
        parent_id,
        mobile: Some("01711223344".to_owned()),
        email: None,
    };
    let made = create_operator(&parts.ctx, allowed(isp)?, wanted).await?;
    Ok(OperatorRef {
        id: made.id,
        isp_id: isp.id,
        parent_id,
    })
}

/// When the demo's customers pay.
pub(super) const BILLING: BillingType = BillingType::Prepaid;
