import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The places in a backend's files, state, backups, and history, that hold a planted value in plain text:
 * `nodes.shape in .outputs.nodeShape of nodes-pool`.
 *
 * @param planted texts by what they are the value of.
 * @param stack its name, which all its files begin with.
 * @throws Error if there is no checkpoint of that stack to search.
 */
export function leaksIn(folder: string, stack: string, planted: Record<string, string>): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.startsWith(stack) && /\.json(\.bak)?$/.test(name))
    .map((entry) => join(entry.parentPath, entry.name));
  if (!files.some((file) => file.endsWith(".checkpoint.json"))) {
    throw new Error(`There is no checkpoint of ${stack} in ${folder}.`);
  }
  return [
    ...new Set(files.flatMap((file) => leaks(JSON.parse(readFileSync(file, "utf8")), planted))),
  ];
}

function leaks(
  value: unknown,
  planted: Record<string, string>,
  path = "",
  resource = "the stack",
): string[] {
  if (typeof value === "string") {
    return Object.entries(planted)
      .filter(([, text]) => value.includes(text))
      .map(([key]) => `${key} in ${path} of ${resource}`);
  }
  if (typeof value !== "object" || value === null) return [];
  const { urn } = value as { urn?: string };
  const [at, within] = urn ? ["", urn.split("::").at(-1) ?? ""] : [path, resource];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaks(inner, planted, `${at}.${key}`, within),
  );
}
