//! One connection to the API, without its socket: bytes in, bytes out.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use mikrotik::api::{
    Challenge, Decoder, Limits, Reply, ReplyKind, Request, Row, Sentence, Text, Trap,
};

use super::Router;
use super::access::User;
use super::answer::Answer;
use super::config::LoginMethod;
use super::faults::{Fault, writes_file};
use super::print::Listening;
use super::refusal::Refusal;
use super::store::push;

/// What a client may send at a time: less than our own client takes from a router.
const LIMITS: Limits = Limits {
    word_bytes: 1 << 20,
    words: 4096,
    sentence_bytes: 2 << 20,
};

/// Most commands that wait or listen on one connection.
const MOST_AT_ONCE: usize = 64;

/// One connection.
#[derive(Debug)]
pub struct Session {
    peer: IpAddr,
    challenge: Challenge,
    decoder: Decoder,
    user: Option<User>,
    listens: Vec<(Option<Text>, Listening)>,
    waiting: Vec<Waiting>,
    boots: u64,
    out: Vec<u8>,
    open: bool,
}

/// A command that is carried out later, or never.
#[derive(Debug)]
struct Waiting {
    due: Option<DateTime<Utc>>,
    request: Request,
}

impl Session {
    /// A connection that was just accepted; `random` becomes its challenge.
    pub fn new(router: &Router, peer: IpAddr, random: [u8; 16]) -> Self {
        Self {
            peer,
            challenge: Challenge(random),
            decoder: Decoder::new(LIMITS),
            user: None,
            listens: Vec::new(),
            waiting: Vec::new(),
            boots: router.boots(),
            out: Vec::new(),
            open: true,
        }
    }

    /// Takes bytes of the client; carries out the commands in them.
    pub fn receive(&mut self, mut bytes: &[u8], router: &mut Router) {
        while self.check(router) {
            match self.decoder.decode(&mut bytes) {
                Ok(Some(sentence)) => self.hear(&sentence, router),
                Ok(None) => return,
                Err(_) => self.open = false,
            }
        }
    }

    /// Carries out what has become due, and tells listeners what is new.
    pub fn poll(&mut self, router: &mut Router) {
        let now = router.now;
        while self.check(router) {
            let is_due = |waiting: &Waiting| waiting.due.is_some_and(|due| due <= now);
            let Some(index) = self.waiting.iter().position(is_due) else {
                break;
            };
            let waiting = self.waiting.remove(index);
            self.carry_out(&waiting.request, router);
        }
        if self.open {
            self.tell_news(router);
        }
    }

    /// When [`Session::poll`] is next needed though nothing changes.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.waiting.iter().filter_map(|waiting| waiting.due).min()
    }

    /// The bytes for the client so far.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Whether the router has not ended the connection.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether somebody has signed in.
    pub fn is_signed_in(&self) -> bool {
        self.user.is_some()
    }

    /// A router that is gone, or has started anew, knows the connection no more.
    fn check(&mut self, router: &Router) -> bool {
        if router.faults.is_away() || router.boots() != self.boots {
            self.out.clear();
            self.open = false;
        }
        self.open
    }

    fn hear(&mut self, sentence: &Sentence, router: &mut Router) {
        let Ok(request) = Request::from_sentence(sentence) else {
            return self.refuse(tag_of(sentence), &Refusal::NoSuchCommand);
        };
        let command = match request.command.as_str() {
            "/login" => return self.log_in(&request, router),
            "/quit" => return self.end("session terminated on request", request.tag),
            _ if self.user.is_none() => return self.end("not logged in", request.tag),
            command => command,
        };
        if command == "/cancel" {
            return self.cancel(&request);
        }
        match router.faults.meet(&request) {
            Some(fault) => self.suffer(&fault, request, router),
            None => self.carry_out(&request, router),
        }
    }

    fn log_in(&mut self, request: &Request, router: &Router) {
        let name = request.get("name").cloned().unwrap_or_default();
        let tag = request.tag.clone();
        let signed_in = match (router.login, request.get("response")) {
            (LoginMethod::Challenge, None) => {
                let mut row = Row::new();
                push(&mut row, "ret", self.challenge.to_hex());
                return self.say(ReplyKind::Done(row), tag);
            }
            (LoginMethod::Challenge, Some(response)) => {
                router.sign_in_by_response(&name, response, self.challenge, self.peer)
            }
            (LoginMethod::Plain, _) => {
                let password = request.get("password").cloned().unwrap_or_default();
                router.sign_in(&name, &password, self.peer)
            }
        };
        match signed_in {
            Ok(user) => {
                self.user = Some(user);
                self.say(ReplyKind::Done(Row::new()), tag);
            }
            Err(refusal) => self.refuse(tag, &refusal),
        }
    }

    fn cancel(&mut self, request: &Request) {
        let wanted = request.get("tag").cloned();
        let is_meant = |tag: &Option<Text>| wanted.is_none() || *tag == wanted;
        let mut ended = Vec::new();
        self.listens.retain(|(tag, _)| {
            let meant = is_meant(tag);
            if meant {
                ended.push(tag.clone());
            }
            !meant
        });
        self.waiting.retain(|waiting| {
            let meant = is_meant(&waiting.request.tag);
            if meant {
                ended.push(waiting.request.tag.clone());
            }
            !meant
        });
        for tag in ended {
            self.refuse(tag, &Refusal::Interrupted);
        }
        self.say(ReplyKind::Done(Row::new()), request.tag.clone());
    }

    fn suffer(&mut self, fault: &Fault, mut request: Request, router: &mut Router) {
        match fault {
            Fault::Delay { ms } => {
                let due = router.now + Duration::milliseconds(i64::from(*ms));
                self.wait(Some(due), request);
            }
            Fault::Hang => self.wait(None, request),
            Fault::Drop => self.open = false,
            Fault::DropMidSentence => {
                let before = self.out.len();
                self.carry_out(&request, router);
                let said = self.out.len().saturating_sub(before);
                self.out.truncate(before + said.div_ceil(2));
                self.open = false;
            }
            Fault::HalfApply => {
                let kept = request.arguments.len().div_ceil(2);
                request.arguments.truncate(kept);
                if let Some(user) = &self.user {
                    drop(router.execute(&request, user));
                }
                self.open = false;
            }
            Fault::Lie => self.lie(&request, router),
            Fault::Trap { category, message } => {
                let (category, message) = (*category, message.clone());
                self.refuse(request.tag, &Refusal::Injected { category, message });
            }
            Fault::DiskFull if writes_file(&request) => {
                let refusal = Refusal::failure("not enough space on disk");
                self.refuse(request.tag, &refusal);
            }
            Fault::DiskFull => self.carry_out(&request, router),
            Fault::Away { ms } => {
                router.go_away(Duration::milliseconds(i64::from(*ms)));
                self.open = false;
            }
        }
    }

    fn lie(&mut self, request: &Request, router: &Router) {
        let (_, verb) = request.menu_and_verb();
        let answer = match verb {
            "print" | "getall" => Answer::Rows(Vec::new()),
            "add" => Answer::Returned(Text::from("*1")),
            _ => Answer::Done,
        };
        self.answer(&answer, request.tag.clone(), router);
    }

    fn wait(&mut self, due: Option<DateTime<Utc>>, request: Request) {
        if self.waiting.len() >= MOST_AT_ONCE {
            return self.refuse(request.tag, &Refusal::failure("too many commands running"));
        }
        self.waiting.push(Waiting { due, request });
    }

    fn carry_out(&mut self, request: &Request, router: &mut Router) {
        let Some(user) = self.user.clone() else {
            return;
        };
        let tag = request.tag.clone();
        match router.listening(request, &user) {
            Ok(None) => {}
            Ok(Some(listening)) => return self.listen(request, listening, router, &user),
            Err(refusal) => return self.refuse(tag, &refusal),
        }
        match router.execute(request, &user) {
            Ok(answer) => self.answer(&answer, tag, router),
            Err(refusal) => self.refuse(tag, &refusal),
        }
    }

    /// `print follow` begins with what is there; the others wait for what comes.
    fn listen(
        &mut self,
        request: &Request,
        listening: Listening,
        router: &mut Router,
        user: &User,
    ) {
        let tag = request.tag.clone();
        if self.listens.len() >= MOST_AT_ONCE {
            return self.refuse(tag, &Refusal::failure("too many commands running"));
        }
        if request.get("follow").is_some()
            && let Ok(Answer::Rows(rows)) = router.execute(request, user)
        {
            self.say_rows(&rows, tag.as_ref());
        }
        self.listens.push((tag, listening));
    }

    fn tell_news(&mut self, router: &Router) {
        let Some(user) = self.user.clone() else {
            return;
        };
        let mut listens = std::mem::take(&mut self.listens);
        for (tag, listening) in &mut listens {
            if router.has_news(listening) {
                let rows = router.news(listening, &user);
                self.say_rows(&rows, tag.as_ref());
            }
        }
        self.listens = listens;
    }

    fn answer(&mut self, answer: &Answer, tag: Option<Text>, router: &Router) {
        if let Answer::Rows(rows) = answer {
            self.say_rows(rows, tag.as_ref());
            if rows.is_empty() && router.release.says_empty() {
                self.say(ReplyKind::Empty, tag.clone());
            }
        }
        self.say(ReplyKind::Done(answer.returned()), tag);
    }

    fn say_rows(&mut self, rows: &[Row], tag: Option<&Text>) {
        for row in rows {
            self.say(ReplyKind::Row(row.clone()), tag.cloned());
        }
    }

    fn refuse(&mut self, tag: Option<Text>, refusal: &Refusal) {
        let trap: Trap = refusal.to_trap();
        self.say(ReplyKind::Trap(trap), tag.clone());
        self.say(ReplyKind::Done(Row::new()), tag);
    }

    fn end(&mut self, reason: &str, tag: Option<Text>) {
        self.say(ReplyKind::Fatal(Text::from(reason)), tag);
        self.open = false;
    }

    fn say(&mut self, kind: ReplyKind, tag: Option<Text>) {
        let sentence = Reply::new(kind, tag).to_sentence();
        let sentence = sentence.expect("invariant: a router says nothing near 4 GiB");
        sentence.encode(&mut self.out);
    }
}

/// The tag of a sentence that cannot be read.
fn tag_of(sentence: &Sentence) -> Option<Text> {
    let mut tags = sentence
        .words()
        .filter_map(|word| word.strip_prefix(b".tag="));
    tags.next().map(Text::from)
}
