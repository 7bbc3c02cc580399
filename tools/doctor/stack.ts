import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { parse } from "yaml";

import { root } from "../paths.js";
import { stackNames } from "../stacks/stack-files.js";
import { UsageError } from "../command-line/errors.js";
import { pulumiJson, selectedStack } from "../stacks/pulumi.js";

/** A stack's configuration by full key (`oke-ambient-mesh:nodes`, `oci:region`). */
export interface StackConfig {
  stack: string;
  config: Record<string, unknown>;
}

/**
 * The configuration of a stack, from Pulumi; without Pulumi or before `pulumi stack init`, from the stack's file,
 * whose secrets stay closed.
 *
 * @throws UsageError where there is neither.
 */
export async function stackConfig(named: string | undefined): Promise<StackConfig> {
  const fullName = named ?? (await selectedStack().catch(() => "dev"));
  const stack = fullName.split("/").at(-1) ?? fullName;
  const file = join(root, `Pulumi.${stack}.yaml`);
  try {
    const entries = await pulumiJson<Record<string, { value?: string; objectValue?: unknown }>>([
      "config",
      "--show-secrets",
      "--stack",
      fullName,
    ]);
    const config = Object.entries(entries).map(
      ([key, { value, objectValue }]) => [key, objectValue ?? value] as const,
    );
    return { stack, config: Object.fromEntries(config) };
  } catch (error) {
    if (!existsSync(file)) throw unknown(fullName, file, (error as Error).message);
    return { stack, config: fileConfig(file) };
  }
}

function fileConfig(file: string): Record<string, unknown> {
  try {
    const read = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null;
    return read?.config ?? {};
  } catch (error) {
    throw new UsageError(`${file} is not YAML: ${(error as Error).message}`);
  }
}

/** @param said why Pulumi could not tell of the stack. */
function unknown(stack: string, file: string, said: string): UsageError {
  const without = `no ${basename(file)}; the stacks with a file are: ${stackNames().join(", ")}.`;
  return new UsageError(
    /no stack named/.test(said)
      ? `There is no stack ${stack}, and ${without} Make one: pulumi stack init ${stack}`
      : `${said}\nThere is ${without}`,
  );
}
