import { useT } from "@/i18n";
import { type MoneyValue, moneySign, withoutSign } from "@/lib/money";
import { useFormat } from "./format";

/** A customer's balance: what they owe, or the credit they hold. */
export function Balance({ money }: { money: MoneyValue }) {
  const t = useT();
  const format = useFormat();
  const sign = moneySign(money);
  const text = format.money(withoutSign(money));
  if (sign < 0) {
    return (
      <span className="lm-num" style={{ color: "var(--mantine-color-error)" }}>
        {t("balance.owes", { amount: text })}
      </span>
    );
  }
  return <span className="lm-num">{sign > 0 ? t("balance.credit", { amount: text }) : text}</span>;
}
