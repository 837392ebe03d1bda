//! The HTTP side: routes, who may call them, what they answer, and the single-page app.
//!
//! No rules and no SQL are here: a handler resolves what is addressed to evidence, calls one use
//! case or query, and maps the outcome to a view.

pub mod config;
mod extract;
mod health;
mod middleware;
mod openapi;
mod problem;
mod problem_type;
mod router;
mod routes;
pub mod server;
mod spa;
mod token;
mod views;
mod watch;
mod wire;

pub use config::{ApiConfig, RateLimits};
pub use openapi::openapi_json;
pub use problem::Problem;
pub use problem_type::ProblemType;
pub use server::{RunningApi, start};
