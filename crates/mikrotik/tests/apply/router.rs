//! A router in memory that speaks through the codec, takes nothing its schema lacks, and fails on demand.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use mikrotik::actual::Commands;
use mikrotik::api::{
    Decoder, EncodeError, Limits, Reply, ReplyKind, Request, Row, Sentence, Text, Trap,
    TrapCategory,
};
use mikrotik::client::{Answer, ClientError, Loss};
use mikrotik::schema::{Base, Command, Schema, Version};

/// What goes wrong with one command that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is refused.
    Refused,
    /// It is done, yet called refused.
    RefusedThoughDone,
    /// It is called done, yet nothing happened.
    Ignored,
    /// Half of it happens, and it is called done.
    Half,
    /// Half of it happens, then it is refused.
    HalfThenRefused,
    /// It is done, and no answer comes.
    SilentDone,
    /// Nothing happens, and no answer comes.
    Silent,
    /// No answer comes, and it is done when nobody looks any more.
    SilentLate,
    /// It is done, and the connection ends.
    LostDone,
    /// Nothing happens, and the connection ends.
    Lost,
    /// It never left.
    NotSent,
    /// It is done, and the router is gone.
    GoneDone,
    /// Nothing happens, and the router is gone.
    Gone,
}

type Item = BTreeMap<String, Vec<u8>>;

#[derive(Default)]
struct State {
    menus: BTreeMap<String, Vec<Item>>,
    next_id: u32,
    writes: usize,
    gone: bool,
    late: Vec<Request>,
}

pub(crate) struct MemoryRouter {
    version: Version,
    fault: Option<(usize, Fault)>,
    state: Mutex<State>,
}

impl MemoryRouter {
    pub(crate) fn new(version: Version) -> Self {
        Self {
            version,
            fault: None,
            state: Mutex::default(),
        }
    }

    /// Fails at the nth write from now.
    pub(crate) fn fail(&mut self, nth: usize, fault: Fault) {
        let writes = self.state().writes;
        self.fault = Some((writes + nth, fault));
    }

    /// The faults are over; what was delayed happens.
    pub(crate) fn settle(&mut self) {
        self.fault = None;
        let late = std::mem::take(&mut self.state().late);
        self.state().gone = false;
        for request in late {
            drop(self.write(&request, false));
        }
    }

    /// Puts an item there as if somebody else had made it.
    pub(crate) fn put(&self, command: &str, arguments: &[(&str, &str)]) {
        let mut request = Request::new(command);
        for (name, value) in arguments {
            request = request.argument(*name, *value);
        }
        self.write(&request, false).expect("a valid item");
    }

    /// All items of a menu, for comparisons.
    pub(crate) fn items(&self, menu: &str) -> Vec<BTreeMap<String, Vec<u8>>> {
        self.state().menus.get(menu).cloned().unwrap_or_default()
    }

    pub(crate) fn writes(&self) -> usize {
        self.state().writes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panicked")
    }

    /// The fault that this command meets.
    fn meets(&self) -> Option<Fault> {
        let mut state = self.state();
        state.writes += 1;
        let (nth, fault) = self.fault?;
        (state.writes == nth + 1).then_some(fault)
    }

    fn answer(&self, request: &Request) -> Result<Answer, ClientError> {
        let (_, verb) = request.menu_and_verb();
        if self.state().gone {
            return Err(ClientError::ConnectTimeout);
        }
        if verb == "print" {
            return self.print(request);
        }
        match self.meets() {
            None => self.write(request, false),
            Some(Fault::Refused) => Err(refused("failure: not now")),
            Some(Fault::RefusedThoughDone) => {
                self.write(request, false)?;
                Err(refused("failure: not now"))
            }
            Some(Fault::Ignored) => Ok(Answer::default()),
            Some(Fault::Half) => self.write(request, true),
            Some(Fault::HalfThenRefused) => {
                self.write(request, true)?;
                Err(refused("failure: not now"))
            }
            Some(Fault::SilentDone) => {
                self.write(request, false)?;
                Err(ClientError::Timeout)
            }
            Some(Fault::Silent) => Err(ClientError::Timeout),
            Some(Fault::SilentLate) => {
                self.state().late.push(request.clone());
                Err(ClientError::Timeout)
            }
            Some(Fault::LostDone) => {
                self.write(request, false)?;
                Err(ClientError::Lost(Loss::Closed))
            }
            Some(Fault::Lost) => Err(ClientError::Lost(Loss::Closed)),
            Some(Fault::NotSent) => Err(ClientError::NotSent(Loss::Closed)),
            Some(Fault::GoneDone) => {
                self.write(request, false)?;
                self.state().gone = true;
                Err(ClientError::Lost(Loss::Closed))
            }
            Some(Fault::Gone) => {
                self.state().gone = true;
                Err(ClientError::Lost(Loss::Closed))
            }
        }
    }

    fn print(&self, request: &Request) -> Result<Answer, ClientError> {
        let (path, _) = request.menu_and_verb();
        self.check(request)?;
        let names = request
            .proplist
            .clone()
            .expect("the client names properties");
        let menu = Schema::of(self.version).menu(path).expect("checked");
        for name in &names {
            assert!(menu.can_read(name) || name == "comment", "{path} {name}");
        }
        if !menu.is_list() {
            self.state()
                .menus
                .entry(path.to_owned())
                .or_insert_with(|| vec![defaults(menu)]);
        }
        let rows = self.items(path).into_iter().map(|item| {
            let mut row = Row::new();
            for name in &names {
                if let Some(value) = item.get(name) {
                    row.push(name, value).expect("a property");
                }
            }
            row
        });
        Ok(Answer {
            rows: rows.collect(),
            returned: Row::new(),
        })
    }

    /// Refuses what the version does not know.
    fn check(&self, request: &Request) -> Result<(), ClientError> {
        let (path, verb) = request.menu_and_verb();
        let menu = Schema::of(self.version).menu(path);
        let command = menu.and_then(|menu| menu.command(verb));
        let command = command.ok_or_else(|| refused("no such command"))?;
        for (name, value) in &request.arguments {
            let argument = command
                .argument(name)
                .ok_or_else(|| refused("unknown parameter"))?;
            let value = value.as_str().unwrap_or_default();
            if !argument.value.accepts(value) && !value.is_empty() {
                return Err(refused(&format!("invalid value for argument {name}")));
            }
        }
        Ok(())
    }

    fn write(&self, request: &Request, half: bool) -> Result<Answer, ClientError> {
        self.check(request)?;
        let (path, verb) = request.menu_and_verb();
        let menu = Schema::of(self.version).menu(path).expect("checked");
        let mut guard = self.state();
        let state = &mut *guard;
        let items = state.menus.entry(path.to_owned()).or_default();
        if !menu.is_list() && items.is_empty() {
            items.push(defaults(menu));
        }
        let settings = settings_of(request, menu.command(verb).expect("checked"), half);
        let place = match request.get(".id").or_else(|| request.get("numbers")) {
            Some(id) => Some(place_of(items, id).ok_or_else(|| refused("no such item"))?),
            None => (!menu.is_list()).then_some(0),
        };
        if matches!(path, "/ip/pool" | "/ppp/profile") && is_name_taken(items, place, &settings) {
            return Err(refused("failure: already have such name"));
        }
        let mut returned = Row::new();
        if verb == "add" {
            state.next_id += 1;
            let id = format!("*{:X}", state.next_id);
            let mut item = defaults(menu);
            item.insert(".id".to_owned(), id.clone().into_bytes());
            item.insert("dynamic".to_owned(), b"false".to_vec());
            item.extend(settings);
            items.push(item);
            returned.push("ret", id.as_bytes()).expect("an id");
        } else {
            let place = place.ok_or_else(|| refused("no such item"))?;
            change(items, place, request, settings, half);
        }
        Ok(Answer {
            rows: Vec::new(),
            returned,
        })
    }
}

type Values = Vec<(String, Vec<u8>)>;

/// The settings among the arguments, or half of them.
fn settings_of(request: &Request, command: &Command, half: bool) -> Values {
    let own = [".id", "numbers", "destination", "value-name"];
    let is_switch = |name: &str| {
        let argument = command.argument(name);
        argument.is_some_and(|argument| argument.value.base == Base::Bool)
    };
    let arguments = request.arguments.iter();
    let settings = arguments.filter(|(name, _)| !own.contains(&&**name));
    let mut settings: Values = settings
        .map(|(name, value)| (name.clone(), normal(value, is_switch(name))))
        .collect();
    if half {
        let keep = settings.len() / 2;
        let mut place = 0;
        settings.retain(|(name, _)| {
            place += 1;
            place <= keep || name == "comment"
        });
    }
    settings
}

fn place_of(items: &[Item], id: &Text) -> Option<usize> {
    let has_id = |item: &Item| item.get(".id").is_some_and(|held| held == id.as_bytes());
    items.iter().position(has_id)
}

fn is_name_taken(items: &[Item], own: Option<usize>, settings: &Values) -> bool {
    let Some((_, name)) = settings.iter().find(|(name, _)| name == "name") else {
        return false;
    };
    let mut others = items.iter().enumerate().filter(|(at, _)| Some(*at) != own);
    others.any(|(_, item)| item.get("name") == Some(name))
}

fn change(items: &mut Vec<Item>, place: usize, request: &Request, settings: Values, half: bool) {
    let (_, verb) = request.menu_and_verb();
    match verb {
        "set" => items[place].extend(settings),
        // Half of these is nothing.
        _ if half => {}
        "unset" => {
            let name = request.get("value-name").expect("a name").to_string();
            items[place].remove(&name);
        }
        "remove" => drop(items.remove(place)),
        _ => {
            assert_eq!(verb, "move");
            let item = items.remove(place);
            let other = request.get("destination").expect("a place");
            let to = place_of(items, other).expect("an item");
            items.insert(to, item);
        }
    }
}

fn defaults(menu: &mikrotik::schema::Menu) -> Item {
    let defaults = menu.defaults.iter();
    defaults
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect()
}

/// As routers print it: switches as truths, and some spans by the clock.
fn normal(value: &Text, is_switch: bool) -> Vec<u8> {
    match value.as_bytes() {
        b"yes" if is_switch => b"true".to_vec(),
        b"no" if is_switch => b"false".to_vec(),
        b"5m" => b"00:05:00".to_vec(),
        other => other.to_vec(),
    }
}

fn refused(message: &str) -> ClientError {
    ClientError::Trap(Trap::new(TrapCategory::General, message))
}

impl Commands for MemoryRouter {
    async fn run(&self, request: Request) -> Result<Answer, ClientError> {
        let heard = over_the_wire(&request.tag("1").to_sentence()?);
        assert_eq!(heard.len(), 1, "one sentence was sent");
        let heard = Request::from_sentence(&heard[0]).expect("a request");
        let answered = self.answer(&heard);
        match answered {
            Ok(answer) => Ok(through_replies(answer).expect("replies")),
            Err(error) => Err(error),
        }
    }
}

/// Bytes in small pieces.
fn over_the_wire(sentence: &Sentence) -> Vec<Sentence> {
    let mut bytes = Vec::new();
    sentence.encode(&mut bytes);
    let mut decoder = Decoder::new(Limits::default());
    let mut heard = Vec::new();
    for mut piece in bytes.chunks(5) {
        while let Some(sentence) = decoder.decode(&mut piece).expect("the protocol") {
            heard.push(sentence);
        }
    }
    heard
}

fn through_replies(answer: Answer) -> Result<Answer, EncodeError> {
    let tag = Some(Text::from("1"));
    let rows = answer.rows.into_iter().map(ReplyKind::Row);
    let mut received = Answer::default();
    for kind in rows.chain([ReplyKind::Done(answer.returned)]) {
        let reply = Reply::new(kind, tag.clone());
        for sentence in over_the_wire(&reply.to_sentence()?) {
            match Reply::from_sentence(&sentence).expect("a reply").kind {
                ReplyKind::Row(row) => received.rows.push(row),
                ReplyKind::Done(returned) => received.returned = returned,
                other => assert_eq!(other, ReplyKind::Empty, "nothing else was said"),
            }
        }
    }
    Ok(received)
}
