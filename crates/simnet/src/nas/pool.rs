//! Address pools of a simulated router.

use std::collections::{BTreeMap, HashSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use thiserror::Error;

/// Why a session got no address; RouterOS hangs up then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NoAddress {
    #[error("the router has no pool named {0}")]
    UnknownPool(String),
    #[error("pool {0} has no free address")]
    Exhausted(String),
    #[error("address {0} is in use")]
    InUse(Ipv4Addr),
}

pub(crate) struct Pools {
    pools: BTreeMap<String, Pool>,
    default_pool: String,
    fixed: HashSet<Ipv4Addr>,
}

struct Pool {
    network: Ipv4Net,
    next: u32,
    used: HashSet<Ipv4Addr>,
}

impl Pools {
    pub(crate) fn new(pools: &BTreeMap<String, Ipv4Net>, default_pool: &str) -> Self {
        let pool = |network: &Ipv4Net| Pool {
            network: *network,
            next: 0,
            used: HashSet::new(),
        };
        Self {
            pools: pools
                .iter()
                .map(|(name, network)| (name.clone(), pool(network)))
                .collect(),
            default_pool: default_pool.to_owned(),
            fixed: HashSet::new(),
        }
    }

    /// Takes the fixed address, else the next free one of the named or the default pool.
    pub(crate) fn take(
        &mut self,
        fixed: Option<Ipv4Addr>,
        pool: Option<&str>,
    ) -> Result<Ipv4Addr, NoAddress> {
        if let Some(address) = fixed {
            let is_dynamic = self.pools.values().any(|pool| pool.used.contains(&address));
            if is_dynamic || !self.fixed.insert(address) {
                return Err(NoAddress::InUse(address));
            }
            return Ok(address);
        }
        let name = pool.unwrap_or(&self.default_pool);
        let unknown = || NoAddress::UnknownPool(name.to_owned());
        let pool = self.pools.get_mut(name).ok_or_else(unknown)?;
        pool.take(&self.fixed)
            .ok_or_else(|| NoAddress::Exhausted(name.to_owned()))
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
    /// The network and broadcast addresses and the router's own (.1) stay free.
    fn take(&mut self, fixed: &HashSet<Ipv4Addr>) -> Option<Ipv4Addr> {
        let first = u32::from(self.network.network()).checked_add(2)?;
        let last = u32::from(self.network.broadcast()).checked_sub(1)?;
        let size = last.checked_sub(first)?.checked_add(1)?;
        for _ in 0..size {
            let address = Ipv4Addr::from(first + self.next);
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
        Pools::new(
            &BTreeMap::from([("suspended".to_owned(), network)]),
            "suspended",
        )
    }

    #[test]
    fn a_pool_gives_each_address_once() {
        let mut pools = pools();
        let taken: Vec<String> = (0..5)
            .map(|_| pools.take(None, None).expect("free").to_string())
            .collect();
        let expected = [
            "10.255.255.2",
            "10.255.255.3",
            "10.255.255.4",
            "10.255.255.5",
            "10.255.255.6",
        ];
        assert_eq!(taken, expected);
        assert_eq!(
            pools.take(None, None),
            Err(NoAddress::Exhausted("suspended".to_owned()))
        );
        pools.release(Ipv4Addr::new(10, 255, 255, 4));
        assert_eq!(pools.take(None, None), Ok(Ipv4Addr::new(10, 255, 255, 4)));
    }

    #[test]
    fn fixed_addresses_are_taken_once() {
        let mut pools = pools();
        let address = Ipv4Addr::new(10, 255, 255, 2);
        assert_eq!(pools.take(Some(address), None), Ok(address));
        assert_eq!(
            pools.take(Some(address), None),
            Err(NoAddress::InUse(address))
        );
        assert_eq!(pools.take(None, None), Ok(Ipv4Addr::new(10, 255, 255, 3)));
    }

    #[test]
    fn an_unknown_pool_is_an_error() {
        let unknown = NoAddress::UnknownPool("gold".to_owned());
        assert_eq!(pools().take(None, Some("gold")), Err(unknown));
    }
}
