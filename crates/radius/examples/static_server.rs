//! A RADIUS server with users from the command line, to try routers and dialers against.
//!
//! `static_server --listen 10.77.0.1 --secret testing123 --user alice:secret1[:ADDRESS]
//! [--rate 5M/10M] [--suspended NAME]`: every address may be a NAS, nothing is stored; accounting
//! is printed.
#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who started it"
)]

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::clock::Clock;
use domain::customer::CustomerStatus;
use domain::ids::{CustomerId, IspId, NasId};
use domain::network::access::IspAccessSettings;
use domain::network::nas::{Claims, Nas};
use domain::network::ports::{
    AccountingSink, LoginAnswer, LoginObserver, SinkError, SubscriberDirectory,
};
use domain::network::rate_limit::RateLimit;
use domain::network::secret::SecretBytes;
use domain::network::session::AccountingRecord;
use domain::network::subscriber::{ServicePackage, Subscriber};
use domain::ports::PortFuture;
use radius::acct::class::ClassKey;
use radius::server::{Server, ServerConfig, ServerPorts};
use tokio_util::sync::CancellationToken;

type Failure = Box<dyn std::error::Error + Send + Sync>;

struct WallClock;

impl Clock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the composition root of this example"
    )]
    fn now(&self) -> DateTime<Utc> {
        domain::clock::to_micros(Utc::now())
    }
}

struct StaticDirectory {
    nas: Vec<Arc<Nas>>,
    subscribers: HashMap<String, Arc<Subscriber>>,
}

impl SubscriberDirectory for StaticDirectory {
    fn nas_by_address(&self, address: IpAddr) -> Claims {
        let claims = self.nas.iter().find(|nas| nas.covers(address));
        Claims::from(Vec::from_iter(claims.map(Arc::clone)))
    }

    fn subscriber(&self, _: IspId, username: &str) -> Option<Arc<Subscriber>> {
        self.subscribers.get(username).map(Arc::clone)
    }

    fn isp_access(&self, _: IspId) -> IspAccessSettings {
        IspAccessSettings::default()
    }
}

struct Printer;

impl AccountingSink for Printer {
    fn record(&self, records: Vec<Arc<AccountingRecord>>) -> PortFuture<'_, Result<(), SinkError>> {
        for record in records {
            println!(
                "ACCT {:?} user={} session={} ip={:?} usage={:?} customer={} walled={} key={:?}",
                record.event,
                record.username,
                record.acct_session_id,
                record.framed_ip,
                record.usage,
                record.customer_id.is_some(),
                record.walled,
                record.session_key,
            );
        }
        Box::pin(async { Ok(()) })
    }
}

impl LoginObserver for Printer {
    fn login_answered(&self, answer: LoginAnswer) {
        println!("AUTH user={} {:?}", answer.username, answer.outcome);
    }
}

struct Options {
    listen: IpAddr,
    secret: String,
    rate: RateLimit,
    users: Vec<String>,
    suspended: Vec<String>,
}

fn options() -> Result<Options, Failure> {
    let mut options = Options {
        listen: Ipv4Addr::LOCALHOST.into(),
        secret: "testing123".into(),
        rate: RateLimit::new(5000, 10_000),
        users: Vec::new(),
        suspended: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--listen" => options.listen = value.parse()?,
            "--secret" => options.secret = value,
            "--rate" => options.rate = value.parse()?,
            "--user" => options.users.push(value),
            "--suspended" => options.suspended.push(value),
            _ => return Err(format!("{flag} is unknown").into()),
        }
    }
    Ok(options)
}

fn subscriber(entry: &str, options: &Options, isp_id: IspId) -> Result<Subscriber, Failure> {
    let mut parts = entry.split(':');
    let username = parts.next().unwrap_or_default();
    let password = parts.next().ok_or("--user needs NAME:PASSWORD[:ADDRESS]")?;
    let is_suspended = options.suspended.iter().any(|name| name == username);
    Ok(Subscriber {
        customer_id: CustomerId::generate(),
        isp_id,
        username: username.into(),
        password: SecretBytes::new(password),
        status: if is_suspended {
            CustomerStatus::Suspended
        } else {
            CustomerStatus::Active
        },
        expires_at: None,
        static_ipv4: parts.next().map(str::parse).transpose()?,
        package: Arc::new(ServicePackage {
            rate: Some(options.rate),
            ..ServicePackage::default()
        }),
        extras: None,
    })
}

fn directory(options: &Options) -> Result<StaticDirectory, Failure> {
    let isp_id = IspId::generate();
    let nas = ["0.0.0.0/0", "::/0"].map(|network| {
        let secret = SecretBytes::new(options.secret.as_bytes());
        let (id, range) = (NasId::generate(), network.parse()?);
        Ok::<_, Failure>(Arc::new(Nas::new(
            id,
            isp_id,
            network.into(),
            range,
            secret,
        )))
    });
    let mut subscribers = HashMap::new();
    for entry in &options.users {
        let subscriber = subscriber(entry, options, isp_id)?;
        subscribers.insert(subscriber.username.to_string(), Arc::new(subscriber));
    }
    Ok(StaticDirectory {
        nas: nas.into_iter().collect::<Result<_, _>>()?,
        subscribers,
    })
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = options()?;
    let ports = ServerPorts {
        directory: Arc::new(directory(&options)?),
        sink: Arc::new(Printer),
        clock: Arc::new(WallClock),
        observer: Some(Arc::new(Printer)),
    };
    let auth = SocketAddr::new(options.listen, 1812);
    let acct = SocketAddr::new(options.listen, 1813);
    let config = ServerConfig::new(auth, acct, ClassKey::new(rand::random()));
    let server = Server::bind(config, ports)?;
    let stop = CancellationToken::new();
    println!("listening on {auth} and {acct}");
    tokio::select! {
        ended = server.run(stop.clone()) => ended?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
