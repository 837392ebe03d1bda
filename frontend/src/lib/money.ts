/** Money as the server sends it: a decimal string that is shown, never computed. */
export interface MoneyValue {
  amount: string;
  currency: string;
}

const LAKH_CURRENCIES = new Set(["BDT", "INR", "PKR", "NPR", "LKR"]);

/** The locale that groups digits the way readers of this currency expect. */
export function moneyLocale(language: string, currency: string): string {
  if (language === "bn") return "bn-BD";
  return LAKH_CURRENCIES.has(currency) ? "en-IN" : "en-GB";
}

/** Formats the exact decimal string; no floating point is involved. */
export function formatMoney(money: MoneyValue, language: string): string {
  const format = new Intl.NumberFormat(moneyLocale(language, money.currency), {
    style: "currency",
    currency: money.currency,
    // Fonts without Bengali have no taka sign, so only Bangla, which needs them anyway, uses it.
    currencyDisplay: language === "bn" ? "narrowSymbol" : "code",
  });
  return format.format(money.amount as `${number}`);
}

/** -1, 0 or 1 by the sign of the decimal string. */
export function moneySign(money: MoneyValue): -1 | 0 | 1 {
  if (/^-?0*(\.0*)?$/.test(money.amount)) return 0;
  return money.amount.startsWith("-") ? -1 : 1;
}

/** The same amount without its sign, for words such as "owes" in front. */
export function withoutSign(money: MoneyValue): MoneyValue {
  return { ...money, amount: money.amount.replace(/^-/, "") };
}

/** What a person may type as an amount: digits in any of our scripts, up to two decimals. */
export function parseAmount(text: string): string | null {
  const plain = toAsciiDigits(text).replace(/[,\s]/g, "");
  return /^\d{1,12}(\.\d{1,2})?$/.test(plain) ? plain : null;
}

/** Bengali digits as ASCII digits; everything else unchanged. */
export function toAsciiDigits(text: string): string {
  return text.replace(/[০-৯]/g, (digit) => String("০১২৩৪৫৬৭৮৯".indexOf(digit)));
}
