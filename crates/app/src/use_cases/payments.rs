//! Money received.

mod lists;
mod receive_payment;

pub use lists::{get_payment, list_payments};
pub use receive_payment::{
    EarlierPayment, PaymentRefusal, ReceivePayment, ReceivePaymentError, receive_payment,
};
