use proptest::prelude::*;

use super::*;
use crate::ids::{IspId, NasId};
use crate::network::session::{SessionKey, SessionUsage};

const STOP: AccountingEvent = AccountingEvent::Stop {
    cause: TerminateCause::UserRequest,
};
use AccountingEvent::{Interim, Start};

fn begun() -> DateTime<Utc> {
    "2026-11-20T05:00:00Z".parse().expect("an instant")
}

fn report(event: AccountingEvent, time: u32, input: u64, output: u64) -> AccountingRecord {
    AccountingRecord {
        isp_id: IspId::from_uuid(uuid::Uuid::nil()),
        nas_id: NasId::from_uuid(uuid::Uuid::nil()),
        nas_address: "127.0.0.1".parse().expect("an address"),
        customer_id: None,
        session_key: SessionKey::from_bytes([0; 16]),
        event,
        acct_session_id: "81000001".to_owned(),
        username: "rahim".to_owned(),
        framed_ip: None,
        calling_station_id: None,
        nas_port_id: None,
        class: None,
        usage: SessionUsage {
            input_octets: Some(input),
            output_octets: Some(output),
            session_time: Some(time),
            gigawords: true,
        },
        event_time: begun() + TimeDelta::seconds(time.into()),
        stamped: true,
        walled: false,
    }
}

fn narrow(record: AccountingRecord) -> AccountingRecord {
    let cut = |octets: Option<u64>| octets.map(|octets| octets % WRAP);
    AccountingRecord {
        usage: SessionUsage {
            input_octets: cut(record.usage.input_octets),
            output_octets: cut(record.usage.output_octets),
            gigawords: false,
            ..record.usage
        },
        ..record
    }
}

fn tally_of(records: &[AccountingRecord]) -> Tally {
    let (first, rest) = records.split_first().expect("at least one report");
    let mut tally = Tally::begin(first).0;
    for record in rest {
        assert_ne!(tally.take(record), Taken::Another);
    }
    tally
}

fn totals(tally: &Tally) -> (u64, u64, u64) {
    (tally.input_octets, tally.output_octets, tally.session_time)
}

#[test]
fn a_stop_without_octets_keeps_what_was_counted() {
    let mut stop = report(STOP, 700, 0, 0);
    stop.usage = SessionUsage {
        session_time: Some(700),
        ..SessionUsage::default()
    };
    let tally = tally_of(&[
        report(Start, 0, 0, 0),
        report(Interim, 600, 50, 70),
        stop.clone(),
    ]);
    assert_eq!(totals(&tally), (50, 70, 700));
    // The interim between them comes last and still counts.
    let late = tally_of(&[report(Start, 0, 0, 0), stop, report(Interim, 600, 50, 70)]);
    assert_eq!(totals(&late), (50, 70, 700));
    assert!(late.ending.is_some());
}

#[test]
fn a_narrow_counter_that_falls_has_wrapped() {
    let reports = [
        report(Start, 0, 0, 0),
        report(Interim, 300, 1_000_000, 4_000_000_000),
        report(Interim, 600, 2_000_000, 4_500_000_000),
        report(STOP, 900, 3_000_000, 9_000_000_000),
    ]
    .map(narrow);
    let tally = tally_of(&reports);
    assert_eq!(
        totals(&tally),
        (3_000_000, 9_000_000_000 - WRAP, 900),
        "4.5 GB in one interim cannot be seen"
    );
    let tally = tally_of(&reports[..3]);
    assert_eq!(totals(&tally), (2_000_000, 4_500_000_000, 600));
    assert_eq!(tally.flags.names(), ["counter_wrapped"]);
}

#[test]
fn counters_that_both_fall_begin_again() {
    let reports = [
        report(Interim, 300, 9_000, 70_000),
        report(Interim, 600, 100, 200),
        report(STOP, 900, 300, 500),
    ];
    for reports in [reports.clone(), reports.map(narrow)] {
        let tally = tally_of(&reports);
        assert_eq!(totals(&tally), (9_300, 70_500, 900));
        assert_eq!(tally.flags.names(), ["counter_reset"]);
    }
}

#[test]
fn a_router_that_begins_a_session_again_adds_to_it() {
    let again = |event, time: u32, input| {
        let mut record = report(event, time, input, input);
        record.event_time += TimeDelta::seconds(1_000);
        record
    };
    let before = report(Interim, 600, 500, 500);
    let reports = [
        report(Start, 0, 0, 0),
        before.clone(),
        again(Start, 0, 0),
        again(Interim, 300, 70),
        again(Interim, 700, 90),
        before,
        again(Start, 0, 0),
    ];
    let tally = tally_of(&reports);
    assert_eq!(totals(&tally), (590, 590, 1_300));
    assert_eq!(tally.flags.names(), ["restarted"]);
    // Without the Start the interim tells it.
    let tally = tally_of(&[reports[1].clone(), reports[3].clone()]);
    assert_eq!(totals(&tally), (570, 570, 900));
}

#[test]
fn what_cannot_be_is_flagged_and_not_counted() {
    let mut tally = tally_of(&[report(Interim, 300, 1_000, 1_000)]);
    tally.take(&report(Interim, 600, 2_000, 1 << 62));
    assert_eq!(totals(&tally), (1_000, 1_000, 600));
    tally.take(&report(Interim, 900, 3_000, 3_000));
    assert_eq!(totals(&tally), (3_000, 3_000, 900));
    assert_eq!(tally.flags.names(), ["impossible_rate"]);
    let mut liar = report(Interim, 40_000_000, 4_000, 4_000);
    liar.event_time = begun() + TimeDelta::seconds(1_200);
    tally.take(&liar);
    assert_eq!(tally.session_time, 900);
    assert!(tally.flags.has(TallyFlags::TIME_TRAVEL));
}

#[test]
fn a_presumed_end_holds_until_the_router_speaks_of_a_later_instant() {
    let reboot = begun() + TimeDelta::seconds(650);
    let mut tally = tally_of(&[report(Start, 0, 0, 0), report(Interim, 600, 10, 10)]);
    tally.presume_ended(TerminateCause::NasReboot, reboot);
    for late in [
        report(Start, 0, 0, 0),
        report(Interim, 600, 10, 10),
        report(Interim, 640, 15, 15),
    ] {
        tally.take(&late);
        assert!(
            tally
                .ending
                .is_some_and(|ending| ending.presumed_until == Some(reboot))
        );
    }
    assert_eq!(
        totals(&tally),
        (15, 15, 640),
        "usage before the reboot counts"
    );
    let mut lives = tally.clone();
    lives.take(&report(Interim, 900, 20, 20));
    assert_eq!((lives.ending, totals(&lives)), (None, (20, 20, 900)));
    tally.take(&report(STOP, 645, 16, 16));
    let ending = tally.ending.expect("ended");
    assert_eq!(
        (ending.presumed_until, ending.cause),
        (None, TerminateCause::UserRequest)
    );
}

#[test]
fn a_name_used_again_after_the_end_is_another_session() {
    let mut tally = tally_of(&[report(Start, 0, 0, 0), report(STOP, 600, 10, 10)]);
    let mut next = report(Start, 0, 0, 0);
    for late in [
        next.clone(),
        report(Interim, 300, 5, 5),
        report(STOP, 600, 10, 10),
    ] {
        assert_eq!(tally.take(&late), Taken::Counted(None));
    }
    next.event_time = begun() + TimeDelta::seconds(700);
    assert_eq!(tally.take(&next), Taken::Another);
    // Who does not say when it was sends repetitions that look new.
    next.stamped = false;
    assert_eq!(tally.take(&next), Taken::Counted(None));
}

#[test]
fn a_clock_that_is_set_changes_no_amount() {
    let mut reports = [
        report(Start, 0, 0, 0),
        report(Interim, 300, 10, 10),
        report(Interim, 600, 20, 20),
        report(STOP, 900, 30, 30),
    ];
    for hours in [-5, 5] {
        for record in &mut reports[2..] {
            record.event_time += TimeDelta::hours(hours);
        }
        let tally = tally_of(&reports);
        assert_eq!(totals(&tally), (30, 30, 900), "{hours}");
    }
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing(
        growth in prop::collection::vec((0_u64..1 << 33, 0_u64..1 << 33), 1..12),
        order in prop::collection::vec(0_usize..64, 1..60),
        stamped: bool,
    ) {
        let (mut input, mut output, mut reports) = (0, 0, vec![report(Start, 0, 0, 0)]);
        for (index, (more, much)) in growth.iter().enumerate() {
            input += more;
            output += much;
            let time = 300 * u32::try_from(index + 1).expect("few");
            reports.push(report(Interim, time, input, output));
        }
        let mut sent: Vec<_> = order.iter().map(|pick| reports[pick % reports.len()].clone()).collect();
        sent.push(reports.last().expect("some").clone());
        if !stamped {
            for (index, record) in sent.iter_mut().enumerate() {
                record.stamped = false;
                record.event_time = begun() + TimeDelta::hours(2) + TimeDelta::seconds(i64::try_from(index).expect("few"));
            }
        }
        let mut steps = Vec::new();
        let (mut tally, step) = Tally::begin(&sent[0]);
        steps.extend(step);
        for record in sent.iter().skip(1).chain(&sent) {
            if let Taken::Counted(step) = tally.take(record) {
                steps.extend(step);
            }
        }
        prop_assert_eq!(totals(&tally), (input, output, 300 * u64::try_from(growth.len()).expect("few")));
        let sum = steps.iter().fold(Amount::default(), |sum, step| sum.plus(step.amount));
        prop_assert_eq!((sum.input_octets, sum.output_octets, sum.seconds), totals(&tally));
    }
}
