//! The settings of routers that the product keeps in order: typed, and as RouterOS writes them.
//!
//! [`Menu`] is a menu the product writes, with its properties and how they differ between versions, which
//! stands in [`menu`] and nowhere else. The types ([`Pool`], [`RadiusClient`] …) become [`Settings`], and
//! are read back from them. [`reads`] are the menus that are only read.

pub mod menu;
pub mod reads;
mod settings;
mod typed;

#[cfg(test)]
mod tests;

pub use self::menu::{Form, Identity, Menu, Property};
pub use self::settings::{InvalidValue, Settings};
pub use self::typed::{
    AddressListEntry, Model, NatAction, NatRule, OnlyOne, Pool, PppAaa, PppProfile, Protocol,
    RadiusClient, RadiusIncoming, RadiusService, RequireMessageAuth,
};
