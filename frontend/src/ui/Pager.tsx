import { Button, Group, NativeSelect, Text } from "@mantine/core";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useLanguage, useT } from "@/i18n";
import { formatCount } from "@/lib/units";
import { PAGE_SIZES, type PageSize } from "@/lib/url";

interface PagerProps {
  shown: number;
  total: number;
  totalIsExact: boolean;
  limit: PageSize;
  onLimit: (limit: PageSize) => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

/** The strip under a list: how many there are, the page size, back and forward. */
export function Pager(props: PagerProps) {
  const t = useT();
  const language = useLanguage();
  const total = formatCount(props.total, language) + (props.totalIsExact ? "" : "+");
  return (
    <Group
      justify="space-between"
      gap="xs"
      px="md"
      py={8}
      style={{ borderTop: "1px solid var(--lm-line)" }}
    >
      <Text size="sm" c="dimmed" className="lm-num" role="status">
        {t("list.shown", { shown: formatCount(props.shown, language), total })}
      </Text>
      <Group gap="xs">
        <NativeSelect
          size="xs"
          aria-label={t("list.page_size")}
          data={PAGE_SIZES.map(String)}
          value={String(props.limit)}
          onChange={(event) => {
            const chosen = PAGE_SIZES.find((size) => String(size) === event.currentTarget.value);
            if (chosen !== undefined) props.onLimit(chosen);
          }}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<ChevronLeft size={14} />}
          disabled={props.onPrevious === undefined}
          onClick={() => props.onPrevious?.()}
        >
          {t("list.previous")}
        </Button>
        <Button
          size="xs"
          variant="default"
          rightSection={<ChevronRight size={14} />}
          disabled={props.onNext === undefined}
          onClick={() => props.onNext?.()}
        >
          {t("list.next")}
        </Button>
      </Group>
    </Group>
  );
}
