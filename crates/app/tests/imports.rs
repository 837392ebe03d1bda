//! Imports on both databases: what is shown is what happens, once, and never half.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use app::{
    jobs::{self, Job, JobError, Running},
    use_cases::imports::{
        ApplyImportError, CreateImport, CreateImportError, ImportOptions, ImportPreview,
        ImportSummary, OnError, PreviewImportError, apply_import, create_import, import_result_csv,
        preview_import,
    },
};
use domain::{
    authz::ImportRef,
    customer::{BillingType, ConnectionType},
    ids::JobId,
};
use persistence::repo::imports::{ImportRun, ImportState};
use testkit::World;

const EXPORT: &str = include_str!("../../../docs/samples/ppp-secrets.rsc");
const CSV: &str = include_str!("../../../docs/samples/customers.csv");

async fn upload(world: &World, content: &str) -> ImportRun {
    let cmd = CreateImport {
        file_name: "customers".to_owned(),
        content: content.to_owned(),
    };
    create_import(&world.ctx, world.proof(world.isp()), cmd)
        .await
        .expect("taken in")
}

fn summary(run: &ImportRun) -> ImportSummary {
    serde_json::from_value(run.summary.clone()).expect("a summary")
}

fn options(world: &World, run: &ImportRun) -> ImportOptions {
    ImportOptions {
        mapping: summary(run).proposed_mapping,
        profile_packages: BTreeMap::new(),
        default_package_id: Some(world.package_id),
        zone_id: None,
        operator_id: None,
        connection_type: ConnectionType::Pppoe,
        billing_type: BillingType::Prepaid,
        skip_disabled: true,
        initial_bill: false,
        expires_at: None,
        on_error: OnError::Skip,
    }
}

const fn reference(run: &ImportRun) -> ImportRef {
    ImportRef {
        id: run.id,
        isp_id: run.isp_id,
        operator_id: run.operator_id,
    }
}

async fn preview(world: &World, run: &ImportRun, options: ImportOptions) -> ImportPreview {
    let shown = preview_import(&world.ctx, world.proof(reference(run)), options).await;
    let preview = shown.expect("a preview").preview.expect("a preview");
    serde_json::from_value(preview).expect("a preview")
}

async fn apply(world: &World, run: &ImportRun, token: &str) -> Result<JobId, ApplyImportError> {
    apply_import(&world.ctx, world.proof(reference(run)), token).await
}

async fn state(world: &World, run: &ImportRun) -> ImportState {
    let proof = world.proof(reference(run));
    let run = app::use_cases::imports::get_import(&world.ctx, &proof)
        .await
        .expect("read");
    run.expect("there").state
}

async fn customers(world: &World) -> i64 {
    world.number("SELECT count(*) FROM customer", vec![]).await
}

/// How many uploads still have their file.
async fn kept_files(world: &World) -> i64 {
    let kept = "SELECT count(*) FROM import_run WHERE LENGTH(content) > 0";
    world.number(kept, vec![]).await
}

const PASSWORD: &str = "pw-that-nobody-may-read";

/// Whether the password stands anywhere in the files of an embedded database.
fn stands_in_the_files(world: &World) -> bool {
    let url = world.database.url.strip_prefix("sqlite://");
    let Some(path) = url.and_then(|url| url.split('?').next()) else {
        return false;
    };
    [path.to_owned(), format!("{path}-wal")].iter().any(|path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes
            .windows(PASSWORD.len())
            .any(|part| part == PASSWORD.as_bytes())
    })
}

testkit::on_each_database! {
    async fn passwords_of_an_upload_are_sealed_and_then_forgotten(world: World) {
        let file = format!("username,password,name,expires_at\nsealed1,{PASSWORD},One,2099-01-31\n");
        let run = upload(&world, &file).await;
        assert_eq!(kept_files(&world).await, 1);
        let stored = world.rows("SELECT content FROM import_run", vec![]).await;
        let stored: Vec<u8> = stored[0].try_get_by_index(0).unwrap();
        assert!(!stored.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()));
        let chosen = options(&world, &run);
        let shown = preview(&world, &run, chosen.clone()).await;
        assert_eq!(shown.new, 1);
        apply(&world, &run, &shown.token).await.expect("started");
        world.run_jobs().await;
        assert_eq!(state(&world, &run).await, ImportState::Done);
        assert_eq!((customers(&world).await, kept_files(&world).await), (1, 0));
        assert!(!stands_in_the_files(&world), "a password can be read in the database");
        let again = preview_import(&world.ctx, world.proof(reference(&run)), chosen).await;
        assert!(matches!(again, Err(PreviewImportError::Forgotten)));
        let proof = world.proof(reference(&run));
        assert!(import_result_csv(&world.ctx, &proof).await.is_ok(), "what became of it stays");
    }

    async fn an_upload_that_lay_in_the_clear_is_wiped_by_the_migration(world: World) {
        let run = upload(&world, CSV).await;
        let clear = format!("{PASSWORD},").repeat(2_000).into_bytes();
        world.sql("UPDATE import_run SET content = $1", vec![clear.into()]).await;
        // As the version before left it: stored, and the migration not applied.
        world.sql("DELETE FROM seaql_migrations WHERE version LIKE '%sealed_uploads'", vec![]).await;
        world.db().migrate().await.expect("migrated");
        assert_eq!(kept_files(&world).await, 0);
        assert!(!stands_in_the_files(&world), "a password can be read in the database");
        let shown = preview_import(&world.ctx, world.proof(reference(&run)), options(&world, &run));
        assert!(matches!(shown.await, Err(PreviewImportError::Forgotten)));
    }

    async fn few_uploads_are_kept_and_none_for_long(world: World) {
        for _ in 0..12 {
            upload(&world, CSV).await;
            world.clock.advance(chrono::TimeDelta::seconds(1));
        }
        assert_eq!(kept_files(&world).await, 10);
        world.clock.advance(chrono::TimeDelta::days(8));
        let newest = upload(&world, CSV).await;
        jobs::housekeeping::prune(&world.worker_ctx()).await.expect("pruned");
        assert_eq!(kept_files(&world).await, 1);
        preview(&world, &newest, options(&world, &newest)).await;
    }

    async fn an_export_comes_in_once(world: World) {
        let run = upload(&world, EXPORT).await;
        let chosen = options(&world, &run);
        let first = preview(&world, &run, chosen.clone()).await;
        assert!(first.new > 0 && first.same == 0);
        let sum = first.new + first.same + first.differing + first.invalid + first.skipped;
        assert_eq!(sum, first.total);
        apply(&world, &run, &first.token).await.expect("started");
        assert!(matches!(apply(&world, &run, &first.token).await, Err(ApplyImportError::AlreadyRunning)));
        world.run_jobs().await;
        assert_eq!(state(&world, &run).await, ImportState::Done);
        let made = customers(&world).await;
        assert_eq!(u64::try_from(made).unwrap(), first.new);
        for table in ["subscription", "account"] {
            assert_eq!(world.number(&format!("SELECT count(*) FROM {table}"), vec![]).await, made, "{table}");
        }
        let numbers = "SELECT count(DISTINCT number) + max(number) FROM customer";
        assert_eq!(world.number(numbers, vec![]).await, made * 2, "numbers without gaps");
        // The same file again changes nothing.
        let again = upload(&world, EXPORT).await;
        let second = preview(&world, &again, chosen).await;
        assert_eq!((second.new, second.differing, second.same), (0, 0, first.new));
        apply(&world, &again, &second.token).await.expect("started");
        world.run_jobs().await;
        assert_eq!(customers(&world).await, made);
        let proof = world.proof(reference(&run));
        let csv = import_result_csv(&world.ctx, &proof).await.expect("the result");
        let lines = String::from_utf8(csv).unwrap().lines().count();
        assert_eq!(u64::try_from(lines).unwrap(), first.total + 1);
    }

    async fn a_spreadsheet_comes_in_with_its_zones_and_dates(world: World) {
        let run = upload(&world, CSV).await;
        assert_eq!(summary(&run).profiles.len(), 3);
        let mut chosen = options(&world, &run);
        chosen.default_package_id = None;
        let unmapped = preview(&world, &run, chosen.clone()).await;
        assert_eq!(unmapped.invalid, 20, "two of three packages are not known here");
        chosen.default_package_id = Some(world.package_id);
        let shown = preview(&world, &run, chosen).await;
        assert_eq!((shown.new, shown.invalid), (30, 0), "{:?}", shown.sample);
        apply(&world, &run, &shown.token).await.expect("started");
        world.run_jobs().await;
        assert_eq!(world.number("SELECT count(*) FROM zone", vec![]).await, 4);
        let mobile = "SELECT count(*) FROM customer WHERE mobile = '+8801310000000'";
        assert_eq!(world.number(mobile, vec![]).await, 1);
        let with_expiry = "SELECT count(*) FROM customer WHERE expires_at IS NOT NULL";
        assert_eq!(world.number(with_expiry, vec![]).await, 30);
    }

    async fn bad_rows_are_left_out_or_keep_all_out(world: World) {
        let file = "username,password,mobile\ngood,x1,01712345678\ngood,x2,\n,x3,\nbad,x4,12\n=evil(),,\nfine,x5,\n";
        let run = upload(&world, file).await;
        let chosen = options(&world, &run);
        let atomic = ImportOptions { on_error: OnError::Abort, ..chosen.clone() };
        let shown = preview(&world, &run, atomic).await;
        assert_eq!((shown.new, shown.invalid), (2, 4));
        apply(&world, &run, &shown.token).await.expect("started");
        world.run_jobs().await;
        assert_eq!((state(&world, &run).await, customers(&world).await), (ImportState::Failed, 0));
        let shown = preview(&world, &run, chosen).await;
        apply(&world, &run, &shown.token).await.expect("started");
        world.run_jobs().await;
        assert_eq!((state(&world, &run).await, customers(&world).await), (ImportState::Done, 2));
        let proof = world.proof(reference(&run));
        let csv = String::from_utf8(import_result_csv(&world.ctx, &proof).await.unwrap()).unwrap();
        assert!(csv.contains("\n3,good,invalid,,duplicate_username"), "{csv}");
        assert!(csv.contains("'=evil()"), "{csv}");
    }

    async fn a_preview_that_no_longer_holds_is_refused(world: World) {
        let run = upload(&world, "username,password\nrahim,x1\n").await;
        let shown = preview(&world, &run, options(&world, &run)).await;
        let rename = "UPDATE package SET status = 'retired' WHERE id = $1";
        world.sql(rename, vec![world.package_id.as_uuid().into()]).await;
        assert!(matches!(apply(&world, &run, &shown.token).await, Err(ApplyImportError::StalePreview)));
        assert!(matches!(apply(&world, &run, "guessed").await, Err(ApplyImportError::StalePreview)));
        let mut wrong = options(&world, &run);
        wrong.mapping.insert("password".to_owned(), "no such column".to_owned());
        let refused = preview_import(&world.ctx, world.proof(reference(&run)), wrong).await;
        assert!(matches!(refused, Err(PreviewImportError::Invalid(_))));
    }

    async fn who_is_here_already_stays_as_it_is(world: World) {
        let run = upload(&world, "username,password,name\nrahim,x1,Rahim\n").await;
        let shown = preview(&world, &run, options(&world, &run)).await;
        apply(&world, &run, &shown.token).await.expect("started");
        world.run_jobs().await;
        let run = upload(&world, "username,password,name\nRAHIM,x2,Rahim\n").await;
        let shown = preview(&world, &run, options(&world, &run)).await;
        assert_eq!((shown.differing, shown.new), (1, 0));
        assert_eq!(shown.sample[0].reasons, ["differs: stays as it is here; differs in password"]);
        apply(&world, &run, &shown.token).await.expect("started");
        world.run_jobs().await;
        assert_eq!(world.number("SELECT max(version) FROM customer", vec![]).await, 1);
    }

    async fn a_run_that_was_cut_off_goes_on(world: World) {
        let mut file = "username,password\n".to_owned();
        for index in 0..2_500 {
            file.push_str(&format!("user{index},secret{index}\n"));
        }
        let run = upload(&world, &file).await;
        let shown = preview(&world, &run, options(&world, &run)).await;
        let job_id = apply(&world, &run, &shown.token).await.expect("started");
        // The second batch runs into a name that somebody took meanwhile in another letter case,
        // behind the back of the plan: the unit of work fails and the first batch stays.
        let forbid = match world.db().backend() {
            persistence::Backend::Sqlite => "CREATE TRIGGER cut BEFORE INSERT ON customer \
                WHEN NEW.username = 'user1500' BEGIN SELECT RAISE(ABORT, 'power cut'); END",
            persistence::Backend::Postgres => "ALTER TABLE customer ADD CONSTRAINT cut \
                CHECK (username <> 'user1500')",
        };
        world.sql(forbid, vec![]).await;
        let running = Running { id: job_id, attempt: 1, isp_id: None };
        let job = Job::ApplyImport { import_id: run.id };
        let cut = jobs::run(&world.worker_ctx(), job.clone(), running).await;
        assert!(matches!(cut, Err(JobError::Later(_))), "{cut:?}");
        assert_eq!((customers(&world).await, state(&world, &run).await), (1_000, ImportState::Running));
        let permit = match world.db().backend() {
            persistence::Backend::Sqlite => "DROP TRIGGER cut",
            persistence::Backend::Postgres => "ALTER TABLE customer DROP CONSTRAINT cut",
        };
        world.sql(permit, vec![]).await;
        let result = jobs::run(&world.worker_ctx(), job, running).await.expect("to the end");
        assert_eq!((result["new"].as_u64(), result["same"].as_u64()), (Some(2_500), Some(0)));
        assert_eq!(world.number("SELECT max(number) FROM customer", vec![]).await, 2_500);
    }

    async fn new_customers_are_billed_when_asked(world: World) {
        let run = upload(&world, "username,password,expiry\nrahim,x1,\nkarim,x2,2027-05-01\n").await;
        let chosen = ImportOptions { initial_bill: true, ..options(&world, &run) };
        let shown = preview(&world, &run, chosen).await;
        apply(&world, &run, &shown.token).await.expect("started");
        world.run_jobs().await;
        assert_eq!(state(&world, &run).await, ImportState::Done);
        assert_eq!(world.number("SELECT count(*) FROM invoice", vec![]).await, 1, "karim has paid time left");
        assert_eq!(world.number("SELECT balance_minor FROM account WHERE kind = 'receivable' \
            ORDER BY balance_minor DESC LIMIT 1", vec![]).await, 70_000);
    }

    async fn files_that_are_no_tables_are_refused(world: World) {
        for (content, empty) in [("", true), ("username,password\n", true), ("a\0b", false)] {
            let cmd = CreateImport { file_name: "x".to_owned(), content: content.to_owned() };
            let refused = create_import(&world.ctx, world.proof(world.isp()), cmd).await;
            match refused {
                Err(CreateImportError::Empty) => assert!(empty),
                Err(CreateImportError::NotText) => assert!(!empty),
                other => panic!("{other:?}"),
            }
        }
    }
}
