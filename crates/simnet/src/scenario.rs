//! What happens to a simulated network, and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::router::FaultRule;
use crate::subscribers::SubscriberConfig;

/// One event of a scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// Pause after the step before, in milliseconds.
    pub after_ms: u64,
    /// What happens.
    #[serde(flatten)]
    pub action: Action,
}

/// What can happen; without a router's name it happens to all.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Every line drops and dials again.
    Storm {
        /// The router.
        nas: Option<String>,
        /// Time over which the lines dial; 0 is all at once.
        #[serde(default)]
        spread_ms: u64,
    },
    /// The router loses its power and reports nothing.
    PowerCut {
        /// The router.
        nas: Option<String>,
        /// Time without power.
        outage_ms: u64,
    },
    /// The router restarts in order.
    Reboot {
        /// The router.
        nas: Option<String>,
        /// Time until lines dial again.
        outage_ms: u64,
    },
    /// What is asked over the router's API goes wrong.
    Fault {
        /// The router.
        nas: Option<String>,
        /// What goes wrong, and when.
        rule: FaultRule,
    },
    /// The faults are over.
    ClearFaults {
        /// The router.
        nas: Option<String>,
    },
    /// The router's API cannot be reached, or again.
    Away {
        /// The router.
        nas: Option<String>,
        /// Whether it cannot be reached.
        #[serde(default = "yes")]
        away: bool,
    },
    /// Somebody at the console of the router runs commands.
    Command {
        /// The router.
        nas: Option<String>,
        /// The commands, as in an export.
        run: String,
    },
    /// Everybody hangs up and stays away.
    HangUpAll,
    /// One subscriber dials.
    Dial {
        /// Name of the login.
        username: String,
    },
    /// One subscriber hangs up and stays away.
    HangUp {
        /// Name of the login.
        username: String,
    },
    /// A subscriber moves in.
    Add {
        /// The subscriber.
        subscriber: SubscriberConfig,
    },
    /// A subscriber moves out.
    Remove {
        /// Name of the login.
        username: String,
    },
}

fn yes() -> bool {
    true
}

/// Plays a scenario once.
pub(crate) async fn play(network: Network, steps: Vec<Step>) {
    for step in steps {
        let pause = Duration::from_millis(step.after_ms);
        tokio::time::sleep(network.on_the_wall(pause)).await;
        if !perform(&network, step.action) {
            tracing::warn!("A step of the scenario could not be carried out");
        }
    }
}

/// Lets something happen; false when it cannot: the router or subscriber is not there, the line is
/// busy already, or a command is refused.
pub fn perform(network: &Network, action: Action) -> bool {
    let milliseconds = Duration::from_millis;
    match action {
        Action::Storm { nas, spread_ms } => {
            network.redial_all(nas.as_deref(), milliseconds(spread_ms))
        }
        Action::PowerCut { nas, outage_ms } => {
            network.power_cut(nas.as_deref(), milliseconds(outage_ms))
        }
        Action::Reboot { nas, outage_ms } => {
            network.reboot(nas.as_deref(), milliseconds(outage_ms))
        }
        Action::Dial { username } => network.dial(&username),
        Action::HangUp { username } => network.hang_up(&username),
        Action::Add { subscriber } => network.add(subscriber),
        Action::Remove { username } => network.remove(&username),
        Action::Fault { nas, rule } => network.add_fault(nas.as_deref(), &rule),
        Action::ClearFaults { nas } => network.clear_faults(nas.as_deref()),
        Action::Away { nas, away } => network.set_away(nas.as_deref(), away),
        Action::Command { nas, run } => network.command(nas.as_deref(), &run),
        Action::HangUpAll => {
            network.hang_up_all();
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_plain_data() {
        let text = r#"[
            {"after_ms": 1000, "action": "storm"},
            {"after_ms": 0, "action": "power_cut", "nas": "SIM-1", "outage_ms": 5000},
            {"after_ms": 5, "action": "hang_up", "username": "rahim"}
        ]"#;
        let steps: Vec<Step> = serde_json::from_str(text).expect("a scenario");
        assert!(matches!(
            steps.first().map(|step| &step.action),
            Some(Action::Storm { .. })
        ));
        assert_eq!(steps.len(), 3);
    }

    #[test]
    fn a_misspelt_router_is_not_every_router() {
        let right = r#"{"action": "storm", "nas": "POP-1"}"#;
        let wrong = r#"{"action": "storm", "router": "POP-1"}"#;
        assert!(serde_json::from_str::<Action>(right).is_ok());
        assert!(serde_json::from_str::<Action>(wrong).is_err());
        let step = |text: &str| text.replace('{', r#"{"after_ms": 5, "#);
        assert!(serde_json::from_str::<Step>(&step(right)).is_ok());
        assert!(serde_json::from_str::<Step>(&step(wrong)).is_err());
    }
}
