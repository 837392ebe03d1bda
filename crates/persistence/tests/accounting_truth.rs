//! A simulated network whose true usage is known, and what accounting makes of its reports when
//! they are repeated, late, out of order, lost, cut to 32 bits, and cut short by restarts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Actor, SystemActor},
    ids::CustomerId,
    network::session::{
        AccountingEvent, AccountingRecord, SessionKey, SessionUsage, TerminateCause,
    },
};
use persistence::repo::sessions::{self, Memory};
use testkit::World;

const INTERIM: i64 = 300;
const LINES: u64 = 40;
/// Reports of narrow routers that are lost in a row; more could hide a whole wrap.
const LOST_IN_A_ROW: u32 = 3;

/// Numbers that are the same in every run of a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    fn seconds(&mut self, limit: u64) -> TimeDelta {
        TimeDelta::seconds(i64::try_from(self.below(limit)).unwrap())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Counts in 64 bits and says when.
    Modern,
    /// Counts in 32 bits.
    Narrow,
    /// Does not say when.
    Unstamped,
}

/// What is true of one session.
struct Truth {
    customer_id: CustomerId,
    key: SessionKey,
    kind: Kind,
    /// Totals at the latest report that arrived, and of the day that ended.
    counted: (u64, u64, u64),
    before_midnight: u64,
    around_midnight: u64,
    longest_step: u64,
    is_heard: bool,
    stop_arrived: bool,
}

impl Truth {
    /// What of a stretch of even speed was before midnight, and how much was near it.
    fn note_midnight(
        &mut self,
        midnight: DateTime<Utc>,
        (at, next): (DateTime<Utc>, DateTime<Utc>),
        (input, speed): (u64, u64),
    ) {
        let seconds = (next - at).num_seconds().unsigned_abs();
        if next <= midnight {
            self.before_midnight = input + speed * seconds;
        } else if at < midnight {
            self.before_midnight = input + speed * (midnight - at).num_seconds().unsigned_abs();
        }
        if (at - midnight).num_seconds().abs() < 2_400 {
            self.around_midnight += speed * seconds;
        }
    }
}

/// The report of a session at an instant, with counters as wide as the router's.
fn report_at(
    base: &AccountingRecord,
    kind: Kind,
    (start, at, end): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
    (input, output): (u64, u64),
) -> AccountingRecord {
    let cut = |octets: u64| {
        if kind == Kind::Narrow {
            octets % (1 << 32)
        } else {
            octets
        }
    };
    let mut record = base.clone();
    if at == end {
        record.event = AccountingEvent::Stop {
            cause: TerminateCause::UserRequest,
        };
    } else {
        record.event = AccountingEvent::Interim;
    }
    record.event_time = at;
    record.usage = SessionUsage {
        input_octets: Some(cut(input)),
        output_octets: Some(cut(output)),
        session_time: Some(u32::try_from((at - start).num_seconds()).unwrap()),
        gigawords: kind != Kind::Narrow,
    };
    record
}

struct Network<'w> {
    world: &'w World,
    dice: Dice,
    /// Restarts of the router, when and whether it says so.
    restarts: Vec<(DateTime<Utc>, bool)>,
    begin: DateTime<Utc>,
    midnight: DateTime<Utc>,
    sent: Vec<(DateTime<Utc>, AccountingRecord)>,
    truths: Vec<Truth>,
}

impl<'w> Network<'w> {
    fn new(world: &'w World, seed: u64) -> Self {
        let begin: DateTime<Utc> = "2026-11-20T16:00:00Z".parse().unwrap();
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut restarts: Vec<_> = (0..3)
            .map(|_| (begin + dice.seconds(4 * 3600), dice.percent(50)))
            .collect();
        restarts.sort();
        Self {
            world,
            dice,
            restarts,
            begin,
            midnight: "2026-11-20T18:00:00Z".parse().unwrap(),
            sent: Vec::new(),
            truths: Vec::new(),
        }
    }

    fn run(&mut self) {
        for line in 0..LINES {
            let customer_id = CustomerId::generate();
            let kind = match line % 4 {
                0 | 1 => Kind::Modern,
                2 => Kind::Narrow,
                _ => Kind::Unstamped,
            };
            let mut at = self.begin + self.dice.seconds(600);
            let end = self.begin + TimeDelta::hours(4);
            while at < end {
                at = self.session(line, customer_id, kind, at)
                    + self.dice.seconds(900)
                    + TimeDelta::seconds(20);
            }
        }
        for (at, says_so) in self.restarts.clone() {
            if says_so {
                let mut record = self.record(0, CustomerId::generate(), at);
                record.event = AccountingEvent::NasOn;
                self.deliver(&record, at + TimeDelta::seconds(5), Kind::Modern);
            }
        }
    }

    fn record(&self, line: u64, customer_id: CustomerId, at: DateTime<Utc>) -> AccountingRecord {
        let boot = self.restarts.iter().filter(|(when, _)| *when <= at).count();
        let number = self.truths.len();
        let mut key = [0; 16];
        key[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
        AccountingRecord {
            isp_id: self.world.isp_id,
            nas_id: self.world.nas_id,
            nas_address: "127.0.0.1".parse().unwrap(),
            customer_id: Some(customer_id),
            session_key: SessionKey::from_bytes(key),
            event: AccountingEvent::Start,
            acct_session_id: format!("81{boot:x}{number:05x}"),
            username: format!("user{line}"),
            framed_ip: Some("100.64.0.9".parse().unwrap()),
            calling_station_id: Some(format!("AA:BB:CC:00:11:{line:02X}")),
            nas_port_id: Some("ether5".to_owned()),
            class: Some(vec![1, 2, 3]),
            usage: SessionUsage::default(),
            event_time: at,
            stamped: true,
            walled: false,
        }
    }

    /// One session: sends its reports and answers when the line was free again.
    fn session(
        &mut self,
        line: u64,
        customer_id: CustomerId,
        kind: Kind,
        start: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let wanted = start + TimeDelta::seconds(30) + self.dice.seconds(5_400);
        let cut = self
            .restarts
            .iter()
            .map(|(at, _)| *at)
            .find(|at| *at > start && *at <= wanted);
        let end = cut.unwrap_or(wanted);
        let base = self.record(line, customer_id, start);
        let mut truth = Truth {
            customer_id,
            key: base.session_key,
            kind,
            counted: (0, 0, 0),
            before_midnight: 0,
            around_midnight: 0,
            longest_step: 0,
            is_heard: self.send(&base, start, kind, false),
            stop_arrived: false,
        };
        let (mut input, mut output, mut at, mut lost) = (0_u64, 0_u64, start, 0);
        while at < end {
            let next = (at + TimeDelta::seconds(INTERIM)).min(end);
            let fastest = if kind == Kind::Narrow {
                3_400_000
            } else {
                60_000_000
            };
            let speed = self.dice.below(fastest);
            let seconds = (next - at).num_seconds().unsigned_abs();
            truth.note_midnight(self.midnight, (at, next), (input, speed / 9));
            input += speed / 9 * seconds;
            output += speed * seconds;
            truth.longest_step = truth.longest_step.max(speed * seconds);
            at = next;
            if at == end && cut.is_some() {
                break;
            }
            let record = report_at(&base, kind, (start, at, end), (input, output));
            let time = (at - start).num_seconds();
            let must_arrive = kind == Kind::Narrow && lost >= LOST_IN_A_ROW;
            if self.send(&record, at, kind, must_arrive) {
                truth.counted = (input, output, time.unsigned_abs());
                truth.is_heard = true;
                truth.stop_arrived |= at == end;
                lost = 0;
            } else {
                lost += 1;
            }
        }
        self.truths.push(truth);
        end
    }

    /// Sends a report as networks do; answers whether it arrived at all.
    fn send(
        &mut self,
        record: &AccountingRecord,
        at: DateTime<Utc>,
        kind: Kind,
        must_arrive: bool,
    ) -> bool {
        if !must_arrive && self.dice.percent(10) {
            return false;
        }
        // A narrow counter that comes after its successor could be taken for one that wrapped.
        let late = self.dice.percent(15);
        let arrives = at
            + if late {
                self.dice.seconds(700)
            } else {
                TimeDelta::zero()
            };
        self.deliver(record, arrives, kind);
        for _ in 0..self.dice.below(3) {
            let again = arrives + self.dice.seconds(900);
            self.deliver(record, again, kind);
        }
        true
    }

    fn deliver(&mut self, record: &AccountingRecord, arrives: DateTime<Utc>, kind: Kind) {
        let mut record = record.clone();
        if kind == Kind::Unstamped {
            record.stamped = false;
            record.event_time = arrives;
        }
        self.sent.push((arrives, record));
    }

    async fn store(&mut self) {
        self.sent.sort_by_key(|(arrives, _)| *arrives);
        let sent = std::mem::take(&mut self.sent);
        let mut rest = sent.as_slice();
        let memories = [Memory::default(), Memory::default()];
        let mut swept = self.begin;
        while !rest.is_empty() {
            let size = 1 + usize::try_from(self.dice.below(60)).unwrap();
            let (batch, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            let now = batch.last().unwrap().0;
            self.world
                .clock
                .advance(now - domain::clock::Clock::now(&self.world.clock));
            let records: Vec<_> = batch.iter().map(|(_, record)| record.clone()).collect();
            // Two processes hear of the same sessions, and each remembers what it wrote.
            let process = usize::from(self.dice.percent(30));
            self.apply(&memories[process], &records).await;
            if self.dice.percent(10) {
                self.apply(&memories[1 - process], &records).await;
            }
            if now - swept > TimeDelta::seconds(120) {
                self.sweep(now).await;
                swept = now;
            }
        }
        self.sweep(self.begin + TimeDelta::hours(20)).await;
    }

    /// As the sink does it: a process that finds another's work looks again.
    async fn apply(&self, memory: &Memory, records: &[AccountingRecord]) {
        while let Err(error) = self.try_apply(memory, records).await {
            assert!(matches!(error, persistence::Error::Contention), "{error}");
        }
    }

    async fn try_apply(
        &self,
        memory: &Memory,
        records: &[AccountingRecord],
    ) -> Result<(), persistence::Error> {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self.world.db().begin_platform("test", &actor).await?;
        let applied = sessions::apply(&tx, memory, records).await?;
        tx.commit().await?;
        applied.keep_in(memory);
        Ok(())
    }

    async fn sweep(&self, now: DateTime<Utc>) {
        let actor = Actor::System(SystemActor::Installation);
        let tx = self
            .world
            .db()
            .begin_platform("test", &actor)
            .await
            .unwrap();
        sessions::sweep_stale(&tx, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn check(&self) {
        assert_eq!(
            self.world
                .number("SELECT COUNT(*) FROM session", vec![])
                .await,
            0
        );
        let past = self.past().await;
        let mut by_customer: BTreeMap<CustomerId, (u64, u64, u64)> = BTreeMap::new();
        for truth in &self.truths {
            let Some((counted, presumed, flags)) = past.get(&truth.key) else {
                assert!(
                    !truth.is_heard,
                    "a session that was heard of is in the history"
                );
                continue;
            };
            assert_eq!(*presumed, !truth.stop_arrived, "{:?}", truth.kind);
            if flags & 4 == 0 {
                assert_eq!(*counted, truth.counted, "{:?} {:?}", truth.kind, truth.key);
            } else {
                // Both directions of a narrow counter wrapped between two reports.
                assert_eq!(truth.kind, Kind::Narrow);
                let missing = truth.counted.1 - counted.1;
                let steps = u64::from(LOST_IN_A_ROW) + 1;
                assert!(missing <= steps * truth.longest_step && counted.1 <= truth.counted.1);
            }
            let sum = by_customer.entry(truth.customer_id).or_default();
            *sum = (sum.0 + counted.0, sum.1 + counted.1, sum.2 + counted.2);
        }
        for (customer_id, counted) in by_customer {
            assert_eq!(self.usage(customer_id).await, counted);
        }
        self.check_midnight().await;
    }

    async fn check_midnight(&self) {
        let mut expected: BTreeMap<CustomerId, (u64, u64)> = BTreeMap::new();
        for truth in self
            .truths
            .iter()
            .filter(|truth| truth.kind == Kind::Modern)
        {
            let sum = expected.entry(truth.customer_id).or_default();
            sum.0 += truth.before_midnight.min(truth.counted.0);
            sum.1 += truth.around_midnight;
        }
        let (mut whole, mut off) = (0, 0);
        for (customer_id, (before, tolerated)) in expected {
            let sql = "SELECT CAST(COALESCE(SUM(input_octets), 0) AS BIGINT) FROM usage_day WHERE customer_id = $1 AND day < $2";
            let next: chrono::NaiveDate = "2026-11-21".parse().unwrap();
            let counted = self
                .world
                .number(sql, vec![customer_id.as_uuid().into(), next.into()])
                .await;
            let counted = u64::try_from(counted).unwrap();
            assert!(
                counted.abs_diff(before) <= tolerated,
                "{counted} {before} {tolerated}"
            );
            whole += before;
            off += counted.abs_diff(before);
        }
        assert!(off * 20 < whole, "{off} of {whole} on the wrong day");
    }

    async fn past(&self) -> BTreeMap<SessionKey, ((u64, u64, u64), bool, i64)> {
        let sql = "SELECT session_key, input_octets, output_octets, session_time, presumed, flags FROM session_history";
        let mut past = BTreeMap::new();
        for row in self.world.rows(sql, vec![]).await {
            let key: Vec<u8> = row.try_get_by_index(0).unwrap();
            let number = |index: usize| {
                let value: i64 = row.try_get_by_index(index).unwrap();
                u64::try_from(value).unwrap()
            };
            let counted = (number(1), number(2), number(3));
            let told = (
                counted,
                row.try_get_by_index(4).unwrap(),
                row.try_get_by_index(5).unwrap(),
            );
            let before = past.insert(SessionKey::from_bytes(key.try_into().unwrap()), told);
            assert!(before.is_none(), "one row for each session");
        }
        past
    }

    async fn usage(&self, customer_id: CustomerId) -> (u64, u64, u64) {
        let sql = "SELECT CAST(COALESCE(SUM(input_octets), 0) AS BIGINT), CAST(COALESCE(SUM(output_octets), 0) AS BIGINT), \
             CAST(COALESCE(SUM(session_seconds), 0) AS BIGINT) FROM usage_day WHERE customer_id = $1";
        let rows = self
            .world
            .rows(sql, vec![customer_id.as_uuid().into()])
            .await;
        let number = |index: usize| {
            let value: i64 = rows[0].try_get_by_index(index).unwrap();
            u64::try_from(value).unwrap()
        };
        (number(0), number(1), number(2))
    }
}

testkit::on_each_database! {
    async fn usage_is_the_truth_whatever_the_network_does(world: World) {
        for seed in 1..=3 {
            let mut network = Network::new(&world, seed);
            network.run();
            assert!(network.sent.len() > 2_000, "{}", network.sent.len());
            network.store().await;
            network.check().await;
            world.sql("DELETE FROM session_history", vec![]).await;
            world.sql("DELETE FROM usage_day", vec![]).await;
        }
    }
}
