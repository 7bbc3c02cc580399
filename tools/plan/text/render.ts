import { Document, isScalar, Scalar, visit } from "yaml";

import { stages } from "../../../components/settings/settings.js";
import { wrap } from "../../command-line/wrap.js";
import type { Entry, Plan } from "../plan.js";
import { unsealed } from "../recording/registration.js";
import { ruleTable } from "./table.js";

/** The plan as YAML: a mapping from logical name to resource, in dependency order. Equal plans give equal bytes. */
export function render(plan: Plan): string {
  return [header(plan), ...plan.entries.map(renderEntry), renderOutputs(plan)].join("\n");
}

/** One resource's section in the file. Ends with a newline. */
export function renderEntry(entry: Entry): string {
  return yaml({ [entry.name]: body(entry) });
}

function header({ stack, stage, entries, unknown }: Plan): string {
  const resources = entries.filter(({ custom, read }) => custom && !read).length;
  const components = entries.filter(({ custom }) => !custom).length;
  return `# Stack ${stack} at stage ${stage}: ${resources} resources in ${components} components, in dependency order.
# Written by \`npm run plan\`, without a cluster: <name.property> is what only a deployment can give,
# <secret> is never shown. A change of the program or of Pulumi.${stack}.yaml shows here as a diff.
${unknown ? `${wrap(unknown, 110, "# ").join("\n")}\n` : ""}`;
}

function body(entry: Entry): Record<string, unknown> {
  const { parent, provider, deletedWith, dependsOn, inputs } = entry;
  const lists = {
    ignoreChanges: entry.ignoreChanges,
    replaceOnChanges: entry.replaceOnChanges,
    secretOutputs: entry.additionalSecretOutputs,
  };
  const flags = {
    protect: entry.protect,
    retainOnDelete: entry.retainOnDelete,
    deleteBeforeReplace: entry.deleteBeforeReplace,
  };
  return {
    type: entry.type,
    step: `${stages.indexOf(entry.step) + 1} ${entry.step}`,
    ...defined({ parent, provider, read: entry.read ? entry.import : undefined }),
    ...(dependsOn.length > 0 && { dependsOn }),
    ...defined({ deletedWith, import: entry.read ? undefined : entry.import }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...Object.fromEntries(Object.entries(flags).filter(([, set]) => set)),
    ...(Object.keys(entry.customTimeouts).length > 0 && { timeouts: entry.customTimeouts }),
    ...(Object.keys(inputs).length > 0 && { inputs: readable(inputs) }),
  };
}

function renderOutputs({ outputs }: Plan): string {
  return yaml({ "stack outputs": outputs });
}

const defined = (object: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** Shows security rules as a table and user data as text. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const table = ruleTable(key, inner);
      if (table !== undefined) return [key, table];
      const text = key === "user_data" ? decoded(inner) : undefined;
      return text === undefined ? [key, readable(inner)] : [`${key} (base64 of)`, text];
    }),
  );
}

function decoded(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = Buffer.from(value, "base64").toString("utf8");
  return Buffer.from(text, "utf8").toString("base64") === value ? text : undefined;
}

function yaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (!isScalar(node) || typeof node.value !== "string") return;
      node.value = unsealed(node.value);
      // A folded text would reflow entirely when one word changes.
      if ((node.value as string).includes("\n")) node.type = Scalar.BLOCK_LITERAL;
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: false, singleQuote: true });
}
