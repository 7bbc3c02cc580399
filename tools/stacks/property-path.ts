import { project } from "../../components/settings/types.js";
import { UsageError } from "../command-line/errors.js";

/** A property's path: `["network", "apiAllowedCidrs", 0]`. */
export type PropertyPath = (string | number)[];

/**
 * Parses a path as `pulumi config set --path` does: `network.apiAllowedCidrs[0]`,
 * `mesh.helmValues.istiod.podAnnotations["prometheus.io/scrape"]`
 * (https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/common/resource/properties_path.go).
 *
 * @throws UsageError for a text that is no path.
 */
export function parsePath(text: string): PropertyPath {
  const path: PropertyPath = [];
  const refuse = (why: string) =>
    new UsageError(
      `"${text}" is not a property path: ${why}. Expected one such as nodes.ocpus, network.apiAllowedCidrs[0], or mesh.helmValues.istiod.podAnnotations["prometheus.io/scrape"].`,
    );
  let rest = text;
  if (rest.startsWith(".")) throw refuse("it must start with a name");
  while (rest !== "") {
    if (rest.startsWith("[")) {
      const [whole, index, quoted] = /^\[(?:(\d+)|"((?:\\"|[^"])*)")\]/.exec(rest) ?? [];
      if (whole === undefined) {
        throw refuse(`${rest} is neither an index, as [0], nor a name in quotes, as ["a.b"]`);
      }
      path.push(index === undefined ? (quoted ?? "").replaceAll('\\"', '"') : Number(index));
      rest = rest.slice(whole.length);
    } else {
      if (rest.startsWith(".")) rest = rest.slice(1);
      const name = /^[^.[]*/.exec(rest)?.[0] ?? "";
      if (name === "") throw refuse("a name must follow each dot");
      path.push(name);
      rest = rest.slice(name.length);
    }
  }
  if (typeof path[0] !== "string" || path[0] === "") throw refuse("it must start with a name");
  return path;
}

/** A path as a person types it; the inverse of {@link parsePath}. */
export function renderPath(path: PropertyPath): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (/^[^.[\]"\s]+$/.test(key)) return i === 0 ? key : `.${key}`;
      return `["${key.replaceAll('"', '\\"')}"]`;
    })
    .join("");
}

/**
 * Splits `--config`'s `<path>=<value>`; an equals sign in a quoted name does not end the path. The project's own prefix
 * may be written too, as `pulumi config set` allows.
 *
 * @returns the value as `pulumi config set --path` stores it.
 * @throws UsageError without a path or an equals sign.
 */
export function parsePair(pair: string): [path: PropertyPath, value: unknown] {
  const path = /^(?:"(?:\\"|[^"])*"|[^="])*(?==)/.exec(pair)?.[0];
  if (!path) {
    throw new UsageError(
      `--config ${pair}: expected <path>=<value>, for example reviews.v2Percent=50`,
    );
  }
  const own = `${project}:`;
  const key = path.startsWith(own) ? path.slice(own.length) : path;
  return [parsePath(key), scalar(pair.slice(path.length + 1))];
}

/**
 * A value as `pulumi config set --path` stores it: true, false, and integers keep their type; anything else is text, so
 * that nodes.os=8.10 keeps its last digit
 * (https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration). A list or object may be given as JSON.
 */
function scalar(text: string): unknown {
  if (/^(true|false|0|-?[1-9]\d*)$/.test(text)) return JSON.parse(text) as unknown;
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError(
      `--config value ${text} is not valid JSON, although it starts with [ or {.`,
    );
  }
}
