//! The books: accounts found by their meaning and locked in one order, entries never changed.
//!
//! A posting and the running balance of its account change together, while the account is locked.

use chrono::{DateTime, Utc};
use domain::{
    billing::{AccountKey, Entry},
    ids::{AccountId, CustomerId, IspId, JournalEntryId, UserId},
    money::{Currency, Money},
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// An account whose balance nobody else changes until this unit of work ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedAccount {
    /// Which account.
    pub id: AccountId,
    /// What it means.
    pub key: AccountKey,
    /// What it holds: positive is a debit.
    pub balance: Money,
}

/// What an entry was made for, where a row stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference(pub Option<Uuid>);

/// Finds the account of that meaning, or opens it empty in the ISP's currency.
pub async fn find_or_open_account(
    tx: &Tx,
    isp_id: IspId,
    key: &AccountKey,
) -> Result<AccountId, Error> {
    if let Some(id) = find_account(tx, isp_id, key).await? {
        return Ok(id);
    }
    sql::execute(
        tx,
        "INSERT INTO account (id, isp_id, kind, name, customer_id, currency, balance_minor) \
         VALUES ($1, $2, $3, $4, $5, (SELECT currency FROM isp WHERE id = $2), 0) \
         ON CONFLICT DO NOTHING",
        values![
            AccountId::generate().as_uuid(),
            isp_id.as_uuid(),
            key.kind().as_str(),
            key.name(),
            customer_of(key).map(CustomerId::as_uuid),
        ],
    )
    .await?;
    find_account(tx, isp_id, key)
        .await?
        .ok_or_else(|| defect("an account that was just opened is not there"))
}

/// Locks the accounts in the order of their ids, so that two units of work never wait in a circle.
///
/// A unit of work that makes several entries locks the accounts of all of them first.
pub async fn lock_accounts(
    tx: &Tx,
    isp_id: IspId,
    keys: &[AccountKey],
) -> Result<Vec<LockedAccount>, Error> {
    let mut keys = keys.to_vec();
    keys.sort_by_key(|key| (key.kind().as_str(), key.name()));
    keys.dedup();
    let mut wanted = Vec::with_capacity(keys.len());
    for key in keys {
        wanted.push((find_or_open_account(tx, isp_id, &key).await?, key));
    }
    wanted.sort_by_key(|(id, _)| *id);
    let list: Vec<_> = (1..=wanted.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT id, balance_minor, currency FROM account WHERE id IN ({}) ORDER BY id{}",
        list.join(", "),
        tx.backend().for_update()
    );
    let ids = wanted.iter().map(|(id, _)| id.as_uuid().into()).collect();
    let rows: Vec<AccountRow> = sql::all(tx, &sql, ids).await?;
    wanted
        .into_iter()
        .map(|(id, key)| {
            let row = rows
                .iter()
                .find(|row| row.id == id.as_uuid())
                .ok_or_else(|| defect("a locked account is not there"))?;
            let balance = Money::from_minor(row.balance_minor, currency(&row.currency)?);
            Ok(LockedAccount { id, key, balance })
        })
        .collect()
}

/// Writes an entry: its postings, and the balances they change.
pub async fn post(
    tx: &Tx,
    isp_id: IspId,
    entry: &Entry,
    reference: Reference,
    at: DateTime<Utc>,
) -> Result<JournalEntryId, Error> {
    let keys: Vec<_> = entry
        .postings()
        .iter()
        .map(|posting| posting.account.clone())
        .collect();
    let mut accounts = lock_accounts(tx, isp_id, &keys).await?;
    let at = after_the_last(tx, &accounts, at).await?;
    let id = JournalEntryId::generate();
    insert_entry(tx, isp_id, id, entry, reference, at).await?;
    for (position, posting) in (0_i64..).zip(entry.postings()) {
        let account = accounts
            .iter_mut()
            .find(|account| account.key == posting.account)
            .ok_or_else(|| defect("a posting's account was not locked"))?;
        account.balance = account
            .balance
            .plus(posting.amount)
            .map_err(|error| defect(&error.to_string()))?;
        sql::execute(
            tx,
            "INSERT INTO posting (entry_id, position, isp_id, account_id, amount_minor, \
             balance_after_minor, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                id.as_uuid(),
                position,
                isp_id.as_uuid(),
                account.id.as_uuid(),
                posting.amount.minor(),
                account.balance.minor(),
                at,
            ],
        )
        .await?;
        sql::execute(
            tx,
            "UPDATE account SET balance_minor = $2 WHERE id = $1",
            values![account.id.as_uuid(), account.balance.minor()],
        )
        .await?;
    }
    Ok(id)
}

/// What a customer owes (positive) or has with us (negative); nothing was ever booked at zero.
pub async fn owed_by(read: &Read, customer_id: CustomerId) -> Result<i64, Error> {
    let balance: Option<i64> = sql::scalar(
        read,
        "SELECT balance_minor FROM account WHERE customer_id = $1",
        values![customer_id.as_uuid()],
    )
    .await?;
    Ok(balance.unwrap_or(0))
}

/// An account whose running balance is not the sum of its postings.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Difference {
    /// Which account.
    pub account_id: Uuid,
    /// Its kind, by name.
    pub kind: String,
    /// What the running column says.
    pub running_minor: i64,
    /// What the postings sum to.
    pub posted_minor: i64,
}

/// Recomputes every balance of an ISP and answers the accounts that differ.
pub async fn differences(read: &Read, isp_id: IspId) -> Result<Vec<Difference>, Error> {
    sql::all(
        read,
        "SELECT a.id AS account_id, a.kind, a.balance_minor AS running_minor, \
         COALESCE(s.posted, 0) AS posted_minor FROM account a \
         LEFT JOIN (SELECT account_id, CAST(SUM(amount_minor) AS BIGINT) AS posted FROM posting \
         WHERE isp_id = $1 GROUP BY account_id) s ON s.account_id = a.id \
         WHERE a.isp_id = $1 AND a.balance_minor <> COALESCE(s.posted, 0) ORDER BY a.id",
        values![isp_id.as_uuid()],
    )
    .await
}

/// How many accounts an ISP has.
pub async fn count_accounts(read: &Read, isp_id: IspId) -> Result<i64, Error> {
    let count: Option<i64> = sql::scalar(
        read,
        "SELECT COUNT(*) FROM account WHERE isp_id = $1",
        values![isp_id.as_uuid()],
    )
    .await?;
    Ok(count.unwrap_or(0))
}

#[derive(FromQueryResult)]
struct AccountRow {
    id: Uuid,
    balance_minor: i64,
    currency: String,
}

async fn find_account(
    tx: &Tx,
    isp_id: IspId,
    key: &AccountKey,
) -> Result<Option<AccountId>, Error> {
    let id: Option<Uuid> = sql::scalar(
        tx,
        "SELECT id FROM account WHERE isp_id = $1 AND kind = $2 AND name = $3",
        values![isp_id.as_uuid(), key.kind().as_str(), key.name()],
    )
    .await?;
    Ok(id.map(AccountId::from_uuid))
}

/// The books of a customer are read in the order of their instants: an entry never lies before one
/// that was booked earlier, even when its unit of work began earlier and then waited.
async fn after_the_last(
    tx: &Tx,
    accounts: &[LockedAccount],
    at: DateTime<Utc>,
) -> Result<DateTime<Utc>, Error> {
    let mut at = at;
    for account in accounts.iter().filter(|a| customer_of(&a.key).is_some()) {
        let last: Option<DateTime<Utc>> = sql::scalar(
            tx,
            "SELECT at FROM posting WHERE account_id = $1 ORDER BY at DESC, entry_id DESC LIMIT 1",
            values![account.id.as_uuid()],
        )
        .await?;
        at = last.map_or(at, |last| last.max(at));
    }
    Ok(at)
}

async fn insert_entry(
    tx: &Tx,
    isp_id: IspId,
    id: JournalEntryId,
    entry: &Entry,
    reference: Reference,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO journal_entry (id, isp_id, cause, reference_id, description, actor_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        values![
            id.as_uuid(),
            isp_id.as_uuid(),
            entry.cause().as_str(),
            reference.0,
            entry.description(),
            tx.actor().user_id().map(UserId::as_uuid),
            at,
        ],
    )
    .await?;
    Ok(())
}

const fn customer_of(key: &AccountKey) -> Option<CustomerId> {
    match key {
        AccountKey::Receivable(id) => Some(*id),
        AccountKey::Cash
        | AccountKey::Bank
        | AccountKey::Clearing(_)
        | AccountKey::Income(_)
        | AccountKey::Wallet(_)
        | AccountKey::OpeningBalance => None,
    }
}

pub(crate) fn currency(code: &str) -> Result<Currency, Error> {
    code.parse()
        .map_err(|_| defect("a row holds no currency code"))
}

pub(crate) fn defect(what: &str) -> Error {
    Error::Unexpected(what.to_owned())
}
