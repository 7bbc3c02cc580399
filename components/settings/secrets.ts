import type { Problem } from "./problems.js";
import type { Settings } from "./types.js";

/** Keys whose values are in names, labels, versions, counts, or outputs, which Pulumi stores in plain text. */
const shown: readonly (keyof Settings)[] = [
  "cluster",
  "kubernetesVersion",
  "clusterType",
  "gateway",
  "namespace",
  "stage",
  "reviews",
  "observability",
  "load",
  "verify",
  "verifySettleSeconds",
  "expiresAt",
];

/** A problem for each key with an encrypted value that a deployment could not keep. */
export function secretsThatShow(secretKeys: readonly string[]): Problem[] {
  return secretKeys
    .filter((key) => (shown as readonly string[]).includes(key))
    .map((key) => ({
      key,
      value: "[secret]",
      expected: `expected plain text: names and labels in the state and in the cluster show this value. Store it with \`pulumi config set --plaintext ${key === "gateway" || key === "reviews" ? `--path ${key}.<field>` : key} <value>\``,
    }));
}
