import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { isImplicit, logicalName } from "../../tools/automation/steps.js";

/** A resource as `pulumi stack export` gives it. */
export interface StateResource {
  urn: string;
  parent?: string;
}

const urnFile = fileURLToPath(new URL("urns.txt", import.meta.url));
const renewal = "RENEW_URNS=1 npm run test:sandbox -- stages";
const head = `The graph's resources as the engine's state has them: name and qualified type, below its parent. Both make the
URN, by which a stack knows a resource: one that is named, typed or placed differently is replaced in
everybody's stack, unless it is given an alias (https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/).
Renewed by: ${renewal}
`;

/**
 * The resources of a state as a tree, siblings by name; without the providers that the engine adds by itself,
 * whose names are those of the plugins' versions.
 */
export function urnTree(resources: StateResource[]): string {
  const program = resources.filter(({ urn }) => !isImplicit(urn));
  const below = (parent: string | undefined, depth: number): string[] =>
    program
      .filter((resource) => resource.parent === parent)
      .map(({ urn }) => ({ urn, line: `${"  ".repeat(depth)}${nameAndType(urn)}` }))
      .sort((a, b) => (a.line < b.line ? -1 : 1))
      .flatMap(({ urn, line }) => [line, ...below(urn, depth + 1)]);
  return `${[head, ...below(undefined, 0)].join("\n")}\n`;
}

// The stack is the test's own, and the root resource is named after it.
function nameAndType(urn: string): string {
  const type = urn.split("::").at(-2) ?? "";
  return type === "pulumi:pulumi:Stack" ? type : `${logicalName(urn)}  ${type}`;
}

/** The tree on file, after renewing it where that was asked for. */
export function urnsOnFile(tree: string): string {
  if (process.env["RENEW_URNS"]) writeFileSync(urnFile, tree);
  return readFileSync(urnFile, "utf8");
}

/** What a person reads before the difference. */
export const urnsChanged = `The program's resources are not those of tests/sandbox/urns.txt. If that is meant: ${renewal}`;
