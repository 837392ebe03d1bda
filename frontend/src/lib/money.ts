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
    minimumFractionDigits: decimalsOf(money.currency),
    maximumFractionDigits: decimalsOf(money.currency),
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

/** What a typed amount says, or why it says nothing certain. */
export type ReadAmount =
  | { amount: string }
  | { refused: "amount" | "comma" | "decimals"; proposed?: string };

/**
 * Reads an amount as people type it: digits of any script, groups of thousands or lakhs divided by
 * commas or blanks, a point before the decimals. A comma before decimals is not guessed at: what was
 * probably meant is proposed, and nothing is read.
 */
export function readAmount(text: string, currency: string): ReadAmount {
  const decimals = decimalsOf(currency);
  const plain = toAsciiDigits(text).replace(/٫/g, ".").replace(/٬/g, ",").trim();
  const [whole = "", fraction, ...more] = plain.split(".");
  if (more.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction))) {
    return { refused: "amount" };
  }
  const oneComma = /^(\d[\d\s]*),(\d+)$/.exec(whole);
  const isDecimalComma =
    fraction === undefined && oneComma?.[2] !== undefined && oneComma[2].length <= decimals;
  if (isDecimalComma) {
    const [, units = "", rest = ""] = oneComma;
    return { refused: "comma", proposed: `${units.replace(/\s/g, "")}.${rest}` };
  }
  const digits = ungrouped(whole);
  if (digits === null || digits.length > LONGEST_AMOUNT) return { refused: "amount" };
  if (fraction === undefined) return { amount: digits };
  return fraction.length > decimals ? { refused: "decimals" } : { amount: `${digits}.${fraction}` };
}

const LONGEST_AMOUNT = 12;

/** Digits without the signs that group them in thousands (1,000,000) or lakhs (10,00,000). */
function ungrouped(text: string): string | null {
  if (/^\d+$/.test(text)) return text;
  const sign = text.includes(",") ? "," : "\\s";
  const thousands = new RegExp(`^\\d{1,3}(?:${sign}\\d{3})+$`);
  const lakhs = new RegExp(`^\\d{1,2}(?:${sign}\\d{2})*${sign}\\d{3}$`);
  if (!thousands.test(text) && !lakhs.test(text)) return null;
  return text.replace(/[,\s]/g, "");
}

/** Currencies without decimals, and those with three, as the server keeps them. */
const WHOLE = ["JPY", "KRW", "VND", "CLP", "PYG", "UGX", "RWF", "XAF", "XOF"];
const THOUSANDTHS = ["KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"];

/**
 * How many decimals a currency has for the server. What a browser knows is what is in use: it shows
 * the rupee of Pakistan without its paisa, and would round what was booked.
 */
export function decimalsOf(currency: string): number {
  if (WHOLE.includes(currency)) return 0;
  return THOUSANDTHS.includes(currency) ? 3 : 2;
}

/** An amount in that currency as one types it. */
export function exampleAmount(currency: string): string {
  const decimals = decimalsOf(currency);
  return decimals === 0 ? "1250" : `1250.${"5".padEnd(decimals, "0")}`;
}

/** The digits of every script as ASCII digits; everything else unchanged. */
export function toAsciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.find((start) => point >= start && point < start + 10);
    return zero === undefined ? digit : String(point - zero);
  });
}

/** Where the ten digits of a script begin: Latin, Arabic, Persian, those of India, full width. */
const ZEROS = [
  0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50,
  0xed0, 0xf20, 0x1040, 0x17e0, 0xff10,
];
