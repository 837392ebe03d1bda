import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const brand: MantineColorsTuple = [
  "#ecf4fc",
  "#d6e6f7",
  "#abcbee",
  "#7eb0e6",
  "#5898dd",
  "#3f88d8",
  "#2a74c4",
  "#1d5fa8",
  "#164c88",
  "#0d3864",
];

const slate: MantineColorsTuple = [
  "#dde2e9",
  "#bcc5d1",
  "#9aa5b4",
  "#66717f",
  "#3b4552",
  "#2b343f",
  "#222a34",
  "#171d25",
  "#12171e",
  "#0c1015",
];

const SYSTEM_FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Bengali", "Hind Siliguri", sans-serif';

export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: 7,
  colors: { brand, dark: slate },
  autoContrast: true,
  defaultRadius: "sm",
  fontFamily: SYSTEM_FONTS,
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace',
  headings: { fontFamily: SYSTEM_FONTS, fontWeight: "600" },
  cursorType: "pointer",
  components: {
    // By name: naming the components themselves would load them with the first page.
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] },
    },
    Modal: { defaultProps: { radius: "md", yOffset: "8vh" } },
    Tooltip: {
      defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } },
    },
  },
});

/** Mantine's stock greys and reds miss AA contrast for small text; these pass in both schemes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#556070",
    "--mantine-color-placeholder": "#66717f",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "#175291",
    "--lm-canvas": "#f4f6f8",
    "--lm-surface": "#ffffff",
    "--lm-line": "#dfe4ea",
    "--lm-hover": "#f0f4f8",
  },
  dark: {
    "--mantine-color-dimmed": "#a3aebc",
    "--mantine-color-placeholder": "#8f9bab",
    "--mantine-color-error": "#ff9b8f",
    "--mantine-color-anchor": "#8cbcf0",
    "--lm-canvas": "#12171e",
    "--lm-surface": "#1a212a",
    "--lm-line": "#2e3844",
    "--lm-hover": "#212a35",
  },
});
