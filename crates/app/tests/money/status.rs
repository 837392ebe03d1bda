use app::use_cases::customers::{
    StatusError, SuspendCustomer, activate_customer, disconnect_customer, suspend_customer,
};
use chrono::TimeDelta;
use domain::{
    clock::Clock as _,
    customer::{BillingType, StatusRefusal, SuspensionReason},
    ids::CustomerId,
};
use testkit::World;

use crate::support::*;

async fn cut(world: &World, id: CustomerId) -> Result<(), StatusError> {
    let cmd = SuspendCustomer {
        reason: SuspensionReason::Violation,
        note: Some("open relay".to_owned()),
    };
    suspend_customer(&world.ctx, world.proof(world.customer(id)), cmd).await
}

async fn serve(world: &World, id: CustomerId) -> Result<(), StatusError> {
    activate_customer(&world.ctx, world.proof(world.customer(id))).await
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, StatusError>) -> StatusRefusal {
    match outcome {
        Err(StatusError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

testkit::on_each_database! {
    async fn suspends_and_activates(world: World) {
        let id = customer(&world, Given::default()).await;
        cut(&world, id).await.unwrap();
        let suspended = ("suspended".to_owned(), Some("violation".to_owned()));
        assert_eq!(status(&world, id).await, suspended);
        assert_eq!(refusal(cut(&world, id).await), StatusRefusal::AlreadySuspended);
        serve(&world, id).await.unwrap();
        assert_eq!(status(&world, id).await, ("active".to_owned(), None));
        assert_eq!(refusal(serve(&world, id).await), StatusRefusal::AlreadyActive);
        assert_eq!(events(&world, "customer.suspended").await, 1);
        assert_eq!(events(&world, "customer.activated").await, 1);
        let audited = "SELECT COUNT(*) FROM audit_log WHERE action IN ('suspend_customer', 'activate_customer')";
        assert_eq!(world.number(audited, vec![]).await, 2, "a refusal leaves no trace");
        let version = "SELECT version FROM customer WHERE id = $1";
        assert_eq!(world.number(version, vec![id.as_uuid().into()]).await, 3);
    }

    async fn prepaid_service_needs_paid_time(world: World) {
        let over = Some(world.clock.now());
        let given = Given { status: "expired", expires_at: over, ..Given::default() };
        let id = customer(&world, given).await;
        assert_eq!(refusal(serve(&world, id).await), StatusRefusal::NoPaidTime);
        let given = Given {
            status: "suspended",
            billing_type: BillingType::Postpaid,
            expires_at: over,
            ..Given::default()
        };
        let postpaid = customer(&world, given).await;
        serve(&world, postpaid).await.unwrap();
    }

    async fn only_who_is_online_is_disconnected_and_once(world: World) {
        let id = customer(&world, Given::default()).await;
        let ask = async || disconnect_customer(&world.ctx, world.proof(world.customer(id))).await;
        assert_eq!(refusal(ask().await), StatusRefusal::NotOnline);
        world.sql(
            "INSERT INTO session (id, isp_id, nas_id, customer_id, session_key, acct_session_id, username, \
             nas_address, walled, input_octets, output_octets, session_time, started_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, 's1', 'u', '127.0.0.1', $6, 0, 0, 0, $7, $7)",
            vec![
                World::nobody().into(),
                world.isp_id.as_uuid().into(),
                world.nas_id.as_uuid().into(),
                id.as_uuid().into(),
                vec![1_u8].into(),
                false.into(),
                (world.clock.now() - TimeDelta::hours(1)).into(),
            ],
        ).await;
        let job = ask().await.unwrap();
        assert_eq!(ask().await.unwrap(), job);
        let kind = "SELECT COUNT(*) FROM job WHERE kind = 'disconnect_customer'";
        assert_eq!(world.number(kind, vec![]).await, 1);
    }
}
