//! Finding customers by words: each word is a range of the index of terms.
//!
//! No `LIKE`: it is not leakproof, so that PostgreSQL would not use an index for it behind row
//! level security.

use std::collections::HashSet;

use domain::{
    authz::Scope,
    customer::{SearchWord, search_words},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::count::up_to;
use crate::{
    Error, Read,
    statement::{Owned, Sql},
};

/// Up to so many customers are gathered; what fits more is found while the list is walked.
pub(super) const FEW: u64 = 2_000;

/// What a question comes to.
pub(super) enum Found {
    /// Nobody is asked for.
    Everybody,
    /// Nobody fits.
    Nobody,
    /// Some of these, if they fit the other words too.
    Among(Vec<Uuid>, Vec<SearchWord>),
    /// Every word fits many.
    Many(Vec<SearchWord>),
}

/// Finds the words that fit few customers and who these are.
pub(super) async fn plan(
    read: &Read,
    scope: &Scope,
    question: Option<&str>,
) -> Result<Found, Error> {
    let Some(question) = question.filter(|question| !question.trim().is_empty()) else {
        return Ok(Found::Everybody);
    };
    let words = search_words(question);
    if words.is_empty() {
        return Ok(Found::Nobody);
    }
    let mut among: Option<HashSet<Uuid>> = None;
    let mut common = Vec::new();
    for word in words {
        match few(read, scope, &word).await? {
            None => common.push(word),
            Some(ids) => {
                among = Some(match among {
                    None => ids,
                    Some(others) => others.intersection(&ids).copied().collect(),
                });
            }
        }
    }
    Ok(match among {
        None => Found::Many(common),
        Some(ids) if ids.is_empty() => Found::Nobody,
        Some(ids) => Found::Among(ids.into_iter().collect(), common),
    })
}

/// The customers that fit the word, when they are few. They are counted first: most words that a
/// person begins to type are common, and thousands of ids would travel for nothing.
async fn few(
    read: &Read,
    scope: &Scope,
    word: &SearchWord,
) -> Result<Option<HashSet<Uuid>>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        customer_id: Uuid,
    }
    let (mut counted, mut ids) = (0, HashSet::new());
    for prefix in &word.prefixes {
        counted += up_to(read, finds_of(scope, prefix), FEW).await?;
        if counted > FEW {
            return Ok(None);
        }
        let rows = finds_of(scope, prefix).all::<Row>(read).await?;
        ids.extend(rows.into_iter().map(|row| row.customer_id));
    }
    Ok(Some(ids))
}

/// Whose terms begin with the prefix.
fn finds_of(scope: &Scope, prefix: &str) -> Sql {
    let mut sql = Sql::new("SELECT t.customer_id FROM customer_term t WHERE ");
    sql.in_scope("t", scope, Owned::Shared);
    sql.push(" AND ");
    push_range(&mut sql, prefix);
    sql
}

/// The customer of the row fits the word: a probe of its own few terms. `OFFSET` keeps PostgreSQL from
/// looking up everybody who fits instead.
pub(super) fn push_probe(sql: &mut Sql, word: &SearchWord) {
    sql.push("EXISTS (SELECT 1 FROM customer_term t WHERE t.customer_id = c.id AND (");
    push_ranges(sql, word);
    sql.push(") LIMIT 1 OFFSET 0)");
}

/// The customer of the row is among those who fit the word: all of them looked up at once.
pub(super) fn push_membership(sql: &mut Sql, scope: &Scope, word: &SearchWord) {
    sql.push("c.id IN (");
    push_finds(sql, scope, word);
    sql.push(")");
}

/// Everybody who fits the word, in the order of the terms: who fits by several stands there so often.
pub(super) fn push_finds(sql: &mut Sql, scope: &Scope, word: &SearchWord) {
    sql.push("SELECT t.customer_id FROM customer_term t WHERE ");
    sql.in_scope("t", scope, Owned::Shared);
    sql.push(" AND (");
    push_ranges(sql, word);
    sql.push(")");
}

fn push_ranges(sql: &mut Sql, word: &SearchWord) {
    for (index, prefix) in word.prefixes.iter().enumerate() {
        if index > 0 {
            sql.push(" OR ");
        }
        push_range(sql, prefix);
    }
}

/// Everything that begins with the prefix: up to the prefix followed by the last character.
fn push_range(sql: &mut Sql, prefix: &str) {
    sql.push("(t.term >= ").bind(prefix);
    sql.push(" AND t.term < ")
        .bind(format!("{prefix}\u{10FFFF}"));
    sql.push(")");
}
