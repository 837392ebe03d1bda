//! The simulated network of the demo: whoever is a customer dials in, also who came by an import a
//! moment ago.

use std::{collections::HashSet, sync::Arc, time::Duration};

use anyhow::Context as _;
use app::{
    directory::Directory,
    use_cases::nas::{EditNas, edit_nas, list_nas},
};
use domain::{
    authz::{Actor, NasRef, Scope, SystemActor},
    customer::CustomerStatus,
    network::subscriber::Subscriber,
};
use simnet::{
    nas::{NasConfig, Timing},
    network::{Network, NetworkConfig},
    subscribers::{Method, SubscriberConfig},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{NAS_SECRET, ROUTERS, allowed};
use crate::{config::Config, parts::Parts};

/// How often new customers are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Starts the routers and lets customers dial.
pub(super) async fn start(
    parts: &Parts,
    config: &Config,
    directory: Arc<Directory>,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let nas = ROUTERS
        .iter()
        .map(|(name, address)| {
            Ok(NasConfig {
                name: (*name).to_owned(),
                bind: address.parse().context("a loopback address")?,
                auth_server: config.radius_auth_listen,
                acct_server: config.radius_acct_listen,
                secret: NAS_SECRET.to_owned(),
                ..NasConfig::default()
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let timing = Timing {
        interim_ms: Some(15_000),
        redial_ms: 1_000,
        first_back_off_ms: 3_000,
        max_back_off_ms: 15_000,
        ..Timing::default()
    };
    let network = NetworkConfig {
        nas,
        timing,
        ..NetworkConfig::default()
    };
    // The simulation outlives the signal to stop, so that its Stops still arrive.
    let network = Network::start(network, CancellationToken::new()).await?;
    tell_control_ports(parts, &network).await?;
    let stop = stop.clone();
    tasks.spawn(async move {
        let mut known = HashSet::new();
        while !stop.is_cancelled() {
            let fresh: Vec<_> = directory
                .subscribers()
                .iter()
                .filter(|subscriber| subscriber.status != CustomerStatus::Closed)
                .filter(|subscriber| known.insert(subscriber.username.clone()))
                .filter_map(|subscriber| dialler(subscriber))
                .collect();
            network.add_all(fresh);
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        network.shut_down().await;
    });
    Ok(())
}

/// How a demo subscriber logs in: one in three each way, always the same for one name.
pub(super) fn method(username: &str) -> Method {
    match username
        .bytes()
        .fold(0_u32, |sum, byte| sum.wrapping_add(byte.into()))
        % 3
    {
        0 => Method::Pap,
        1 => Method::Chap,
        _ => Method::MsChapV2,
    }
}

fn dialler(subscriber: &Subscriber) -> Option<SubscriberConfig> {
    let password = std::str::from_utf8(subscriber.password.expose()).ok()?;
    let method = method(&subscriber.username);
    Some(SubscriberConfig::new(
        &subscriber.username,
        password,
        method,
    ))
}

/// The routers take our requests on ports that the system chose.
async fn tell_control_ports(parts: &Parts, network: &Network) -> anyhow::Result<()> {
    let scope = Scope::own(&Actor::System(SystemActor::Installation));
    for nas in list_nas(&parts.ctx, &scope).await? {
        let Some(address) = network
            .addresses()
            .into_iter()
            .find(|found| found.name == nas.name)
        else {
            continue;
        };
        let nas_ref = NasRef {
            id: nas.id,
            isp_id: nas.isp_id,
        };
        let coa_port = address.control.map(|control| control.port());
        edit_nas(
            &parts.ctx,
            allowed(nas_ref)?,
            EditNas {
                coa_port,
                ..EditNas::default()
            },
        )
        .await?;
    }
    Ok(())
}
