import { Button, Checkbox, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { Controller, useFieldArray } from "react-hook-form";
import { useNasChoices } from "@/api/choices";
import { useT } from "@/i18n";
import type { Choice } from "@/ui/fields";
import { CheckField, PartMessage, TextField, useChoices } from "@/ui/fields";
import { type PackageValues, WEEKDAYS } from "./packageForm";

const MOST_WINDOWS = 14;
const NIGHT = { days: [...WEEKDAYS], from: "00:00", to: "08:00" };

/** Which devices get in, over which routers, and at which hours. */
export function AccessFields() {
  const t = useT();
  const routers = useNasChoices();
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextField
          name="simultaneous_use"
          label={t("field.simultaneous_use")}
          inputMode="numeric"
        />
        <TextField name="idle_minutes" label={t("package.idle_minutes")} inputMode="numeric" />
      </SimpleGrid>
      <CheckField name="bind_mac" label={t("package.bind_mac")} />
      <CheckField name="mac_authentication" label={t("package.mac_authentication")} />
      {routers.length > 0 && (
        <Ticks
          name="nas_ids"
          label={t("package.nas")}
          description={t("package.nas_hint")}
          choices={routers}
        />
      )}
      <TimeWindows />
    </Stack>
  );
}

function TimeWindows() {
  const t = useT();
  const choices = useChoices();
  const { fields, append, remove } = useFieldArray<PackageValues, "time_windows">({
    name: "time_windows",
  });
  return (
    <Stack gap="sm">
      <Text size="xs" c="dimmed">
        {fields.length === 0 ? t("package.windows_hint") : t("package.window_whole_day")}
      </Text>
      {fields.map((field, at) => (
        <fieldset key={field.id} className="lm-fieldset">
          <legend>{t("package.window_of", { number: at + 1 })}</legend>
          <Stack gap="sm">
            <Ticks
              name={`time_windows.${at}.days`}
              label={t("package.window_days")}
              choices={choices(WEEKDAYS, "weekday")}
            />
            <SimpleGrid cols={2} spacing="sm">
              <TextField
                name={`time_windows.${at}.from`}
                type="time"
                label={t("package.window_from")}
              />
              <TextField
                name={`time_windows.${at}.to`}
                type="time"
                label={t("package.window_to")}
              />
            </SimpleGrid>
          </Stack>
          <Button size="compact-xs" variant="subtle" color="red" mt="xs" onClick={() => remove(at)}>
            {t("package.remove_window", { number: at + 1 })}
          </Button>
        </fieldset>
      ))}
      <PartMessage name="time_windows" />
      {fields.length < MOST_WINDOWS && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={14} />}
            onClick={() => append(NIGHT)}
          >
            {t("package.add_window")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Ticks(props: { name: string; label: string; description?: string; choices: Choice[] }) {
  const t = useT();
  return (
    <Controller
      name={props.name}
      render={({ field, fieldState }) => (
        <Checkbox.Group
          label={props.label}
          {...(props.description === undefined ? {} : { description: props.description })}
          value={field.value as string[]}
          onChange={field.onChange}
          error={fieldState.error ? t("form.choose_one") : undefined}
        >
          <Group gap="sm" mt={6}>
            {props.choices.map((choice) => (
              <Checkbox key={choice.value} size="xs" value={choice.value} label={choice.label} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
    />
  );
}
