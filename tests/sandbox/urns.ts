import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { isImplicit, logicalName } from "../../tools/automation/steps.js";

/** A resource in the output of `pulumi stack export`. */
export interface StateResource {
  urn: string;
  parent?: string;
}

const urnFile = fileURLToPath(new URL("urns.txt", import.meta.url));
const renewal = "RENEW_URNS=1 npm run test:sandbox -- stages.test";
const head = `The graph's resources in the engine's state: name and qualified type, below the parent. Both are part of the
URN, which identifies a resource in a stack: a resource with another name, type or parent is replaced in
every stack, unless it has an alias (https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/).
To update this file: ${renewal}
`;

/**
 * The resources of a state as a tree, siblings sorted by name, without the providers that the engine adds, whose
 * names contain the plugins' versions.
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

// The root resource has the test stack's name.
function nameAndType(urn: string): string {
  const type = urn.split("::").at(-2) ?? "";
  return type === "pulumi:pulumi:Stack" ? type : `${logicalName(urn)}  ${type}`;
}

/** The content of urns.txt, updated first if `RENEW_URNS` is set. */
export function urnsOnFile(tree: string): string {
  if (process.env["RENEW_URNS"]) writeFileSync(urnFile, tree);
  return readFileSync(urnFile, "utf8");
}

/** The message above the difference. */
export const urnsChanged = `The program's resources differ from tests/sandbox/urns.txt. If this is intended: ${renewal}`;
