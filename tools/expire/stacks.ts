import { join } from "node:path";

import { project } from "../../components/settings/types.js";
import { fileConfig, shortName } from "../stacks/stack-config.js";
import { root } from "../paths.js";

/** Runs the Pulumi CLI and parses the JSON that it prints. */
export type AskPulumi = <T>(args: string[]) => Promise<T>;

/** A stack of the backend that has resources. */
export interface DeployedStack {
  /** As the backend names it. */
  name: string;
  /** When it may be destroyed; undefined: it does not expire. */
  expiresAt?: string;
  /** Of its last `up`, by the clock of the machine that ran it. */
  lastUpdate?: string;
}

/**
 * The project's stacks that have resources, those that expire first in front.
 *
 * The expiry is in a stack's outputs since its last `up`. If its file has a later one, which no `up` has deployed yet,
 * that one counts: an extension must not be missed.
 *
 * @throws ToolError if Pulumi cannot list them.
 */
export async function deployedStacks(ask: AskPulumi): Promise<DeployedStack[]> {
  interface Listed {
    name: string;
    resourceCount?: number;
    lastUpdate?: string;
  }
  const listed = await ask<Listed[]>(["stack", "ls"]);
  const stacks: DeployedStack[] = [];
  // One after the other: some backends limit requests.
  for (const { name, resourceCount, lastUpdate } of listed) {
    if (resourceCount === 0) continue;
    const expiresAt = await expiryOf(name, ask);
    stacks.push({
      name,
      ...(expiresAt !== undefined && { expiresAt }),
      ...(lastUpdate !== undefined && { lastUpdate }),
    });
  }
  const order = ({ expiresAt }: DeployedStack) =>
    expiresAt === undefined ? Infinity : Date.parse(expiresAt);
  return stacks.sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
}

/** When a stack expires; undefined: never. @throws ToolError */
export async function expiryOf(stack: string, ask: AskPulumi): Promise<string | undefined> {
  const outputs = await ask<Record<string, unknown>>(["stack", "output", "--stack", stack]);
  const deployed = time(outputs["expiresAt"]);
  if (deployed === undefined) return undefined;
  const file = fileConfig(join(root, `Pulumi.${shortName(stack)}.yaml`));
  const planned = time(file?.[`${project}:expiresAt`]);
  return planned !== undefined && Date.parse(planned) > Date.parse(deployed) ? planned : deployed;
}

const time = (value: unknown): string | undefined =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;
