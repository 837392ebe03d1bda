//! By which address or certificate a NAS is found.
//!
//! ISPs name their routers without being asked for proof, so several may name one: then all of them
//! are found, of each ISP the one with the longest prefix.

use std::{net::IpAddr, sync::Arc};

use domain::{
    ids::IspId,
    network::nas::{Claims, Nas},
};
use ipnet::IpNet;
use rustc_hash::FxHashMap;

#[derive(Default)]
pub(super) struct NasIndex {
    by_ip: FxHashMap<IpAddr, Claims>,
    /// Networks with more than one address, longest prefix first.
    networks: Vec<Network>,
    /// By what their certificates are known over RadSec.
    by_certificate: FxHashMap<Box<str>, Arc<Nas>>,
}

struct Network {
    claim: Claim,
    /// Another ISP names the same or one that contains it. One inside is met before, being longer.
    is_shared: bool,
}

/// A NAS, and how many claims were older.
#[derive(Clone)]
struct Claim {
    rank: usize,
    nas: Arc<Nas>,
}

/// A NAS and by what its certificate is known.
pub(super) type Registered = (Nas, Option<String>);

type Claimed = FxHashMap<IpNet, Vec<Claim>>;

impl NasIndex {
    /// Takes every NAS in service, the oldest claim first.
    pub(super) fn new(all: Vec<Registered>) -> Self {
        let mut index = Self::default();
        let mut claimed = Claimed::default();
        for (rank, (nas, identity)) in all.into_iter().enumerate() {
            let nas = Arc::new(nas);
            if let Some(identity) = identity {
                index.know_by(identity, &nas);
            }
            claimed
                .entry(nas.network)
                .or_default()
                .push(Claim { rank, nas });
        }
        for (network, claims) in &claimed {
            if network.prefix_len() == network.max_prefix_len() {
                let found = in_order(of_each_isp(&claimed, *network));
                index.by_ip.insert(network.addr(), found);
            } else {
                index.networks.extend(claims.iter().map(|claim| Network {
                    claim: claim.clone(),
                    is_shared: is_shared(&claimed, *network, claim.nas.isp_id),
                }));
            }
        }
        let by_length = |known: &Network| {
            let length = known.claim.nas.network.prefix_len();
            (std::cmp::Reverse(length), known.claim.rank)
        };
        index.networks.sort_by_key(by_length);
        index
    }

    /// Who says that a NAS of theirs sends from an address.
    pub(super) fn claims(&self, address: IpAddr) -> Claims {
        if let Some(claims) = self.by_ip.get(&address) {
            return claims.clone();
        }
        let covers = |known: &&Network| known.claim.nas.covers(address);
        let mut found = self.networks.iter().filter(covers);
        match found.next() {
            None => Claims::Nobody,
            Some(first) if !first.is_shared => Claims::One(Arc::clone(&first.claim.nas)),
            Some(first) => {
                let mut claims = vec![first.claim.clone()];
                found.for_each(|known| add(&mut claims, &known.claim));
                in_order(claims)
            }
        }
    }

    /// The NAS that is known by one of the names, the first before the others.
    pub(super) fn by_certificate(&self, names: &[String]) -> Option<Arc<Nas>> {
        names
            .iter()
            .find_map(|name| self.by_certificate.get(name.as_str()))
            .map(Arc::clone)
    }

    /// Who was known by a certificate first, stays so.
    fn know_by(&mut self, identity: String, nas: &Arc<Nas>) {
        let known = self.by_certificate.entry(identity.into_boxed_str());
        let holder = known.or_insert_with(|| Arc::clone(nas));
        if holder.id != nas.id {
            tracing::warn!(
                nas.id = %nas.id,
                isp.id = %nas.isp_id,
                holder.id = %holder.id,
                "a NAS names a certificate that another ISP named before: it is not found by it"
            );
        }
    }
}

/// The claims on all of a network, of each ISP that with the longest prefix.
fn of_each_isp(claimed: &Claimed, network: IpNet) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut outer = Some(network);
    while let Some(network) = outer {
        let here = claimed.get(&network).into_iter().flatten();
        here.for_each(|claim| add(&mut claims, claim));
        outer = network.supernet();
    }
    claims
}

fn add(claims: &mut Vec<Claim>, claim: &Claim) {
    let isp_id = claim.nas.isp_id;
    if claims.iter().all(|known| known.nas.isp_id != isp_id) {
        claims.push(claim.clone());
    }
}

fn in_order(mut claims: Vec<Claim>) -> Claims {
    claims.sort_by_key(|claim| claim.rank);
    let claims: Vec<Arc<Nas>> = claims.into_iter().map(|claim| claim.nas).collect();
    claims.into()
}

/// Whether another ISP claims all of a network.
fn is_shared(claimed: &Claimed, network: IpNet, isp_id: IspId) -> bool {
    let claims = of_each_isp(claimed, network);
    claims.iter().any(|claim| claim.nas.isp_id != isp_id)
}

#[cfg(test)]
mod tests {
    use domain::{ids::NasId, network::secret::SecretBytes};

    use super::*;

    fn nas(isp_id: IspId, name: &str, network: &str) -> Registered {
        let network: IpNet = network.parse().expect("a network");
        let secret = SecretBytes::new("a-secret-of-it");
        let nas = Nas::new(NasId::generate(), isp_id, name.into(), network, secret);
        (nas, None)
    }

    fn names(index: &NasIndex, address: &str) -> Vec<String> {
        match index.claims(address.parse().expect("an address")) {
            Claims::Nobody => Vec::new(),
            Claims::One(nas) => vec![nas.name.clone()],
            Claims::Several(claims) => claims.iter().map(|nas| nas.name.clone()).collect(),
        }
    }

    #[test]
    fn within_one_isp_the_longest_prefix_wins() {
        let isp_id = IspId::generate();
        let index = NasIndex::new(vec![
            nas(isp_id, "valley", "10.0.0.0/24"),
            nas(isp_id, "street", "10.0.0.16/28"),
            nas(isp_id, "house", "10.0.0.17/32"),
        ]);
        for (address, found) in [
            ("10.0.0.17", "house"),
            ("10.0.0.18", "street"),
            ("10.0.0.1", "valley"),
        ] {
            assert_eq!(names(&index, address), [found]);
        }
        assert!(names(&index, "10.0.1.1").is_empty());
    }

    #[test]
    fn every_isp_that_names_an_address_is_found_the_oldest_claim_first() {
        let [ours, theirs] = [IspId::generate(), IspId::generate()];
        let index = NasIndex::new(vec![
            nas(ours, "our valley", "10.0.0.0/24"),
            nas(theirs, "their house", "10.0.0.17/32"),
            nas(theirs, "their street", "10.0.0.16/28"),
            nas(ours, "our house", "10.0.0.99/32"),
            nas(theirs, "their other house", "10.0.0.99/32"),
        ]);
        assert_eq!(names(&index, "10.0.0.17"), ["our valley", "their house"]);
        assert_eq!(names(&index, "10.0.0.18"), ["our valley", "their street"]);
        assert_eq!(names(&index, "10.0.0.1"), ["our valley"], "nobody else's");
        assert_eq!(
            names(&index, "10.0.0.99"),
            ["our house", "their other house"]
        );
    }

    #[test]
    fn a_certificate_stays_with_who_named_it_first_and_the_more_exact_name_wins() {
        let [ours, theirs] = [IspId::generate(), IspId::generate()];
        let known = |(nas, _): Registered, by: &str| (nas, Some(by.to_owned()));
        let index = NasIndex::new(vec![
            known(nas(ours, "ours", "10.0.0.1/32"), "tower7.example"),
            known(nas(theirs, "theirs", "10.0.0.2/32"), "tower7.example"),
            known(nas(theirs, "exact", "10.0.0.3/32"), "sha256:07"),
        ]);
        let found = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            index.by_certificate(&names).map(|nas| nas.name.clone())
        };
        assert_eq!(
            found(&["sha256:99", "tower7.example"]).as_deref(),
            Some("ours")
        );
        assert_eq!(
            found(&["sha256:07", "tower7.example"]).as_deref(),
            Some("exact")
        );
        assert_eq!(found(&["sha256:99"]), None);
    }
}
