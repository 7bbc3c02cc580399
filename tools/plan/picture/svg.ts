/** Colors of the pictures. */
export interface Colors {
  text: string;
  muted: string;
  page: string;
  /** Backgrounds of columns and boxes. */
  column: string;
  line: string;
  edge: string;
  /** Numbers of stages, and what decides. */
  accent: string;
  /** The critical path. */
  critical: string;
  proxy: string;
  proxyLine: string;
  proxyText: string;
  secure: string;
  good: string;
  bad: string;
}

/** GitHub's colors: https://primer.style/foundations/color */
const light: Colors = {
  text: "#1f2328",
  muted: "#57606a",
  page: "#fff",
  column: "#f3f5f8",
  line: "#b6bfc9",
  edge: "#8c959f",
  accent: "#8250df",
  critical: "#bc4c00",
  proxy: "#fbefff",
  proxyLine: "#d8b9ff",
  proxyText: "#512a97",
  secure: "#0969da",
  good: "#1a7f37",
  bad: "#cf222e",
};
const dark: Colors = {
  text: "#e6edf3",
  muted: "#9da7b3",
  page: "#0d1117",
  column: "#161b22",
  line: "#444c56",
  edge: "#6e7681",
  accent: "#bc8cff",
  critical: "#f0883e",
  proxy: "#221a35",
  proxyLine: "#553098",
  proxyText: "#d2a8ff",
  secure: "#4493f8",
  good: "#3fb950",
  bad: "#f85149",
};

/** A style element that follows the reader's color scheme. */
export function palette(rules: (colors: Colors) => string): string {
  const font =
    'text{font-family:-apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}';
  const ofDark = rules(dark)
    .split("\n")
    .filter((line) => !rules(light).includes(`${line}\n`));
  return `<style>\n${font}\n${rules(light)}\n@media (prefers-color-scheme:dark){\n${ofDark.join("\n")}\n}\n</style>`;
}

export const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
