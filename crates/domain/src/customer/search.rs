//! How a subscriber is found: by words that begin like what somebody types.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::{phone::PhoneNumber, text::ascii_digit};

/// The longest term that is kept; longer words are cut, in the index and in the question alike.
pub const MAX_TERM: usize = 64;

/// What a subscriber can be found by.
#[derive(Debug, Clone, Copy)]
pub struct SearchFields<'a> {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: &'a str,
    /// Its login name.
    pub username: &'a str,
    /// Where it is called.
    pub mobile: Option<&'a PhoneNumber>,
    /// Where it is written to.
    pub email: Option<&'a str>,
    /// An address of its own.
    pub static_ipv4: Option<Ipv4Addr>,
}

/// One word of a question: a subscriber matches when a term begins with any of the spellings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWord {
    /// The spellings, folded.
    pub prefixes: Vec<String>,
}

/// The terms under which a subscriber is kept in the search index.
#[must_use]
pub fn search_terms(fields: &SearchFields<'_>) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for word in fields.name.split_whitespace() {
        add_with_parts(&mut terms, word);
    }
    add_with_parts(&mut terms, fields.username);
    terms.insert(fields.number.to_string());
    if let Some(mobile) = fields.mobile {
        terms.insert(mobile.national_digits().to_owned());
        terms.insert(mobile.digits().to_owned());
    }
    if let Some(email) = fields.email {
        terms.insert(search_key(email));
    }
    if let Some(address) = fields.static_ipv4 {
        terms.insert(address.to_string());
    }
    terms.remove("");
    terms
}

/// The words of a question; all of them must match.
#[must_use]
pub fn search_words(question: &str) -> Vec<SearchWord> {
    // Short runs of digits beside each other are a number and a house, not a phone.
    let words: BTreeSet<String> = match phone_digits(question).filter(|digits| digits.len() >= 6) {
        Some(_) => std::iter::once(question.to_owned()).collect(),
        None => question
            .split_whitespace()
            .take(8)
            .map(str::to_owned)
            .collect(),
    };
    words.iter().filter_map(|word| search_word(word)).collect()
}

fn search_word(raw: &str) -> Option<SearchWord> {
    let mut prefixes = BTreeSet::new();
    if let Some(digits) = phone_digits(raw) {
        prefixes.insert(digits.trim_start_matches('0').to_owned());
        prefixes.insert(digits);
    }
    prefixes.insert(search_key(trimmed(raw)));
    // What stands in brackets or behind a number sign is found without them; nothing is no word.
    prefixes.remove("");
    (!prefixes.is_empty()).then(|| SearchWord {
        prefixes: prefixes.into_iter().collect(),
    })
}

/// The digits of something that can only be a number people call, however it is spaced.
fn phone_digits(raw: &str) -> Option<String> {
    let folded: String = raw.chars().map(ascii_digit).collect();
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    // One dot divides a long number; more of them, or few digits, are an address.
    let dots = folded.chars().filter(|&c| c == '.').count();
    let divides = dots <= usize::from(digits.len() >= LONG_NUMBER);
    let only_number = folded.chars().all(|c| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || matches!(c, '+' | '-' | '‐'..='―' | '(' | ')' | '/' | ',' | '.')
    });
    (divides && only_number && digits.len() >= 3).then(|| clipped(&digits))
}

/// More digits than the beginning of an address has before its second dot.
const LONG_NUMBER: usize = 9;

fn add_with_parts(terms: &mut BTreeSet<String>, word: &str) {
    let whole = trimmed(word);
    terms.insert(search_key(whole));
    for part in whole.split(is_separator) {
        if part.chars().nth(1).is_some() {
            terms.insert(search_key(part));
        }
    }
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(is_separator)
}

fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation() || matches!(c, '।' | '“' | '”' | '‘' | '’')
}

/// The form in which terms and names are compared: lower case, ASCII digits, one spelling of the
/// Bengali letters that have two, at most [`MAX_TERM`] characters.
#[must_use]
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase).map(ascii_digit) {
        match c {
            '\u{9dc}' => key.push_str("\u{9a1}\u{9bc}"),
            '\u{9dd}' => key.push_str("\u{9a2}\u{9bc}"),
            '\u{9df}' => key.push_str("\u{9af}\u{9bc}"),
            '\u{0}' => {}
            _ => key.push(c),
        }
    }
    clipped(&key)
}

fn clipped(text: &str) -> String {
    text.chars().take(MAX_TERM).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(question: &str) -> bool {
        let mobile = PhoneNumber::from_stored("+8801712345678".to_owned());
        let terms = search_terms(&SearchFields {
            number: 1042,
            name: "Md. Rahim (Shop-2) জাহিদ হাসান",
            username: "Savar_Rahim.01",
            mobile: Some(&mobile),
            email: Some("Rahim@Example.com"),
            static_ipv4: Some(Ipv4Addr::new(100, 64, 0, 9)),
        });
        let words = search_words(question);
        !words.is_empty()
            && words.iter().all(|word| {
                word.prefixes
                    .iter()
                    .any(|prefix| terms.iter().any(|term| term.starts_with(prefix)))
            })
    }

    #[test]
    fn every_way_people_write_it_finds_it() {
        for question in [
            "rahim",
            "RAHIM md",
            "Md. Rahim",
            "(shop",
            "shop-2",
            "জাহিদ",
            "হাসা",
            "savar_rah",
            "savar_rahim.01",
            "1042",
            "#1042",
            "০১৭১২৩৪৫৬৭৮",
            "۰۱۷۱۲۳۴۵۶۷۸",
            "01712.345678",
            "01712345678,",
            "01712–345678",
            "01712345678",
            "+8801712345678",
            "8801712345678",
            "1712345678",
            "+880 1712-345678",
            "01712 345 678",
            "017123",
            "01712",
            "+88017",
            "rahim@example",
            "100.64.0.9",
            "100.64",
        ] {
            assert!(found(question), "{question}");
        }
    }

    #[test]
    fn other_words_do_not() {
        for question in [
            "karim",
            "rahim karim",
            "01812345678",
            "",
            "   ",
            "ahim",
            "...",
        ] {
            assert!(!found(question), "{question}");
        }
    }

    #[test]
    fn both_spellings_of_bengali_letters_are_one() {
        assert_eq!(search_key("\u{9df}"), search_key("\u{9af}\u{9bc}"));
    }
}
