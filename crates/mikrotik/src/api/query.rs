//! Which rows a print gives: words on a stack of truths.

use std::cmp::Ordering;

use super::reply::Row;
use super::request::split_pair;
use super::text::Text;

/// The query words of a print, in their order; none gives every row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(pub Vec<QueryWord>);

/// One query word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryWord {
    /// `?name`: the row has the property.
    Has(String),
    /// `?-name`: the row lacks it.
    Lacks(String),
    /// `?name=value`.
    Equal(String, Text),
    /// `?<name=value`.
    Less(String, Text),
    /// `?>name=value`.
    Greater(String, Text),
    /// `?#…`: what is done with the truths so far.
    Operators(Vec<Operator>),
}

/// What is done with the truths on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `!`: the top becomes its opposite.
    Not,
    /// `&`: the upper two become whether both are true.
    And,
    /// `|`: the upper two become whether one is true.
    Or,
    /// `.`: the top once more.
    Copy,
    /// Digits: the truth so far below the top, once more.
    CopyOf(u16),
    /// Digits at the end of the word: only that truth stays.
    Only(u16),
}

/// Why a query word cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The name is not UTF-8 or empty.
    #[error("a query names no property")]
    Name,
    /// The operators cannot be read.
    #[error("a query has an unknown operator")]
    Operator,
}

impl Query {
    /// Whether a row is one of those asked for.
    ///
    /// Nothing false may be left on the stack, as RouterOS documents it; below its end it is true.
    pub fn matches(&self, row: &Row) -> bool {
        let mut stack = Vec::with_capacity(self.0.len());
        for word in &self.0 {
            match word {
                QueryWord::Has(name) => stack.push(row.get(name).is_some()),
                QueryWord::Lacks(name) => stack.push(row.get(name).is_none()),
                QueryWord::Equal(name, value) => {
                    stack.push(row.get(name).is_some_and(|held| held == value.as_bytes()));
                }
                QueryWord::Less(name, value) => stack.push(ordered(row, name, value).is_lt()),
                QueryWord::Greater(name, value) => stack.push(ordered(row, name, value).is_gt()),
                QueryWord::Operators(operators) => {
                    for operator in operators {
                        operator.apply(&mut stack);
                    }
                }
            }
        }
        stack.into_iter().all(|truth| truth)
    }
}

/// Numbers are compared as numbers; a row without the property is neither below nor above.
fn ordered(row: &Row, name: &str, value: &Text) -> Ordering {
    let Some(held) = row.get(name) else {
        return Ordering::Equal;
    };
    match (number(held), number(value.as_bytes())) {
        (Some(held), Some(value)) => held.cmp(&value),
        _ => held.cmp(value.as_bytes()),
    }
}

fn number(text: &[u8]) -> Option<i128> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

impl Operator {
    fn apply(self, stack: &mut Vec<bool>) {
        match self {
            Self::Not => {
                let top = pop(stack);
                stack.push(!top);
            }
            Self::And => {
                let (right, left) = (pop(stack), pop(stack));
                stack.push(left && right);
            }
            Self::Or => {
                let (right, left) = (pop(stack), pop(stack));
                stack.push(left || right);
            }
            Self::Copy => stack.push(peek(stack, 0)),
            Self::CopyOf(index) => stack.push(peek(stack, index)),
            Self::Only(index) => {
                let kept = peek(stack, index);
                stack.clear();
                stack.push(kept);
            }
        }
    }
}

fn pop(stack: &mut Vec<bool>) -> bool {
    stack.pop().unwrap_or(true)
}

fn peek(stack: &[bool], index: u16) -> bool {
    stack
        .iter()
        .rev()
        .nth(index.into())
        .copied()
        .unwrap_or(true)
}

impl QueryWord {
    /// `?name=value`.
    pub fn equal(name: impl Into<String>, value: impl Into<Text>) -> Self {
        Self::Equal(name.into(), value.into())
    }

    /// The word with its question mark.
    pub fn to_bytes(&self) -> Vec<u8> {
        let pair = |mark: &str, name: &str, value: &Text| {
            [mark.as_bytes(), name.as_bytes(), b"=", value.as_bytes()].concat()
        };
        match self {
            Self::Has(name) => format!("?{name}").into_bytes(),
            Self::Lacks(name) => format!("?-{name}").into_bytes(),
            // A name that looks like another kind of word needs the longer form.
            Self::Equal(name, value) if name.starts_with(['-', '<', '>', '#']) => {
                pair("?=", name, value)
            }
            Self::Equal(name, value) => pair("?", name, value),
            Self::Less(name, value) => pair("?<", name, value),
            Self::Greater(name, value) => pair("?>", name, value),
            Self::Operators(operators) => write_operators(operators),
        }
    }

    /// Reads a word without its question mark.
    pub(super) fn from_bytes(word: &[u8]) -> Result<Self, QueryError> {
        match word.split_first() {
            Some((b'#', rest)) => Ok(Self::Operators(read_operators(rest)?)),
            Some((b'-', rest)) => Ok(Self::Lacks(name(rest)?)),
            Some((b'<', rest)) => pair(rest, Self::Less),
            Some((b'>', rest)) => pair(rest, Self::Greater),
            Some((b'=', rest)) => pair(rest, Self::Equal),
            Some(_) if word.contains(&b'=') => pair(word, Self::Equal),
            _ => Ok(Self::Has(name(word)?)),
        }
    }
}

fn pair(word: &[u8], make: impl Fn(String, Text) -> QueryWord) -> Result<QueryWord, QueryError> {
    let (key, value) = split_pair(word);
    Ok(make(name(key)?, value.into()))
}

fn name(bytes: &[u8]) -> Result<String, QueryError> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(QueryError::Name),
    }
}

/// An index needs something behind it to be a copy: a `.` there is swallowed by it.
fn write_operators(operators: &[Operator]) -> Vec<u8> {
    let mut out = b"?#".to_vec();
    for operator in operators {
        match operator {
            Operator::Not => out.push(b'!'),
            Operator::And => out.push(b'&'),
            Operator::Or => out.push(b'|'),
            Operator::Copy => out.push(b'.'),
            Operator::CopyOf(index) => out.extend(format!("{index}.").into_bytes()),
            Operator::Only(index) => out.extend(index.to_string().into_bytes()),
        }
    }
    out
}

fn read_operators(mut word: &[u8]) -> Result<Vec<Operator>, QueryError> {
    let mut operators = Vec::new();
    while let Some((first, rest)) = word.split_first() {
        word = rest;
        operators.push(match first {
            b'!' => Operator::Not,
            b'&' => Operator::And,
            b'|' => Operator::Or,
            b'.' => Operator::Copy,
            b'0'..=b'9' => read_index(*first, &mut word)?,
            _ => return Err(QueryError::Operator),
        });
    }
    Ok(operators)
}

fn read_index(first: u8, word: &mut &[u8]) -> Result<Operator, QueryError> {
    let mut index = u16::from(first - b'0');
    while let Some((digit @ b'0'..=b'9', rest)) = word.split_first() {
        let next = index.checked_mul(10);
        let next = next.and_then(|next| next.checked_add(u16::from(digit - b'0')));
        index = next.ok_or(QueryError::Operator)?;
        *word = rest;
    }
    if word.is_empty() {
        return Ok(Operator::Only(index));
    }
    if let Some((b'.', rest)) = word.split_first() {
        *word = rest;
    }
    Ok(Operator::CopyOf(index))
}
