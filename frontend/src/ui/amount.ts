import * as z from "zod/mini";
import { readAmount } from "@/lib/money";

const isRead = (text: string, currency: string) => "amount" in readAmount(text, currency);

/** The text of an amount in that currency, for the schema of a form. */
export function amountText(currency: string) {
  return z.string().check(z.refine((text) => isRead(text, currency), "form.amount"));
}

/** The same, or nothing at all. */
export function amountOrBlank(currency: string) {
  const fits = (text: string) => text.trim() === "" || isRead(text, currency);
  return z.string().check(z.refine(fits, "form.amount"));
}

/** The amount as it is sent; nothing where the text says none. */
export function amountOf(text: string, currency: string) {
  const read = readAmount(text, currency);
  return "amount" in read ? { amount: read.amount, currency } : null;
}
