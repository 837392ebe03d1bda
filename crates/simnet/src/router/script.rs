//! Scripts, as far as provisioning and its guard need them: commands, `[find …]`, `:do … on-error`,
//! `:delay` (which takes no time here), `:log`, `:put`. Variables and conditions are not here.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

use mikrotik::api::{Query, QueryWord, Request, Text};
use mikrotik::schema::Schema;

use super::Router;
use super::access::User;
use super::answer::Answer;
use super::config::{ConfigError, RouterConfig};
use super::refusal::Refusal;

/// How deep blocks may stand in each other.
const MAX_DEPTH: usize = 16;

/// Why a script ended before its end.
#[derive(Debug)]
struct Stopped {
    line: usize,
    refusal: Refusal,
}

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    /// Text, perhaps `name=value`; quotes are gone.
    Plain(String),
    /// `name=` before something in brackets, or nothing before it.
    Bracket(String, String),
    /// `{ … }`, without the braces; before it perhaps `on-error=`.
    Block(String, String),
}

#[derive(Debug)]
struct Statement {
    line: usize,
    words: Vec<Word>,
}

impl Router {
    pub(super) fn set_up(&mut self, config: &RouterConfig) -> Result<(), ConfigError> {
        self.run_lines(&config.setup)
    }

    /// Runs console commands as the router's owner.
    ///
    /// # Errors
    /// One of them is refused; those before it are done.
    pub fn run_lines(&mut self, script: &str) -> Result<(), ConfigError> {
        let run = self.run(script, &User::system(), 0);
        run.map_err(|stopped| ConfigError::SetUp {
            line: stopped.line,
            reason: stopped.refusal.to_string(),
        })
    }

    pub(super) fn import(&mut self, request: &Request, user: &User) -> Result<(), Refusal> {
        let name = request
            .get("file-name")
            .ok_or(Refusal::Missing("file-name"))?;
        let text = self
            .file(&name.to_shown())
            .ok_or_else(|| Refusal::failure("no such file"))?;
        let run = self.run(&text.to_shown(), user, 0);
        run.map_err(|stopped| {
            let place = format!("{} (line {} column 1)", stopped.refusal, stopped.line);
            Refusal::Failure(place.trim_start_matches("failure: ").to_owned())
        })
    }

    pub(super) fn run_script_item(&mut self, request: &Request) -> Result<(), Refusal> {
        let named = ["number", "numbers", ".id"].into_iter();
        let named = named.filter_map(|name| request.get(name)).next();
        let named = named.ok_or(Refusal::Missing("number"))?;
        let (path, id) = self.target("/system/script", named)?;
        let table = self.store.table(path);
        let item = table.and_then(|table| table.find(id));
        let source = item.ok_or(Refusal::NoSuchItem)?.shown("source");
        let run = self.run(&source, &User::system(), 0);
        run.map_err(|stopped| stopped.refusal)
    }

    /// Runs what a scheduler names; a failure goes to the log.
    pub(super) fn run_in_background(&mut self, event: &str) {
        let text = {
            let mut scripts = self.store.items("/system/script");
            let script = scripts.find(|script| script.is("name", event));
            script.map_or_else(|| event.to_owned(), |script| script.shown("source"))
        };
        if let Err(stopped) = self.run(&text, &User::system(), 0) {
            let message = Text::from(format!("executing script failed: {}", stopped.refusal));
            self.log("script,error", &message);
        }
    }

    fn run(&mut self, text: &str, user: &User, depth: usize) -> Result<(), Stopped> {
        if depth > MAX_DEPTH {
            let refusal = Refusal::failure("maximum nesting depth exceeded");
            return Err(Stopped { line: 1, refusal });
        }
        let (boots, mut menu) = (self.boots, String::from("/"));
        for statement in statements(text)? {
            let line = statement.line;
            let step = self.step(&statement.words, &mut menu, user, depth);
            step.map_err(|refusal| Stopped { line, refusal })?;
            // A restart ends every script.
            if self.boots != boots {
                return Ok(());
            }
        }
        Ok(())
    }

    fn step(
        &mut self,
        words: &[Word],
        menu: &mut String,
        user: &User,
        depth: usize,
    ) -> Result<(), Refusal> {
        match words {
            [Word::Plain(first), rest @ ..] if first == ":do" => self.attempt(rest, user, depth),
            [Word::Plain(first), ..] if matches!(first.as_str(), ":delay" | ":put") => Ok(()),
            [
                Word::Plain(first),
                Word::Plain(topic),
                Word::Plain(message),
                ..,
            ] if first == ":log" => {
                let message = message.strip_prefix("message=").unwrap_or(message);
                self.log(&format!("script,{topic}"), &Text::from(message));
                Ok(())
            }
            [Word::Plain(first), ..] if first.starts_with(':') => {
                Err(Refusal::failure(format!("{first} is not simulated")))
            }
            words => self.command_of(words, menu, user),
        }
    }

    /// `:do { … } on-error={ … }`.
    fn attempt(&mut self, words: &[Word], user: &User, depth: usize) -> Result<(), Refusal> {
        let block = |name: &str| {
            words.iter().find_map(|word| match word {
                Word::Block(before, text) if before == name => Some(text.clone()),
                _ => None,
            })
        };
        let text = block("").or_else(|| block("command=")).unwrap_or_default();
        match self.run(&text, user, depth + 1) {
            Ok(()) => Ok(()),
            Err(stopped) => match block("on-error=") {
                Some(text) => {
                    let run = self.run(&text, user, depth + 1);
                    run.map_err(|stopped| stopped.refusal)
                }
                None => Err(stopped.refusal),
            },
        }
    }

    /// `/ppp secret set [find name=x] disabled=yes`, or the same below the menu of a line before.
    fn command_of(
        &mut self,
        words: &[Word],
        menu: &mut String,
        user: &User,
    ) -> Result<(), Refusal> {
        let mut path = match words.first() {
            Some(Word::Plain(first)) if first.starts_with('/') => String::from("/"),
            _ => menu.clone(),
        };
        let mut verb = None;
        let mut rest = words;
        while let ([Word::Plain(word), after @ ..], None) = (rest, &verb) {
            rest = after;
            for part in word.split('/').filter(|part| !part.is_empty()) {
                let below = format!("{}/{part}", path.trim_end_matches('/'));
                if Schema::of(self.release.schema_version())
                    .menus()
                    .any(|(known, _)| known == below || known.starts_with(&format!("{below}/")))
                {
                    path = below;
                } else {
                    verb = Some(part.to_owned());
                }
            }
        }
        let Some(verb) = verb else {
            *menu = path;
            return Ok(());
        };
        self.invoke(&path, &verb, rest, user)
    }

    fn invoke(
        &mut self,
        path: &str,
        verb: &str,
        words: &[Word],
        user: &User,
    ) -> Result<(), Refusal> {
        let command = format!("{}/{verb}", path.trim_end_matches('/'));
        let mut request = Request::new(command);
        for word in words {
            match word {
                Word::Bracket(before, inner) if before.is_empty() || before == "numbers=" => {
                    let ids = self.find(path, inner)?;
                    if ids.is_empty() {
                        return Ok(());
                    }
                    request = request.argument("numbers", ids.join(","));
                }
                Word::Block(name, value) | Word::Bracket(name, value) => {
                    request = request.argument(name.trim_end_matches('='), value.as_str());
                }
                Word::Plain(word) => match word.split_once('=') {
                    Some((name, value)) => request = request.argument(name, value),
                    None if word.starts_with('!') => request = request.argument(word, ""),
                    None if verb == "import" => request = request.argument("file-name", &**word),
                    // `disable foo`, `set foo …`; `remove *1`.
                    None => request = request.argument("numbers", word.as_str()),
                },
            }
        }
        self.execute(&request, user).map(|_: Answer| ())
    }

    /// The ids that `find name=x disabled=yes` gives.
    fn find(&self, path: &str, inner: &str) -> Result<Vec<String>, Refusal> {
        let mut words = statements(inner)
            .map_err(|stopped| stopped.refusal)?
            .into_iter()
            .flat_map(|statement| statement.words);
        if words.next() != Some(Word::Plain("find".to_owned())) {
            return Err(Refusal::failure("only [find …] is simulated in brackets"));
        }
        let mut query = Query::default();
        for word in words {
            match word {
                Word::Plain(word) if word == "where" => {}
                Word::Plain(word) => query.0.push(condition(&word)),
                _ => return Err(Refusal::failure("a condition cannot be read")),
            }
        }
        let rows = self.rows(path).into_iter();
        let found = rows.filter(|row| query.matches(row));
        let ids = found.filter_map(|row| row.text(".id"));
        Ok(ids.map(|id| id.to_shown().into_owned()).collect())
    }
}

fn condition(word: &str) -> QueryWord {
    let Some((name, value)) = word.split_once('=') else {
        return QueryWord::equal(word, "true");
    };
    let value = match value {
        "yes" => "true",
        "no" => "false",
        value => value,
    };
    QueryWord::equal(name, value)
}

/// The statements of a script; `;` and line ends part them.
fn statements(text: &str) -> Result<Vec<Statement>, Stopped> {
    let mut reader = Reader {
        rest: text,
        line: 1,
    };
    let mut statements = Vec::new();
    loop {
        reader.skip_between();
        if reader.rest.is_empty() {
            return Ok(statements);
        }
        let line = reader.line;
        let words = reader.words().map_err(|refusal| Stopped {
            line: reader.line,
            refusal,
        })?;
        if !words.is_empty() {
            statements.push(Statement { line, words });
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let taken = chars.next()?;
        self.rest = chars.as_str();
        if taken == '\n' {
            self.line += 1;
        }
        Some(taken)
    }

    /// Blanks, and lines that are continued.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => {}
                Some('\\') if self.at_continuation() => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.take();
                    }
                }
                _ => return,
            }
            self.take();
        }
    }

    fn at_continuation(&self) -> bool {
        self.rest.starts_with("\\\n") || self.rest.starts_with("\\\r\n")
    }

    fn skip_between(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some('\n' | ';') => {
                    self.take();
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.take();
                    }
                }
                _ => return,
            }
        }
    }

    fn words(&mut self) -> Result<Vec<Word>, Refusal> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('\n' | ';') => return Ok(words),
                Some(_) => words.push(self.word()?),
            }
        }
    }

    fn word(&mut self) -> Result<Word, Refusal> {
        let mut text = String::new();
        loop {
            if self.at_continuation() && text.ends_with('=') {
                self.skip_blanks();
            }
            match self.peek() {
                None | Some(' ' | '\t' | '\r' | '\n' | ';') => return Ok(Word::Plain(text)),
                Some('\\') if self.at_continuation() => return Ok(Word::Plain(text)),
                Some('"') => text.push_str(&self.quoted()?),
                Some('[') if is_opening(&text) => {
                    return Ok(Word::Bracket(text, self.balanced('[', ']')?));
                }
                Some('{') if is_opening(&text) => {
                    return Ok(Word::Block(text, self.balanced('{', '}')?));
                }
                Some(_) => text.extend(self.take()),
            }
        }
    }

    /// What is between two brackets; those in quotes do not count.
    fn balanced(&mut self, open: char, close: char) -> Result<String, Refusal> {
        self.take();
        let mut text = String::new();
        let (mut depth, mut quoted, mut escaped) = (1_usize, false, false);
        while let Some(taken) = self.take() {
            match taken {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = !quoted,
                _ if quoted => {}
                c if c == open => depth += 1,
                c if c == close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(text);
            }
            text.push(taken);
        }
        Err(Refusal::failure(format!("missing {close}")))
    }

    fn quoted(&mut self) -> Result<String, Refusal> {
        self.take();
        let mut text = String::new();
        while let Some(taken) = self.take() {
            match taken {
                '"' => return Ok(text),
                '\\' => self.escape(&mut text),
                taken => text.push(taken),
            }
        }
        Err(Refusal::failure("missing closing quote"))
    }

    fn escape(&mut self, text: &mut String) {
        match self.take() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('_') => text.push(' '),
            Some('\r' | '\n') => {
                while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
                    self.take();
                }
            }
            Some(high) if high.is_ascii_hexdigit() => {
                let low = self.take().unwrap_or('0');
                let code = format!("{high}{low}");
                let code = u8::from_str_radix(&code, 16).unwrap_or(b'?');
                text.push(char::from(code));
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
}

fn is_opening(before: &str) -> bool {
    before.is_empty() || before.ends_with('=')
}
