//! Names and values as they are written in JSON and in addresses.

use std::borrow::Cow;

use chrono::{DateTime, Datelike as _, Utc};
use domain::authz::Permission;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

/// An enum of the API with the names of a domain's enum, checked by the compiler both ways.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident = $domain:ty { $($variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name {
            $($variant,)*
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => Self::$variant,)* }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)* }
            }
        }
    };
}
pub(crate) use wire_enum;

wire_enum! {
    /// What kind of person somebody is.
    RoleLevel = domain::authz::RoleLevel {
        Developer, SuperAdmin, Admin, Operator, SubOperator, Manager, CardDistributor, SalesManager,
        Accountant, Staff, Integration, Customer,
    }
}

/// Something a person may be allowed to do, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PermissionName(pub(crate) Permission);

impl Serialize for PermissionName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for PermissionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Permission::parse(&name)
            .map(Self)
            .ok_or_else(|| D::Error::custom("not the name of a permission"))
    }
}

impl PartialSchema for PermissionName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Something a person may be allowed to do."))
            .enum_values(Some(
                Permission::ALL.iter().map(|permission| permission.as_str()),
            ))
            .into()
    }
}

impl ToSchema for PermissionName {
    fn name() -> Cow<'static, str> {
        "Permission".into()
    }
}

/// An instant that both databases keep and every reader of RFC 3339 can show: no leap second, no
/// year beyond four digits. Every instant that a caller sends is read by it.
pub(crate) fn instant<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    let Some(text) = Option::<Cow<'de, str>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let at = DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
    let at = at.with_timezone(&Utc);
    // A leap second is kept as more than a thousand milliseconds.
    if at.timestamp_subsec_nanos() >= 1_000_000_000 {
        return Err(D::Error::custom("seconds go from 00 to 59"));
    }
    if !(1970..=9999).contains(&at.year()) {
        return Err(D::Error::custom("must lie between 1970 and 9999"));
    }
    Ok(Some(domain::clock::to_micros(at)))
}

/// How many rows a page has.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct PageSize(pub(crate) u32);

impl PartialSchema for PageSize {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("How many rows a page has; 50 when absent."))
            .enum_values(Some(domain::page::PAGE_SIZES))
            .into()
    }
}

impl ToSchema for PageSize {}

/// The query of a list: its filters and which page is wanted.
macro_rules! list_query {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize, validator::Validate, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_doc])* pub(crate) $field: $type,)*
            /// How many rows a page has.
            #[param(inline)]
            limit: Option<$crate::wire::PageSize>,
            /// The `next_cursor` of the page before.
            #[validate(length(max = 2000))]
            #[param(max_length = 2000)]
            cursor: Option<String>,
        }

        impl $crate::extract::Paging for $name {
            fn limit(&self) -> Option<u32> {
                self.limit.map(|size| size.0)
            }
            fn cursor(&self) -> Option<&str> {
                self.cursor.as_deref()
            }
        }
    };
}
pub(crate) use list_query;

/// A field of a partial edit: absent, null or a value.
#[derive(Debug, Clone)]
pub(crate) struct PatchField<T>(pub(crate) domain::patch::Patch<T>);

impl<T> Default for PatchField<T> {
    fn default() -> Self {
        Self(domain::patch::Patch::Absent)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PatchField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use domain::patch::Patch;
        let value = Option::<T>::deserialize(deserializer)?;
        Ok(Self(value.map_or(Patch::Null, Patch::Value)))
    }
}

#[cfg(test)]
mod tests {
    use domain::patch::Patch;

    use super::*;

    #[derive(Deserialize)]
    struct Edit {
        #[serde(default)]
        zone: PatchField<u32>,
    }

    #[derive(Deserialize)]
    struct At {
        #[serde(default, deserialize_with = "instant")]
        at: Option<DateTime<Utc>>,
    }

    #[test]
    fn what_nobody_can_show_is_no_instant() {
        let read = |text: &str| serde_json::from_value::<At>(serde_json::json!({"at": text}));
        for refused in [
            "2027-06-30T23:59:60Z",
            "2027-06-30T23:59:60.5+06:00",
            "9999-12-31T23:59:59-14:00",
            "1969-12-31T23:59:59Z",
            "+12027-01-01T00:00:00Z",
            "2027-02-30T00:00:00Z",
            "2027-06-30",
        ] {
            assert!(read(refused).is_err(), "{refused}");
        }
        let at = read("2027-06-30T23:59:59.123456789+06:00").unwrap().at;
        let shown = at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
        assert_eq!(shown.as_deref(), Some("2027-06-30T17:59:59.123456Z"));
        assert_eq!(serde_json::from_str::<At>("{}").unwrap().at, None);
        assert_eq!(
            serde_json::from_str::<At>(r#"{"at":null}"#).unwrap().at,
            None
        );
    }

    #[test]
    fn absent_null_and_a_value_differ() {
        let read = |json| serde_json::from_str::<Edit>(json).unwrap().zone.0;
        assert_eq!(read("{}"), Patch::Absent);
        assert_eq!(read(r#"{"zone":null}"#), Patch::Null);
        assert_eq!(read(r#"{"zone":7}"#), Patch::Value(7));
    }
}
