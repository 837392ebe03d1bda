//! Where a page ends and the next begins: the sort key and the id of the last row, opaque outside.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A cursor that this product did not make, or made for another order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list: start again without one")]
pub struct InvalidCursor;

/// The place behind a row in one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place<K> {
    /// The order, so that a cursor of one is refused by another.
    #[serde(rename = "o")]
    order: String,
    #[serde(rename = "k")]
    pub(crate) key: K,
    #[serde(rename = "i")]
    pub(crate) id: Uuid,
}

impl<K: Serialize + serde::de::DeserializeOwned> Place<K> {
    pub(crate) fn new(order: &str, key: K, id: Uuid) -> Self {
        Self {
            order: order.to_owned(),
            key,
            id,
        }
    }

    pub(crate) fn to_cursor(&self) -> String {
        let json = serde_json::to_vec(self).expect("invariant: keys are plain values");
        URL_SAFE_NO_PAD.encode(json)
    }

    pub(crate) fn of_cursor(cursor: &str, order: &str) -> Result<Self, InvalidCursor> {
        // Longer than any that is made here: not worth decoding.
        if cursor.len() > 2_000 {
            return Err(InvalidCursor);
        }
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;
        let place: Self = serde_json::from_slice(&json).map_err(|_| InvalidCursor)?;
        if place.order == order {
            Ok(place)
        } else {
            Err(InvalidCursor)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_a_tampered_one_does_not() {
        let place = Place::new("-number", 42_i64, Uuid::nil());
        let cursor = place.to_cursor();
        assert_eq!(Place::of_cursor(&cursor, "-number"), Ok(place));
        assert_eq!(Place::<i64>::of_cursor(&cursor, "name"), Err(InvalidCursor));
        for tampered in ["", "x", "é", &cursor[1..], "bnVsbA"] {
            assert_eq!(
                Place::<i64>::of_cursor(tampered, "-number"),
                Err(InvalidCursor)
            );
        }
    }
}
