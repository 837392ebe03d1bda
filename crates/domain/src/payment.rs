//! Money received.

use crate::customer::named_status as named;

named! {
    /// How money came in.
    PaymentMethod {
        /// Over the counter.
        Cash = "cash",
        /// From a bank account.
        BankTransfer = "bank_transfer",
        /// On paper.
        Cheque = "cheque",
        /// By card at a terminal.
        Card = "card",
        /// By mobile money.
        MobileMoney = "mobile_money",
        /// Through a payment gateway.
        Gateway = "gateway",
        /// From a reseller's wallet.
        Wallet = "wallet",
        /// From the customer's own credit.
        AccountCredit = "account_credit",
        /// By a prepaid card.
        Voucher = "voucher",
    }
}
