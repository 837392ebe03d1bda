//! Packages, zones, operators, RADIUS clients and the search box, on both databases.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use app::use_cases::{
    nas::{CreateNas, EditNas, NasError, create_nas, edit_nas, list_nas, reveal_nas_secret},
    operators::{CreateOperator, OperatorError, create_operator, list_operators},
    packages::{
        CreatePackage, EditPackage, PackageError, create_package, edit_package, list_packages,
        retire_package,
    },
    search::search_everything,
    zones::{ZoneError, create_zone, delete_zone, edit_zone, list_zones},
};
use domain::{
    authz::{NasRef, PackageRef, RoleLevel, Scope, ZoneRef, authorize},
    catalog::{AccessTerms, PackageStatus, PackageTerms},
    customer::BillingType,
    ids::UserId,
    money::{Currency, Money},
    network::rate_limit::RateLimit,
    operator::{OperatorKind, PlacementRefusal},
    period::Cycle,
    tenancy::Reach,
};
use persistence::query::search::HitId;

fn terms(name: &str) -> PackageTerms {
    PackageTerms {
        name: name.to_owned(),
        rate: RateLimit::new(20_000, 20_000),
        rate_managed_by_router: false,
        price: Money::from_minor(120_000, Currency::BDT),
        cycle: Cycle::Monthly,
        billing_type: BillingType::Prepaid,
        pool: None,
        address_list: None,
        router_profile: Some("Home-20M".to_owned()),
        simultaneous_use: 1,
        access: AccessTerms::default(),
    }
}

fn nas(name: &str, address: &str) -> CreateNas {
    CreateNas {
        name: name.to_owned(),
        address: address.to_owned(),
        ..CreateNas::default()
    }
}

fn operator(name: &str, kind: OperatorKind) -> CreateOperator {
    CreateOperator {
        name: name.to_owned(),
        kind,
        parent_id: None,
        mobile: Some("01712345678".to_owned()),
        email: None,
    }
}

testkit::on_each_database! {
    async fn a_package_is_made_changed_and_retired(world: World) {
        let create = |name: &str| create_package(&world.ctx, world.proof(world.isp()), CreatePackage { terms: terms(name) });
        let made = create("Home 20M").await.expect("made");
        assert!(matches!(create("Home 20M").await, Err(PackageError::NameTaken)));
        let package_ref = PackageRef { id: made.id, isp_id: made.isp_id };
        let news = "SELECT count(*) FROM change_feed WHERE kind = 'package'";
        assert_eq!(world.number(news, vec![]).await, 1, "the directory knows it before anybody buys it");
        let rename = EditPackage { name: Some("Home 25M".to_owned()), ..EditPackage::default() };
        edit_package(&world.ctx, world.proof(package_ref), rename).await.expect("renamed");
        assert_eq!(world.number(news, vec![]).await, 1, "no router hears of a name");
        let faster = EditPackage { down_kbps: Some(25_000), ..EditPackage::default() };
        let changed = edit_package(&world.ctx, world.proof(package_ref), faster).await.expect("faster");
        assert_eq!(changed.terms.rate, RateLimit::new(20_000, 25_000));
        assert_eq!(world.number(news, vec![]).await, 2);
        let foreign = EditPackage { price: Some(Money::from_minor(1, "USD".parse().unwrap())), ..EditPackage::default() };
        let refused = edit_package(&world.ctx, world.proof(package_ref), foreign).await;
        assert!(matches!(refused, Err(PackageError::Invalid(_))));
        retire_package(&world.ctx, world.proof(package_ref)).await.expect("retired");
        let again = retire_package(&world.ctx, world.proof(package_ref)).await;
        assert!(matches!(again, Err(PackageError::AlreadyRetired)));
        let listed = list_packages(&world.ctx, &world.scope()).await.expect("listed");
        let states: Vec<_> = listed.iter().map(|found| (found.package.status, found.customers)).collect();
        assert_eq!(states, [(PackageStatus::Active, 0), (PackageStatus::Retired, 0)]);
    }

    async fn a_zone_goes_when_nobody_lives_there(world: World) {
        let zone = create_zone(&world.ctx, world.proof(world.isp()), " Savar ".to_owned()).await.expect("made");
        assert_eq!(zone.name, "Savar");
        let zone_ref = ZoneRef { id: zone.id, isp_id: zone.isp_id };
        let again = create_zone(&world.ctx, world.proof(world.isp()), "Savar".to_owned()).await;
        assert!(matches!(again, Err(ZoneError::NameTaken)));
        edit_zone(&world.ctx, world.proof(zone_ref), "Uttara".to_owned()).await.expect("renamed");
        assert_eq!(list_zones(&world.ctx, &world.scope()).await.expect("listed")[0].0.name, "Uttara");
        delete_zone(&world.ctx, world.proof(zone_ref)).await.expect("deleted");
        assert!(list_zones(&world.ctx, &world.scope()).await.expect("listed").is_empty());
    }

    async fn resellers_stand_in_two_levels(world: World) {
        let create = |cmd| create_operator(&world.ctx, world.proof(world.isp()), cmd);
        let top = create(operator("Savar Net", OperatorKind::Operator)).await.expect("made");
        let orphan = create(operator("Lost", OperatorKind::SubOperator)).await;
        assert!(matches!(orphan, Err(OperatorError::Refused(PlacementRefusal::ParentRequired))));
        let reach = Reach::Operators { isp_id: world.isp_id, own: top.id, below: vec![] };
        let reseller = world.person(UserId::generate(), RoleLevel::Operator, reach);
        let proof = authorize(&reseller, world.isp()).expect("may create below itself");
        let sub = create_operator(&world.ctx, proof, operator("Savar East", OperatorKind::SubOperator)).await.expect("made");
        assert_eq!(sub.parent_id, Some(top.id));
        let proof = authorize(&reseller, world.isp()).expect("may create below itself");
        let equal = create_operator(&world.ctx, proof, operator("Equal", OperatorKind::Operator)).await;
        assert!(matches!(equal, Err(OperatorError::Refused(PlacementRefusal::OnlyBelowYourself))));
        let listed = list_operators(&world.ctx, &world.scope()).await.expect("listed");
        let tree: Vec<_> = listed.iter().map(|d| (d.operator.name.as_str(), d.parent_name.as_deref())).collect();
        assert_eq!(tree, [("Savar Net", None), ("Savar East", Some("Savar Net"))]);
        let own = list_operators(&world.ctx, &Scope::own(&reseller)).await.expect("listed");
        assert_eq!(own.len(), 1, "the reach of a person is what it was when it signed in");
    }

    async fn a_router_gets_a_strong_secret_shown_once(world: World) {
        let create = |cmd| create_nas(&world.ctx, world.proof(world.isp()), cmd);
        let made = create(nas("edge-1", "203.0.113.9/28")).await.expect("made");
        assert_eq!((made.secret.len(), made.nas.address.to_string().as_str()), (32, "203.0.113.0/28"));
        let weak = CreateNas { secret: Some(String::from("testing123").into()), ..nas("edge-2", "203.0.113.40") };
        assert!(matches!(create(weak).await, Err(NasError::Invalid(_))));
        assert!(matches!(create(nas("edge-3", "203.0.113.0/28")).await, Err(NasError::AddressTaken)));
        assert!(matches!(create(nas("edge-1", "203.0.113.40")).await, Err(NasError::NameTaken)));
        let nas_ref = NasRef { id: made.nas.id, isp_id: made.nas.isp_id };
        let shown = reveal_nas_secret(&world.ctx, world.proof(nas_ref)).await.expect("shown");
        assert_eq!(*shown, *made.secret);
        let edit = EditNas { coa_port: Some(1700), secret: Some(String::from("an0ther-g00d-one").into()), ..EditNas::default() };
        let changed = edit_nas(&world.ctx, world.proof(nas_ref), edit).await.expect("changed");
        assert_eq!(changed.coa_port, 1700);
        let secret = "SELECT count(*) FROM audit_log WHERE CAST(after AS TEXT) LIKE '%an0ther%'";
        assert_eq!(world.number(secret, vec![]).await, 0);
        assert_eq!(list_nas(&world.ctx, &world.scope()).await.expect("listed").len(), 2);
    }

    async fn one_box_finds_everything_that_may_be_seen(world: World) {
        let create = operator("Home Net", OperatorKind::Operator);
        create_operator(&world.ctx, world.proof(world.isp()), create).await.expect("made");
        let admin = world.admin();
        let hits = search_everything(&world.ctx, &admin, "home").await.expect("found");
        let titles: Vec<_> = hits.iter().map(|hit| hit.title.as_str()).collect();
        assert_eq!(titles, ["Home 10M", "Home Net"]);
        let hits = search_everything(&world.ctx, &admin, "CORE").await.expect("found");
        assert!(matches!(hits[0].id, HitId::Nas(_)));
        let staff = world.person(UserId::generate(), RoleLevel::Staff, Reach::Isp(world.isp_id));
        let hits = search_everything(&world.ctx, &staff, "home").await.expect("found");
        assert_eq!(hits.len(), 1, "operators are not for everybody");
        assert!(search_everything(&world.ctx, &admin, "INV-2026").await.expect("found").is_empty());
    }
}
