import * as z from "zod";

import { charts } from "../mesh/names.js";
import { isMapping, valueAt } from "../resources/mapping.js";
import { crossChecks } from "./checks.js";
import { secretsThatShow, withoutValues } from "./secrets.js";
import { nearest } from "./nearest.js";
import { SettingsError } from "./problems.js";
import type { Problem } from "./problems.js";
import { schema } from "./schema.js";
import { isEncrypted, type Partially, type Settings } from "./types.js";

/**
 * Validates configuration values and fills in defaults.
 *
 * @param raw values by key; objects may be JSON text, as Pulumi stores them.
 * @param secretKeys the keys that hold an encrypted value.
 * @param encrypted the encrypted values themselves, as far as they are known: `nodes.count`. Default: none is.
 * @throws SettingsError with all problems.
 */
export function parseSettings(
  raw: Record<string, unknown>,
  secretKeys: readonly string[] = [],
  encrypted: readonly string[] = [],
): Settings {
  const problems: Problem[] = [];
  const given = decoded(raw, problems);
  const read = readObject(schema, given, [], problems) as Partially<Settings>;
  const without = withoutValues(secretKeys.map((key) => given[key]));
  problems.push(
    ...crossChecks(read)
      .filter(({ key }) => !problems.some((known) => known.key === key))
      .map((problem) => ({ ...problem, expected: without(problem.expected) })),
  );
  problems.push(...secretsThatShow(secretKeys, encrypted, given));
  if (problems.length > 0) throw new SettingsError(problems.map(hidden(secretKeys)));
  return read as Settings;
}

/** Without the value of an encrypted key: `mesh` is one if a field below it is. */
const hidden =
  (secretKeys: readonly string[]) =>
  (problem: Problem): Problem => {
    const [root = ""] = problem.key.split(/[.[]/);
    const isSecret = secretKeys.includes(root) && problem.value !== undefined;
    return isSecret && !isEncrypted(problem.value) ? { ...problem, value: "[secret]" } : problem;
  };

/** An empty string is the default in Pulumi.yaml for "not set". */
function decoded(raw: Record<string, unknown>, problems: Problem[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (value === "" || value === undefined) continue;
    const structured = fields(schema)[key] instanceof z.ZodObject;
    if (!structured || typeof value !== "string") values[key] = value;
    else {
      try {
        values[key] = JSON.parse(value);
      } catch {
        problems.push({ key, value, expected: objectExpected(key) });
      }
    }
  }
  return values;
}

/** Parses field by field, so that an invalid field does not hide problems in others. */
function readObject(
  object: z.ZodObject,
  value: unknown,
  path: string[],
  problems: Problem[],
): Record<string, unknown> {
  if (value !== undefined && (!isMapping(value) || isEncrypted(value))) {
    problems.push({ key: path.join("."), value, expected: objectExpected(path.join(".")) });
    return {};
  }
  const given: Record<string, unknown> = value ?? {};
  const known = fields(object);
  for (const key of Object.keys(given).filter((name) => !(name in known))) {
    problems.push({
      key: [...path, key].join("."),
      value: given[key],
      ...unknownKey(key, path, Object.keys(known)),
    });
  }
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(known)) {
    const at = [...path, key];
    if (field instanceof z.ZodObject) result[key] = readObject(field, given[key], at, problems);
    else {
      const parsed = field.safeParse(given[key] ?? undefined);
      if (parsed.success) result[key] = parsed.data;
      else {
        problems.push(...problemsOf(parsed.error.issues, given[key], at));
        // The list's valid elements are still checked against other fields.
        if (Array.isArray(given[key])) result[key] = given[key].map(String);
      }
    }
  }
  return result;
}

function problemsOf(issues: z.core.$ZodIssue[], value: unknown, path: string[]): Problem[] {
  return issues.flatMap((issue) => {
    const names = issue.path.map(String);
    const at = valueAt(value, names);
    const key = [path.join("."), ...names].reduce((left, name) =>
      /^\d+$/.test(name) ? `${left}[${name}]` : `${left}.${name}`,
    );
    if (issue.code !== "unrecognized_keys") return [{ key, value: at, expected: issue.message }];
    return issue.keys.map((name) => ({
      key: `${key}.${name}`,
      value: (at as Record<string, unknown>)[name],
      ...unknownKey(name, path, [...charts]),
    }));
  });
}

function unknownKey(
  key: string,
  path: string[],
  known: string[],
): Pick<Problem, "expected" | "isWholeKey"> {
  const [root = ""] = key.split(/[.[]/);
  // Without --path, Pulumi stores one key with a dot in its name.
  if (path.length === 0 && root !== key && known.includes(root)) {
    const expected = `one key of that name, as \`pulumi config set\` stores it without --path. Remove it with \`pulumi config rm '${key}'\`, then set the field with \`pulumi config set --path '${key}' <value>\``;
    return { expected, isWholeKey: true };
  }
  const near = nearest(key, known);
  const expected = near
    ? `unknown key; did you mean ${[...path, near].join(".")}?`
    : `unknown key; expected one of ${known.join(", ")}`;
  return { expected };
}

const objectExpected = (key: string) =>
  `expected an object; set its fields one by one: \`pulumi config set --path ${key}.<field> <value>\``;
const fields = (object: z.ZodObject): Record<string, z.ZodType> =>
  object.shape as Record<string, z.ZodType>;
