import { Button, Popover } from "@mantine/core";
import { useT } from "@/i18n";
import type { AuditEntry } from "./types";

type Values = Record<string, unknown>;

/** Before and after of one audit entry, field by field. */
export function ChangesPopover({ entry }: { entry: AuditEntry }) {
  const t = useT();
  const before = asValues(entry.before);
  const after = asValues(entry.after);
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => show(before[field]) !== show(after[field]),
  );
  if (fields.length === 0) return null;
  return (
    <Popover position="bottom-end" shadow="md" width={420}>
      <Popover.Target>
        <Button size="compact-xs" variant="default">
          {t("audit.changes", { count: fields.length })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0} style={{ maxHeight: 320, overflow: "auto" }}>
        <table className="lm-table" style={{ fontSize: 12 }}>
          <thead>
            <tr>
              <th scope="col">{t("field.field")}</th>
              <th scope="col">{t("field.before")}</th>
              <th scope="col">{t("field.after")}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={field}>
                <td>{field}</td>
                <td className="lm-mono">{show(before[field])}</td>
                <td className="lm-mono">{show(after[field])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Popover.Dropdown>
    </Popover>
  );
}

function asValues(value: unknown): Values {
  return typeof value === "object" && value !== null ? (value as Values) : {};
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
