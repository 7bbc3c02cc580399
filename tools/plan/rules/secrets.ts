import { hasCredentials, withoutCredentials } from "../../../components/resources/credentials.js";
import type { Plan } from "../plan.js";
import { holdsSealed } from "../recording/registration.js";
import { chartOf, isObject, strings } from "./rule.js";
import type { GuardRail, Violation } from "./rule.js";

/** Shorter secrets are not searched for: a secret may be "true", which appears elsewhere by chance. */
const shortest = 8;
const secretKey = /(password|passphrase|token|secret|private_?key|api_?key|client-key-data)$/i;
const secretText = /-----BEGIN [A-Z ]*PRIVATE KEY-----|client-key-data: \S|\btoken: \S/;

export const noSecretInClear: GuardRail = {
  name: "no secret in plain text",
  why: "A value that is not marked as a secret is readable in the state, in every preview, and in this plan.",
  seesSecrets: false,
  check: ({ entries, outputs, settings }) => {
    // Skip charts: all their values are marked secret, even ordinary ones, and encrypted ones are found as `sealed`.
    const known = entries
      .filter((entry) => chartOf(entry) === undefined)
      .flatMap(({ secrets }) => Object.values(secrets).flatMap((value) => strings(value)));
    const values = new Set(
      known
        .map(({ text }) => text)
        .filter((text) => text.length >= shortest && !/^<.*>$/.test(text)),
    );
    const places = [
      ...entries.map(({ name, inputs }) => ({ resource: name, value: inputs })),
      { resource: "stack outputs", value: outputs },
    ];
    return [
      ...configuredCredentials(settings),
      ...places.flatMap(({ resource, value }) =>
        strings(value).flatMap(({ path, key, text }): Violation[] => {
          const problem = leak(key, text, values);
          return problem ? [{ resource, problem: `${path} ${problem}` }] : [];
        }),
      ),
      ...entries.flatMap(({ name, type, inputs }): Violation[] =>
        type === "kubernetes:core/v1:Secret" &&
        [inputs["data"], inputs["stringData"]].some(isObject)
          ? clearData(name, { data: inputs["data"], stringData: inputs["stringData"] })
          : [],
      ),
    ];
  },
};

/** The program keeps them out of the state; the stack's file is in the repository. */
function configuredCredentials({ mesh }: Plan["settings"]): Violation[] {
  return (["chartRepository", "gatewayApi"] as const)
    .filter((key) => hasCredentials(mesh[key]))
    .map((key) => ({
      resource: "the stack's file",
      problem: `mesh.${key} = ${withoutCredentials(mesh[key])} has a user name or password in plain text; encrypt it: pulumi config set --secret --path mesh.${key} <URL>`,
    }));
}

function leak(key: string, text: string, values: Set<string>): string | undefined {
  if (/^<.*>$/.test(text)) return undefined;
  if (holdsSealed(text))
    return "contains a value that the stack's file encrypts; wrap it in pulumi.secret";
  if ([...values].some((value) => text.includes(value))) {
    return "repeats the value of a secret; use the secret output itself";
  }
  if (hasCredentials(text)) {
    return "contains a URL with a user name or password; wrap it in pulumi.secret";
  }
  if (secretText.test(text)) return "contains a key or a token; wrap it in pulumi.secret";
  if (secretKey.test(key)) return "has the name of a secret; wrap it in pulumi.secret";
  return undefined;
}

function clearData(resource: string, data: Record<string, unknown>): Violation[] {
  return strings(data)
    .filter(({ text }) => !/^<.*>$/.test(text))
    .map(({ path }) => ({
      resource,
      problem: `${path} is in plain text; wrap it in pulumi.secret`,
    }));
}
