import { parseArgs } from "node:util";

import { readToken, tokenFile, tokenFolder, writeToken } from "./cache.js";
import type { CachedToken } from "./cache.js";
import { IdentityError, loadIdentity } from "./identity.js";
import { clusterToken, execCredential, requestedVersion, tokenMinutes } from "./token.js";

/**
 * The kubernetes provider's credential plugin: `node --import tsx components/oke/token/cli.ts --cluster-id <ocid>
 * [--region <region>]` prints an ExecCredential. Without a token it prints a message on stderr and exits with 1.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { "cluster-id": { type: "string" }, region: { type: "string" } },
  });
  const clusterId = values["cluster-id"];
  if (!clusterId)
    throw new IdentityError("--cluster-id is missing: expected the OCID of the cluster.");
  const { token, expires } = await credential(clusterId, values.region);
  const version = requestedVersion(process.env["KUBERNETES_EXEC_INFO"]);
  process.stdout.write(`${JSON.stringify(execCredential(token, expires, version))}\n`);
}

async function credential(clusterId: string, regionArgument?: string): Promise<CachedToken> {
  const identity = await loadIdentity();
  const region = regionArgument ?? identity.region;
  if (!region) {
    throw new IdentityError(
      "No region. Set TF_VAR_region, OCI_REGION, or region in the profile of ~/.oci/config.",
    );
  }
  const file = tokenFile(tokenFolder(), identity.fingerprint, clusterId, region);
  const kept = readToken(file);
  if (kept) return kept;
  const now = new Date();
  const keyId = await identity.provider.getKeyId();
  const made: CachedToken = {
    token: clusterToken(
      { clusterId, region, now },
      {
        keyId,
        privateKey: identity.provider.getPrivateKey(),
        passphrase: identity.provider.getPassphrase(),
      },
    ),
    expires: new Date(now.getTime() + tokenMinutes * 60_000),
  };
  writeToken(file, made);
  return made;
}

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`oke-ambient-mesh token: ${message}\n`);
  process.exitCode = 1;
}
