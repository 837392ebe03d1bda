//! What happens to a simulated network, and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::network::Network;
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
#[serde(tag = "action", rename_all = "snake_case")]
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

/// Plays a scenario once.
pub(crate) async fn play(network: Network, steps: Vec<Step>) {
    for step in steps {
        tokio::time::sleep(Duration::from_millis(step.after_ms)).await;
        perform(&network, step.action);
    }
}

fn perform(network: &Network, action: Action) {
    let milliseconds = Duration::from_millis;
    let happened = match action {
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
    };
    if !happened {
        tracing::warn!("A step of the scenario names a router or subscriber that is not there");
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
}
