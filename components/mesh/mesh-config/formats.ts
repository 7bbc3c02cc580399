import { isIP } from "node:net";

const units: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 36e11,
};

/** The nanoseconds of a duration such as `1m30s`; undefined if it is none. https://pkg.go.dev/time#ParseDuration */
export function nanoseconds(text: string): number | undefined {
  const [, sign, amount = ""] =
    /^([-+]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const parts = [...amount.matchAll(/([\d.]+)([a-zµ]+)/g)];
  const sum = parts.reduce(
    (all, [, count, unit = ""]) => all + Number(count) * (units[unit] ?? 0),
    0,
  );
  return Math.round(sign === "-" ? -sum : sum);
}

const label = /^[a-z\d]([-a-z\d]*[a-z\d])?$/i;

const isLabel = (text: string) => text.length <= 63 && label.test(text);

/** Whether these are labels of a domain name; the last may be followed by a dot. */
export const areLabels = (name: string) =>
  name
    .replace(/(?<=.)\.$/, "")
    .split(".")
    .every(isLabel);

export const isDomain = (name: string) =>
  name.length <= 255 && !/(^|\.)[-+]?\d+$/.test(name) && areLabels(name);

/** Whether it is a domain name, or one whose first label is or begins with a `*`. */
export function isHostPattern(name: string): boolean {
  const [first = "", ...rest] = name.split(".");
  const isFirst = first === "*" || (first.length <= 63 && isLabel(first.replace(/^\*-?/, "")));
  return isFirst && (rest.length === 0 || isDomain(rest.join(".")));
}

/** Whether it is a host or an IP address with a port: `collector.example.com:9411`, `[::1]:9411`. */
export function isAddress(text: string): boolean {
  const [, inBrackets, plain, port] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(\d+)$/.exec(text) ?? [];
  const host = inBrackets ?? plain ?? "";
  return (isDomain(host) || isIP(host) !== 0) && Number(port) >= 1 && Number(port) <= 65535;
}
