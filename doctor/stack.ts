import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";

import { pulumiJson, selectedStack } from "../verify/pulumi.js";

const root = join(fileURLToPath(import.meta.url), "..", "..");

/** A stack's configuration by full key (`oke-ambient-mesh:nodes`, `oci:region`). */
export interface StackConfig {
  stack: string;
  config: Record<string, unknown>;
}

/**
 * The configuration of a stack, from Pulumi; without Pulumi or before `pulumi stack init`, from the stack's file,
 * whose secrets stay closed.
 *
 * @throws Error where there is neither.
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
    if (!existsSync(file)) throw error;
    const { config } =
      (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> }) ?? {};
    return { stack, config: config ?? {} };
  }
}
