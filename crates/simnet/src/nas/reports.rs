//! Accounting: every report is repeated until the server says that it is safe.

use std::net::SocketAddr;

use domain::network::session::TerminateCause;
use radius::client::ResponseError;
use radius::packet::codec::{Code, Packet};
use tokio::time::Instant;

use crate::nas::accounting;
use crate::nas::core::{Channel, Core, Transmit};
use crate::nas::exchange::{Late, Ticket};
use crate::nas::timers::Timer;
use crate::subscribers::session::{Event, Report};

impl Core {
    /// Queues a report and sends what the window allows.
    pub(super) fn send_report(&mut self, report: Report, now: Instant) {
        let is_told = self.settings.service(report.identity.service).accounting;
        if report.identity.server.is_none() || !is_told {
            self.clear_outstanding(&report);
            return;
        }
        self.waiting_reports.push_back(report);
        self.send_reports(now);
    }

    fn send_reports(&mut self, now: Instant) {
        while !self.waiting_reports.is_empty() {
            let Some(id) = self.reports.free_id() else {
                return;
            };
            let Some(report) = self.waiting_reports.pop_front() else {
                return;
            };
            self.send_report_as(id, report, now);
        }
    }

    fn send_report_as(&mut self, id: u8, mut report: Report, now: Instant) {
        let (service, rounds) = (report.identity.service, report.rounds);
        let preferred = report.identity.server.unwrap_or_default();
        let server = self.settings.report_server(service, preferred, rounds);
        let Some(server) = server.cloned() else {
            // Nobody is there to be told.
            self.clear_outstanding(&report);
            self.counters.reports_given_up += 1;
            return;
        };
        let delay = now.saturating_duration_since(report.happened);
        let delay = self.timing.speed.shrunk(delay);
        let identifiers = &self.settings.service(service).identifiers;
        let request = accounting::request(&report, id, identifiers, &server.secret, delay);
        let Ok(request) = request else {
            // A name that fitted the login fits here too, so this is a huge Class.
            self.counters.reports_given_up += 1;
            return;
        };
        let (bytes, to) = (request.bytes.clone(), server.acct);
        let timeout = self.timing.reply_timeout_of(&server);
        report.to = Some(server);
        self.counters.reports_sent += u64::from(report.rounds == 0);
        let ticket = self.reports.begin(request, report, now);
        self.timers.add(now + timeout, Timer::ReportLate(ticket));
        self.outbox.push_back(Transmit {
            channel: Channel::Acct,
            to,
            bytes,
        });
    }

    pub(super) fn report_late(&mut self, ticket: Ticket, now: Instant) {
        let server = self.reports.get(ticket.id);
        let server = server.and_then(|sent| sent.owner.to.clone());
        match (self.reports.late(ticket, self.timing.attempts), server) {
            (Late::Void, _) | (Late::Again(_), None) => {}
            (Late::Again(bytes), Some(server)) => {
                self.counters.retransmissions += 1;
                let timeout = self.timing.reply_timeout_of(&server);
                self.timers.add(now + timeout, Timer::ReportLate(ticket));
                self.outbox.push_back(Transmit {
                    channel: Channel::Acct,
                    to: server.acct,
                    bytes,
                });
            }
            (Late::GiveUp(report), _) => {
                self.report_given_up(report, now);
                self.send_reports(now);
            }
        }
    }

    /// An interim is made good by the next one; Start and Stop begin anew, later and with a new
    /// identifier, because Acct-Delay-Time has changed.
    fn report_given_up(&mut self, mut report: Report, now: Instant) {
        self.clear_outstanding(&report);
        let is_final =
            report.event == Event::Interim || report.rounds >= self.timing.accounting_rounds;
        if is_final {
            self.counters.reports_given_up += 1;
            if matches!(report.event, Event::Stop(_)) {
                self.acknowledged.remove(&report.session);
            }
            return;
        }
        report.rounds += 1;
        self.delayed_reports += 1;
        let pause = self.timing.reply_timeout() * report.rounds;
        self.timers
            .add(now + pause, Timer::ReportAgain(Box::new(report)));
    }

    pub(super) fn report_answered(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) {
        match self.verify_report(datagram, from) {
            Ok(Some(id)) => {
                if let Some(sent) = self.reports.finish(id) {
                    self.report_acknowledged(&sent.owner);
                }
                self.send_reports(now);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(nas.name = self.name(), %error, "Ignored an accounting answer");
                self.counters.bad_replies += 1;
            }
        }
    }

    fn verify_report(
        &self,
        datagram: &[u8],
        from: SocketAddr,
    ) -> Result<Option<u8>, ResponseError> {
        let id = Packet::parse(datagram)?.id();
        let Some(sent) = self.reports.get(id) else {
            return Ok(None);
        };
        let Some(server) = sent.owner.to.as_ref().filter(|server| server.acct == from) else {
            return Err(ResponseError::OtherRequest);
        };
        let answer = sent
            .request
            .verify_as(datagram, &server.secret, server.answers)?;
        Ok((answer.code() == Code::AccountingResponse).then_some(id))
    }

    fn report_acknowledged(&mut self, report: &Report) {
        self.clear_outstanding(report);
        match report.event {
            Event::Start => self.counters.starts_acknowledged += 1,
            Event::Interim => self.counters.interims_acknowledged += 1,
            Event::Stop(_) => self.counters.stops_acknowledged += 1,
        }
        // Answers may overtake each other; counters of a session only grow.
        let known = self.acknowledged.entry(report.session).or_default();
        let upload = report.moved.upload.saturating_sub(known.upload);
        let download = report.moved.download.saturating_sub(known.download);
        known.upload += upload;
        known.download += download;
        self.past.acknowledge(upload, download);
        if let Some(subscriber) = self.subscribers.get_mut(&report.subscriber) {
            subscriber.past.acknowledge(upload, download);
        }
        if matches!(report.event, Event::Stop(_)) {
            self.acknowledged.remove(&report.session);
        }
    }

    fn clear_outstanding(&mut self, report: &Report) {
        if report.event == Event::Interim
            && let Some(session) = self.session_mut(report.subscriber, report.session)
        {
            session.interim_outstanding = false;
        }
    }

    /// Ends every session with a report.
    pub(super) fn end_all(&mut self, cause: TerminateCause, now: Instant) {
        let keys: Vec<u64> = self.by_session.values().copied().collect();
        for key in keys {
            self.end_session(key, cause, now);
        }
    }
}
