//! The simulated network of the demo: whoever is a customer dials in, also who came by an import a
//! moment ago. Only those who are kept for tools like `radclient` never do.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

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
    group::RouterGroup,
    nas::Timing,
    network::{NasAddress, Network, NetworkConfig},
    router::Account,
    subscribers::{Method, SubscriberConfig},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{NAS_SECRET, ROUTER_PASSWORD, ROUTER_USER, ROUTERS, allowed, subscribers};
use crate::{config::Config, parts::Parts};

/// The version of each router.
const VERSIONS: [&str; ROUTERS.len()] = ["7.16", "7.20"];
/// How often new customers are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Starts the routers and lets customers dial; says where the routers are found.
pub(super) async fn start(
    parts: &Parts,
    config: &Config,
    directory: Arc<Directory>,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<Vec<NasAddress>> {
    let routers = ROUTERS
        .iter()
        .zip(VERSIONS)
        .map(|((name, address), version)| router(name, (address, version), config))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let timing = Timing {
        interim_ms: Some(15_000),
        redial_ms: 1_000,
        first_back_off_ms: 3_000,
        max_back_off_ms: 15_000,
        ..Timing::default()
    };
    let network = NetworkConfig {
        routers,
        timing,
        begins: Some(parts.ctx.clock.now()),
        ..NetworkConfig::default()
    };
    // The simulation outlives the signal to stop, so that its Stops still arrive.
    let network = Network::start(network, CancellationToken::new()).await?;
    tell_control_ports(parts, &network).await?;
    let addresses = network.addresses();
    let stop = stop.clone();
    tasks.spawn(async move {
        // As if they had dialled already.
        let mut known: HashSet<Box<str>> = subscribers::offline().map(Into::into).collect();
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
    Ok(addresses)
}

/// A whole router, with an API, whose subscribers log in as its own menus say.
fn router(
    name: &str,
    (address, version): (&str, &str),
    config: &Config,
) -> anyhow::Result<RouterGroup> {
    let address: Ipv4Addr = address.parse().context("a loopback address")?;
    let (auth, acct) = (config.radius_auth_listen, config.radius_acct_listen);
    let server = within_reach(auth).ip();
    let incoming = free_port(address)?;
    let setup = format!(
        "/radius add service=ppp,hotspot address={server} secret={NAS_SECRET} timeout=3s \
         authentication-port={} accounting-port={}\n\
         /radius incoming set accept=yes port={incoming}\n\
         /ppp aaa set use-radius=yes accounting=yes interim-update=0s\n\
         /ip pool add name=customers ranges=100.64.0.2-100.64.255.254\n\
         /ip pool add name=suspended ranges=10.255.255.2-10.255.255.254\n\
         /ppp profile set default local-address=100.64.0.1 remote-address=customers\n\
         /interface pppoe-server server add interface=ether2 service-name=internet disabled=no\n\
         /certificate add name=api common-name=api\n\
         /certificate sign api\n\
         /ip service set api-ssl certificate=api\n",
        auth.port(),
        acct.port(),
    );
    let user = |name: &str, group: &str| Account {
        name: name.to_owned(),
        password: ROUTER_PASSWORD.to_owned(),
        group: group.to_owned(),
    };
    Ok(RouterGroup {
        name: name.to_owned(),
        versions: vec![version.to_owned()],
        address,
        api_port: Some(0),
        tls_port: Some(0),
        users: vec![user("admin", "full"), user(ROUTER_USER, "read")],
        setup,
        log_lines: 1000,
        ..RouterGroup::default()
    })
}

/// Where this machine reaches an address that is listened on: nobody sends to "every address".
pub(super) fn within_reach(listening: SocketAddr) -> SocketAddr {
    match listening.ip() {
        ip if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, listening.port())),
        _ => listening,
    }
}

/// A port that nobody has at this moment: several demos may run on one machine.
fn free_port(address: Ipv4Addr) -> anyhow::Result<u16> {
    let socket = UdpSocket::bind((address, 0)).context("a loopback address can be bound")?;
    Ok(socket.local_addr()?.port())
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

/// The routers take our requests on ports that were free.
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
