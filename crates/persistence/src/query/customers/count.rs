//! How many customers fit, as far as it is worth counting.

use domain::{customer::SearchWord, page::EXACT_COUNT_LIMIT};

use super::{
    page::{Plan, Way},
    search::{self, Found},
};
use crate::{Error, Read, statement::Sql};

/// A search that is known to fit so many is not counted on.
const SEARCH_COUNT_LIMIT: u64 = 500;
/// So many of the first finds of a common word are looked at before anything is counted.
const SAMPLE: u64 = 1_000;
/// So many fits among them, and every page is full soon: walking the order will do.
const PLENTY: u64 = 50;
/// A filter that fits fewer leads to the rows of a search more cheaply than a common word does.
const RARE: u64 = 5_000;

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Total {
    /// How many there are, at least.
    pub(super) count: u64,
    /// Whether there are no more.
    pub(super) exact: bool,
}

impl Total {
    const fn up_to(limit: u64, counted: u64) -> Self {
        if counted > limit {
            return Self {
                count: limit,
                exact: false,
            };
        }
        Self {
            count: counted,
            exact: true,
        }
    }
}

impl Plan<'_> {
    /// How many rows there are, up to what lists count; of a search of common words, how many there
    /// are at least.
    pub(super) async fn count(&mut self, read: &Read) -> Result<Total, Error> {
        if let Found::Many(words) = &self.found {
            let met = self.among_first_finds(read, words).await?;
            if met >= PLENTY {
                return Ok(Total {
                    count: met.min(SEARCH_COUNT_LIMIT),
                    exact: false,
                });
            }
            self.rare = self.is_rare_beside_words(read).await?;
        }
        let mut sql = Sql::new("SELECT 1 FROM customer c WHERE ");
        self.push_conditions(&mut sql, Way::Gather);
        self.push_words(&mut sql, Way::Gather);
        let counted = up_to(read, sql, EXACT_COUNT_LIMIT).await?;
        Ok(Total::up_to(EXACT_COUNT_LIMIT, counted))
    }

    /// Whether the filters beside the words fit few enough to begin with them.
    async fn is_rare_beside_words(&self, read: &Read) -> Result<bool, Error> {
        if !self.is_filtered() {
            return Ok(false);
        }
        let mut sql = Sql::new("SELECT 1 FROM customer c WHERE ");
        self.push_conditions(&mut sql, Way::Direct);
        Ok(up_to(read, sql, RARE).await? <= RARE)
    }

    /// How many of the first finds of the first word fit everything else as well.
    ///
    /// Each find is looked up by itself: `OFFSET` keeps PostgreSQL from reading all customers
    /// instead, which it takes for cheaper than it is.
    async fn among_first_finds(&self, read: &Read, words: &[SearchWord]) -> Result<u64, Error> {
        let Some((first, others)) = words.split_first() else {
            return Ok(0);
        };
        let mut sql = Sql::new("SELECT 1 FROM (SELECT DISTINCT found.customer_id AS id FROM (");
        search::push_finds(&mut sql, self.scope, first);
        sql.push(" LIMIT ").push(&SAMPLE.to_string());
        sql.push(") found) hit WHERE EXISTS (SELECT 1 FROM customer c WHERE c.id = hit.id AND ");
        self.push_conditions(&mut sql, Way::Walk);
        for word in others {
            sql.push(" AND ");
            search::push_probe(&mut sql, word);
        }
        sql.push(" LIMIT 1 OFFSET 0)");
        up_to(read, sql, SEARCH_COUNT_LIMIT).await
    }
}

/// How many rows the statement has, up to one more than the limit.
pub(super) async fn up_to(read: &Read, mut sql: Sql, limit: u64) -> Result<u64, Error> {
    sql.push(" LIMIT ").push(&(limit + 1).to_string());
    let counting = sql.within("SELECT count(*) AS n FROM (", ") counted");
    Ok(u64::try_from(counting.number(read).await?).unwrap_or(0))
}
