//! Money: a whole count of minor units of one currency.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The taka, the product's default.
    pub const BDT: Self = Self(*b"BDT");

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("invariant: three ASCII letters")
    }

    /// How many decimal places its minor unit has.
    #[must_use]
    pub fn exponent(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"PYG" | b"UGX" | b"RWF" | b"XAF" | b"XOF" => 0,
            b"KWD" | b"BHD" | b"OMR" | b"JOD" | b"TND" | b"IQD" | b"LYD" => 3,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let letters: [u8; 3] = code
            .as_bytes()
            .try_into()
            .map_err(|_| MoneyError::UnknownCurrency)?;
        if letters.iter().all(u8::is_ascii_uppercase) {
            Ok(Self(letters))
        } else {
            Err(MoneyError::UnknownCurrency)
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why an amount cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// More than 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
    /// Two currencies in one sum.
    #[error("amounts of {left} and {right} cannot be added")]
    CurrencyMismatch {
        /// The first currency.
        left: Currency,
        /// The second currency.
        right: Currency,
    },
    /// Not a decimal number.
    #[error("not an amount: write a decimal number such as 1250.00")]
    NotANumber,
    /// Finer than the currency's minor unit.
    #[error("{currency} has {places} decimal places")]
    TooPrecise {
        /// The currency.
        currency: Currency,
        /// Its decimal places.
        places: u32,
    },
    /// Not three capital letters.
    #[error("not a currency code: write three capital letters such as BDT")]
    UnknownCurrency,
}

/// An amount of one currency. In JSON it is a decimal text and the currency's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    amount: String,
    currency: String,
}

impl TryFrom<Written> for Money {
    type Error = MoneyError;

    fn try_from(written: Written) -> Result<Self, MoneyError> {
        Self::parse(&written.amount, written.currency.parse()?)
    }
}

impl From<Money> for Written {
    fn from(money: Money) -> Self {
        Self {
            amount: money.to_string(),
            currency: money.currency.to_string(),
        }
    }
}

impl Money {
    /// An amount from its minor units.
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in that currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a decimal text; an amount finer than the minor unit is refused, never rounded.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let places = currency.exponent();
        let value = Decimal::from_str_exact(text)
            .map_err(|_| MoneyError::NotANumber)?
            .normalize();
        if value.scale() > places {
            return Err(MoneyError::TooPrecise { currency, places });
        }
        Self::from_decimal(value, currency)
    }

    /// Rounds half-even to the minor unit: the one rounding of the product.
    pub fn from_decimal(value: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let scale = Decimal::from(10_i64.pow(currency.exponent()));
        let minor = value
            .checked_mul(scale)
            .ok_or(MoneyError::Overflow)?
            .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)
            .to_i64()
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }

    /// The count of minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount as a decimal, for rates.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether it is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// The sum.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other.negated()?)
    }

    /// The same amount the other way.
    pub fn negated(self) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The amount so many times.
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        let minor = self
            .minor
            .checked_mul(quantity)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The smaller of the two.
    pub fn smaller(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if other.minor < self.minor {
            other
        } else {
            self
        })
    }

    /// Splits the amount in proportion to the weights; the parts add up to the whole.
    ///
    /// The minor units that rounding down leaves over go to the largest remainders, earlier first.
    pub fn allocate(self, weights: &[u32]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().copied().map(i128::from).sum();
        if total == 0 {
            return Err(MoneyError::NotANumber);
        }
        let amount = i128::from(self.minor);
        let exact = |weight: u32| amount * i128::from(weight);
        let mut parts: Vec<i128> = weights
            .iter()
            .map(|&weight| exact(weight).div_euclid(total))
            .collect();
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|&i| {
            std::cmp::Reverse(
                weights
                    .get(i)
                    .map_or(0, |&weight| exact(weight).rem_euclid(total)),
            )
        });
        let left_over = usize::try_from(amount - parts.iter().sum::<i128>())
            .expect("invariant: rounding down leaves less than one unit a part");
        for index in by_remainder.into_iter().take(left_over) {
            if let Some(part) = parts.get_mut(index) {
                *part += 1;
            }
        }
        parts
            .into_iter()
            .map(|part| {
                i64::try_from(part)
                    .map(|minor| Self { minor, ..self })
                    .map_err(|_| MoneyError::Overflow)
            })
            .collect()
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch {
            left: self.currency,
            right: other.currency,
        })
    }
}

impl fmt::Display for Money {
    /// The decimal text without the currency, as the API writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decimal().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_and_writes_decimal_text() {
        let money = Money::parse("1250.5", Currency::BDT).unwrap();
        assert_eq!(
            (money.minor(), money.to_string()),
            (125_050, "1250.50".to_owned())
        );
        assert_eq!(Money::parse("-3", Currency::BDT).unwrap().minor(), -300);
        assert_eq!(Money::parse("1.000", Currency::BDT).unwrap().minor(), 100);
        assert!(matches!(
            Money::parse("1.005", Currency::BDT),
            Err(MoneyError::TooPrecise { .. })
        ));
        assert_eq!(
            Money::parse("1e3", Currency::BDT),
            Err(MoneyError::NotANumber)
        );
        assert_eq!(
            Money::parse("99999999999999999999", Currency::BDT),
            Err(MoneyError::Overflow)
        );
    }

    #[test]
    fn rounds_half_to_even() {
        let of = |text: &str| {
            Money::from_decimal(text.parse().unwrap(), Currency::BDT)
                .unwrap()
                .minor()
        };
        assert_eq!((of("0.125"), of("0.135"), of("-0.125")), (12, 14, -12));
    }

    #[test]
    fn is_a_text_in_json() {
        let json = serde_json::json!({"amount": "1250.00", "currency": "BDT"});
        let money = Money::from_minor(125_000, Currency::BDT);
        assert_eq!(serde_json::to_value(money).unwrap(), json);
        assert_eq!(serde_json::from_value::<Money>(json).unwrap(), money);
        let number = serde_json::json!({"amount": 1250.0, "currency": "BDT"});
        assert!(serde_json::from_value::<Money>(number).is_err());
        let fine = serde_json::json!({"amount": "1.005", "currency": "BDT"});
        assert!(serde_json::from_value::<Money>(fine).is_err());
    }

    #[test]
    fn two_currencies_do_not_add() {
        let rupee: Currency = "INR".parse().unwrap();
        assert!(matches!(
            Money::zero(Currency::BDT).plus(Money::zero(rupee)),
            Err(MoneyError::CurrencyMismatch { .. })
        ));
    }

    proptest! {
        #[test]
        fn allocation_adds_up(minor in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_u32..1000, 1..20)) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let parts = Money::from_minor(minor, Currency::BDT).allocate(&weights).unwrap();
            prop_assert_eq!(parts.iter().map(|part| part.minor()).sum::<i64>(), minor);
            prop_assert_eq!(parts.len(), weights.len());
        }

        #[test]
        fn text_round_trips(minor in any::<i64>()) {
            let money = Money::from_minor(minor, Currency::BDT);
            prop_assert_eq!(Money::parse(&money.to_string(), Currency::BDT), Ok(money));
        }
    }
}
