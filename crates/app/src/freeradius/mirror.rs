//! From customers, packages and routers to FreeRADIUS's tables: only what differs is written.

use std::collections::HashMap;

use domain::{ids::CustomerId, network::ports::SubscriberDirectory as _};
use persistence::{
    Error,
    query::directory,
    repo::freeradius::{self as tables, Attribute, ClientRow, CustomerRows},
};
use uuid::Uuid;

use super::{
    Bridge,
    rows::{Group, customer_rows, set},
};

impl Bridge {
    /// Writes what differs of customers, packages and routers.
    pub(super) async fn write_customers(&self) -> Result<(), Error> {
        let tx = self.begin("mirror_to_freeradius").await?;
        let groups: Vec<Group> = tables::packages(&tx, self.isp_id)
            .await?
            .into_iter()
            .map(Group::of)
            .collect();
        let packages = tables::package_names(&tx, self.isp_id).await?;
        let mut there: HashMap<Uuid, Vec<u8>> = tables::mirrored(&tx)
            .await?
            .into_iter()
            .map(|row| (row.customer_id, row.fingerprint))
            .collect();
        let changed = self.changed(&groups, &packages, &mut there);
        let gone: Vec<Uuid> = there.into_keys().collect();
        let (written, removed) = (changed.len(), gone.len());
        tables::remove_customers(&tx, &gone).await?;
        tables::write_customers(&tx, &changed).await?;
        let (check, reply) = group_rows(&groups);
        tables::write_groups(&tx, &check, &reply).await?;
        if tables::write_clients(&tx, &self.clients(&tx).await?).await? {
            tracing::info!("RADIUS clients changed: FreeRADIUS reads them at its next start");
        }
        tx.commit().await?;
        if written + removed > 0 {
            tracing::info!(written, removed, "FreeRADIUS's tables were brought in step");
        }
        Ok(())
    }

    /// The customers whose rows differ; what is left in `there` is no customer any more.
    fn changed(
        &self,
        groups: &[Group],
        packages: &[(CustomerId, String)],
        there: &mut HashMap<Uuid, Vec<u8>>,
    ) -> Vec<CustomerRows> {
        let by_name: HashMap<&str, &Group> = groups
            .iter()
            .map(|group| (group.name.as_str(), group))
            .collect();
        let packages: HashMap<CustomerId, &str> = packages
            .iter()
            .map(|(id, name)| (*id, name.as_str()))
            .collect();
        let settings = self.directory.isp_access(self.isp_id);
        let now = self.ctx.clock.now();
        let mut changed = Vec::new();
        for subscriber in self.directory.subscribers() {
            if subscriber.isp_id != self.isp_id {
                continue;
            }
            let group = packages
                .get(&subscriber.customer_id)
                .and_then(|name| by_name.get(name))
                .copied();
            let Some(rows) = customer_rows(&subscriber, &settings, group, now) else {
                continue;
            };
            let known = there.remove(&subscriber.customer_id.as_uuid());
            if known.as_ref() != Some(&rows.fingerprint) {
                changed.push(rows);
            }
        }
        changed
    }

    async fn clients(&self, read: &persistence::Read) -> Result<Vec<ClientRow>, Error> {
        let mut clients: Vec<ClientRow> = directory::nas(read)
            .await?
            .into_iter()
            .filter(|row| row.isp_id == self.isp_id.as_uuid())
            .filter_map(|row| {
                let secret = self.ctx.keyring.open(&row.secret).ok()?;
                Some(ClientRow {
                    nasname: row.address,
                    shortname: row.name,
                    secret: String::from_utf8(secret.to_vec()).ok()?,
                })
            })
            .collect();
        clients.sort_by(|one, other| one.nasname.cmp(&other.nasname));
        Ok(clients)
    }
}

type GroupRows = Vec<(String, Attribute)>;

fn group_rows(groups: &[Group]) -> (GroupRows, GroupRows) {
    let check = groups
        .iter()
        .map(|group| {
            let sessions = set("Simultaneous-Use", group.simultaneous_use.to_string());
            (group.name.clone(), sessions)
        })
        .collect();
    let reply = groups
        .iter()
        .flat_map(|group| {
            let rows = group.reply.iter().cloned();
            rows.map(|attribute| (group.name.clone(), attribute))
        })
        .collect();
    (check, reply)
}
