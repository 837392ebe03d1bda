import { ActionIcon, Menu, useDirection, useMantineColorScheme } from "@mantine/core";
import { Check, Languages, Monitor, Moon, Sun } from "lucide-react";
import { changeLanguage, directionOf, LANGUAGES, type Language, useLanguage, useT } from "@/i18n";

const SCHEMES = [
  { value: "light", label: "appearance.light", icon: Sun },
  { value: "dark", label: "appearance.dark", icon: Moon },
  { value: "auto", label: "appearance.auto", icon: Monitor },
] as const;

/** Light, dark, or what the device says. */
export function AppearanceMenu() {
  const t = useT();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Current = SCHEMES.find((scheme) => scheme.value === colorScheme)?.icon ?? Monitor;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("appearance.title")}>
          <Current size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            leftSection={<scheme.icon size={15} />}
            rightSection={colorScheme === scheme.value ? <Check size={14} /> : null}
            onClick={() => setColorScheme(scheme.value)}
          >
            {t(scheme.label)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function LanguageMenu() {
  const t = useT();
  const language = useLanguage();
  const { setDirection } = useDirection();
  const choose = async (next: Language) => {
    await changeLanguage(next);
    setDirection(directionOf(next));
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("language.title")}>
          <Languages size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(LANGUAGES) as Language[]).map((code) => (
          <Menu.Item
            key={code}
            lang={code}
            rightSection={language === code ? <Check size={14} /> : null}
            onClick={() => void choose(code)}
          >
            {LANGUAGES[code]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
