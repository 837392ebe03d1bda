import { useLanguage, useOptionalText, useT } from "@/i18n";
import { formatMoney } from "@/lib/money";
import { pointerToPath, toProblem } from "./problems";

export interface Explanation {
  code: string;
  message: string;
  fields: { path: string; message: string }[];
}

/** A refusal in the person's words: chosen by code, never by the text that was sent. */
export function useExplain(): (error: unknown) => Explanation {
  const t = useT();
  const optional = useOptionalText();
  const language = useLanguage();
  return (error) => {
    const problem = toProblem(error);
    const text =
      optional(`problem.${problem.code}`) ?? problem.detail ?? t("problem.unexpected_error");
    const needed = problem.needed
      ? ` ${t("problem.needed", { amount: formatMoney(problem.needed, language) })}`
      : "";
    return {
      code: problem.code,
      message: text + needed,
      fields: (problem.errors ?? []).map((field) => ({
        path: pointerToPath(field.pointer),
        message: optional(`field_error.${field.code}`) ?? field.detail ?? field.code,
      })),
    };
  };
}
