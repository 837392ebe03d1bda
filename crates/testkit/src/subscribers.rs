//! Subscribers of a [`World`], and what its router reports of them.

use std::sync::Arc;

use app::{
    accounting::DatabaseSink,
    use_cases::customers::{CreateCustomer, activate_customer, create_customer},
};
use chrono::TimeDelta;
use domain::{
    authz::{CustomerRef, NasRef, PackageRef},
    clock::Clock as _,
    customer::{ConnectionType, CustomerStatus},
    network::{
        ports::AccountingSink as _,
        session::{AccountingEvent, AccountingRecord, SessionKey, SessionUsage},
    },
};

use crate::World;

impl World {
    /// The package as something to act upon.
    #[must_use]
    pub const fn package(&self) -> PackageRef {
        PackageRef {
            id: self.package_id,
            isp_id: self.isp_id,
        }
    }

    /// The router as something to act upon.
    #[must_use]
    pub const fn nas(&self) -> NasRef {
        NasRef {
            id: self.nas_id,
            isp_id: self.isp_id,
        }
    }

    /// A subscriber of the package to be, with the password `secret1`, who has not paid for anything.
    #[must_use]
    pub fn subscriber(&self, username: &str) -> CreateCustomer {
        CreateCustomer {
            name: "Rahim Uddin".to_owned(),
            username: username.to_owned(),
            password: "secret1".to_owned(),
            connection_type: ConnectionType::Pppoe,
            package_id: self.package_id,
            billing_type: None,
            mobile: None,
            email: None,
            national_id: None,
            zone_id: None,
            operator_id: None,
            address: None,
            device_type: None,
            static_ipv4: None,
            expires_at: None,
            notes: None,
            auto_renew: None,
        }
    }

    /// The same, paid for so many days.
    #[must_use]
    pub fn paid_subscriber(&self, username: &str, days: i64) -> CreateCustomer {
        CreateCustomer {
            expires_at: Some(self.clock.now() + TimeDelta::days(days)),
            ..self.subscriber(username)
        }
    }

    /// Creates a subscriber, who may log in when there is something paid, and carries out what
    /// follows from it.
    pub async fn create(&self, wanted: CreateCustomer) -> CustomerRef {
        let is_paid = wanted.expires_at.is_some();
        let made = create_customer(&self.ctx, self.proof(self.isp()), wanted)
            .await
            .expect("created");
        let customer = self.customer(made.item.customer.id);
        if is_paid && made.item.customer.status == CustomerStatus::Pending {
            activate_customer(&self.ctx, self.proof(customer))
                .await
                .expect("activated");
        }
        self.run_jobs().await;
        customer
    }

    /// Creates a subscriber who may log in for so many days.
    pub async fn served(&self, username: &str, days: i64) -> CustomerRef {
        self.create(self.paid_subscriber(username, days)).await
    }

    /// The router's report that a session of the customer begins.
    #[must_use]
    pub fn start_of(&self, customer: CustomerRef, session: u8) -> AccountingRecord {
        AccountingRecord {
            isp_id: self.isp_id,
            nas_id: self.nas_id,
            nas_address: std::net::Ipv4Addr::LOCALHOST.into(),
            customer_id: Some(customer.id),
            session_key: SessionKey::from_bytes([session; 16]),
            event: AccountingEvent::Start,
            acct_session_id: format!("8100{session:04}"),
            username: "rahim".to_owned(),
            framed_ip: None,
            calling_station_id: None,
            nas_port_id: None,
            class: None,
            usage: SessionUsage::default(),
            event_time: self.clock.now(),
            stamped: true,
            walled: false,
        }
    }

    /// Stores what the router reports.
    pub async fn report(&self, record: AccountingRecord) {
        let sink = DatabaseSink::new(self.ctx.clone());
        sink.record(vec![Arc::new(record)]).await.expect("stored");
    }
}
