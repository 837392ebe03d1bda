//! Address pools of a simulated router.

use std::collections::{BTreeMap, HashSet};
use std::net::Ipv4Addr;

use thiserror::Error;

use crate::nas::settings::{PoolSettings, Remote};

/// Why a session got no address; RouterOS hangs up then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NoAddress {
    #[error("could not determine remote address")]
    Nowhere,
    #[error("the router has no pool named {0}")]
    UnknownPool(String),
    #[error("pool {0} has no free address")]
    Exhausted(String),
    #[error("address {0} is in use")]
    InUse(Ipv4Addr),
}

#[derive(Debug, Default)]
pub(crate) struct Pools {
    pools: BTreeMap<String, Pool>,
    fixed: HashSet<Ipv4Addr>,
}

#[derive(Debug, Default)]
struct Pool {
    settings: PoolSettings,
    next: u32,
    used: HashSet<Ipv4Addr>,
}

impl Pools {
    /// Takes on what the configuration says now; addresses in use stay in use.
    pub(crate) fn configure(&mut self, settings: &BTreeMap<String, PoolSettings>) {
        for (name, pool) in &mut self.pools {
            if !settings.contains_key(name) {
                self.fixed.extend(pool.used.drain());
            }
        }
        self.pools.retain(|name, _| settings.contains_key(name));
        for (name, settings) in settings {
            let pool = self.pools.entry(name.clone()).or_default();
            if pool.settings != *settings {
                pool.settings = settings.clone();
                pool.next = 0;
            }
        }
    }

    /// Takes the fixed address, or the next free one of a pool and those that follow it; with the
    /// name of the pool that it came from.
    pub(crate) fn take(
        &mut self,
        wanted: Option<&Remote>,
    ) -> Result<(Ipv4Addr, Option<String>), NoAddress> {
        match wanted {
            None => Err(NoAddress::Nowhere),
            Some(Remote::Address(address)) => self.take_fixed(*address),
            Some(Remote::Pool(name)) => self.take_dynamic(name),
        }
    }

    fn take_fixed(&mut self, address: Ipv4Addr) -> Result<(Ipv4Addr, Option<String>), NoAddress> {
        let is_dynamic = self.pools.values().any(|pool| pool.used.contains(&address));
        if is_dynamic || !self.fixed.insert(address) {
            return Err(NoAddress::InUse(address));
        }
        Ok((address, None))
    }

    fn take_dynamic(&mut self, name: &str) -> Result<(Ipv4Addr, Option<String>), NoAddress> {
        let mut name = name.to_owned();
        let first = name.clone();
        // A chain that leads back to itself ends after every pool was looked at once.
        for _ in 0..=self.pools.len() {
            let Some(pool) = self.pools.get_mut(&name) else {
                return Err(NoAddress::UnknownPool(name));
            };
            if let Some(address) = pool.take(&self.fixed) {
                return Ok((address, Some(name)));
            }
            match &pool.settings.next {
                Some(next) => name.clone_from(next),
                None => break,
            }
        }
        Err(NoAddress::Exhausted(first))
    }

    pub(crate) fn release(&mut self, address: Ipv4Addr) {
        self.fixed.remove(&address);
        for pool in self.pools.values_mut() {
            pool.used.remove(&address);
        }
    }

    pub(crate) fn release_all(&mut self) {
        self.fixed.clear();
        for pool in self.pools.values_mut() {
            pool.used.clear();
        }
    }
}

impl Pool {
    fn take(&mut self, fixed: &HashSet<Ipv4Addr>) -> Option<Ipv4Addr> {
        let size = self.settings.size();
        for _ in 0..size {
            let address = self.settings.at(self.next)?;
            self.next = (self.next + 1) % size;
            if !fixed.contains(&address) && self.used.insert(address) {
                return Some(address);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pools() -> Pools {
        let network = "10.255.255.0/29".parse().expect("a network");
        let mut pools = Pools::default();
        pools.configure(&BTreeMap::from([
            ("suspended".to_owned(), PoolSettings::of_network(network)),
            (
                "small".to_owned(),
                PoolSettings::read("10.9.0.1", "suspended"),
            ),
        ]));
        pools
    }

    fn pool(name: &str) -> Remote {
        Remote::Pool(name.to_owned())
    }

    fn take(pools: &mut Pools, wanted: &Remote) -> Result<String, NoAddress> {
        Ok(pools.take(Some(wanted))?.0.to_string())
    }

    #[test]
    fn a_pool_gives_each_address_once() {
        let mut pools = pools();
        let wanted = pool("suspended");
        let taken: Vec<String> = (2..=6)
            .map(|_| take(&mut pools, &wanted).expect("free"))
            .collect();
        let expected = [2, 3, 4, 5, 6].map(|last| format!("10.255.255.{last}"));
        assert_eq!(taken, expected);
        assert_eq!(
            take(&mut pools, &wanted),
            Err(NoAddress::Exhausted("suspended".to_owned()))
        );
        pools.release(Ipv4Addr::new(10, 255, 255, 4));
        assert_eq!(take(&mut pools, &wanted), Ok("10.255.255.4".to_owned()));
    }

    #[test]
    fn fixed_addresses_are_taken_once() {
        let mut pools = pools();
        let address = Ipv4Addr::new(10, 255, 255, 2);
        let fixed = Remote::Address(address);
        assert_eq!(take(&mut pools, &fixed), Ok("10.255.255.2".to_owned()));
        assert_eq!(take(&mut pools, &fixed), Err(NoAddress::InUse(address)));
        let next = take(&mut pools, &pool("suspended"));
        assert_eq!(next, Ok("10.255.255.3".to_owned()));
    }

    #[test]
    fn a_full_pool_goes_on_in_the_next() {
        let mut pools = pools();
        assert_eq!(take(&mut pools, &pool("small")), Ok("10.9.0.1".to_owned()));
        let (address, name) = pools.take(Some(&pool("small"))).expect("free");
        assert_eq!(
            (address.octets()[0], name.as_deref()),
            (10, Some("suspended"))
        );
    }

    #[test]
    fn an_unknown_pool_is_an_error() {
        let unknown = NoAddress::UnknownPool("gold".to_owned());
        assert_eq!(take(&mut pools(), &pool("gold")), Err(unknown));
        assert_eq!(pools().take(None), Err(NoAddress::Nowhere));
    }

    #[test]
    fn addresses_in_use_survive_another_configuration() {
        let mut pools = pools();
        let taken = take(&mut pools, &pool("small"));
        pools.configure(&BTreeMap::from([(
            "other".to_owned(),
            PoolSettings::read("10.9.0.1-10.9.0.2", ""),
        )]));
        assert_eq!(taken, Ok("10.9.0.1".to_owned()));
        assert_eq!(take(&mut pools, &pool("other")), Ok("10.9.0.2".to_owned()));
    }
}
