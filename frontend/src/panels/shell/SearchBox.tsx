import { Combobox, Kbd, Loader, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { searchQuery } from "@/api/query";
import type { SearchHit } from "@/api/types";
import { useT } from "@/i18n";

/** One box for everything; "/" or Ctrl-K reaches it, Enter opens a single hit. */
export function SearchBox() {
  const t = useT();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text.trim(), 180);
  const result = useQuery(searchQuery(settled));
  const current = settled === text.trim() && !result.isPlaceholderData;
  const hits = settled.length > 1 ? (result.data?.items ?? []) : [];
  useHotkeys([
    ["/", () => input.current?.focus()],
    ["mod+K", () => input.current?.focus()],
  ]);

  const open = (hit: SearchHit) => {
    setText("");
    combobox.closeDropdown();
    input.current?.blur();
    void navigate(targetOf(hit) as never);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [only, second] = hits;
    const chosen = combobox.getSelectedOptionIndex() >= 0;
    if (event.key === "Enter" && current && only && !second && !chosen) {
      event.preventDefault();
      open(only);
    }
    if (event.key === "Escape") input.current?.blur();
  };

  return (
    <Combobox
      store={combobox}
      shadow="md"
      onOptionSubmit={(key) => {
        const hit = hits.find((candidate) => keyOf(candidate) === key);
        if (hit) open(hit);
      }}
    >
      <Combobox.Target>
        <TextInput
          ref={input}
          size="sm"
          type="search"
          aria-label={t("search.label")}
          placeholder={t("search.placeholder")}
          leftSection={<Search size={15} />}
          rightSection={result.isFetching ? <Loader size={14} /> : <Kbd size="xs">/</Kbd>}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={onKeyDown}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={settled.length < 2}>
        <Combobox.Options aria-label={t("search.results")} mah={380} style={{ overflowY: "auto" }}>
          {hits.map((hit) => (
            <Combobox.Option className="lm-hit" value={keyOf(hit)} key={keyOf(hit)}>
              <Text size="sm" fw={500} truncate>
                {hit.title}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {[t(`search.kind.${hit.kind}`), hit.subtitle].filter(Boolean).join(" · ")}
              </Text>
            </Combobox.Option>
          ))}
          {hits.length === 0 && (
            <Combobox.Empty>{t(emptyText(current, result.isError))}</Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function emptyText(current: boolean, failed: boolean) {
  if (failed) return "search.failed";
  return current ? "search.nothing" : "state.loading";
}

function keyOf(hit: SearchHit): string {
  return `${hit.kind}:${hit.id}`;
}

function targetOf(hit: SearchHit) {
  switch (hit.kind) {
    case "customer":
      return { to: "/customers/$customerId", params: { customerId: hit.id } };
    case "invoice":
      return { to: "/invoices/$invoiceId", params: { invoiceId: hit.id } };
    case "package":
      return { to: "/customers", search: { package_id: hit.id } };
    case "operator":
      return { to: "/customers", search: { operator_id: hit.id } };
    case "nas":
      return { to: "/sessions", search: { nas_id: hit.id } };
  }
}
