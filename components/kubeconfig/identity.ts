import { readFileSync } from "node:fs";

import type { Connection } from "./connection.js";
import { runPlugin, type PluginCredential } from "./plugin.js";
import type { UserEntry } from "./schema.js";

/** How requests authenticate. */
export interface Identity {
  headers: Record<string, string | string[]>;
  /** PEM. */
  cert?: string | Buffer;
  key?: string | Buffer;
}

/** A credential ends this long before the time it states, so that it does not expire during a request. */
const marginMs = 30_000;

/** The identity of a context's user. A plugin runs once for all requests that wait for it, and when it has expired. */
export class IdentitySource {
  private plugin?: { credential: Promise<PluginCredential>; until: number };

  constructor(private readonly connection: Connection) {}

  /** @throws PluginError, and Error for a user whose kind of credential only kubectl can renew. */
  async identity(): Promise<Identity> {
    const { user, server } = this.connection;
    const impersonation = impersonationHeaders(user);
    // As kubectl, no credential over a connection that anyone can read.
    if (!server.startsWith("https:")) return { headers: impersonation };
    const fixed = authorization(user);
    const cert = pem(user, "client-certificate");
    // As client-go, which asks the plugin only for a user without any other credential.
    const plugin = user.exec && !fixed && !cert ? await this.credential() : undefined;
    const value = fixed ?? (plugin?.token && `Bearer ${plugin.token}`);
    return {
      headers: { ...impersonation, ...(value && { authorization: value }) },
      cert: plugin?.clientCertificateData ?? cert,
      key: plugin?.clientKeyData ?? pem(user, "client-key"),
    };
  }

  /** Forgets the plugin's credential, after the API server has refused it. @returns whether there was one. */
  forget(): boolean {
    const had = this.plugin !== undefined;
    this.plugin = undefined;
    return had;
  }

  private credential(): Promise<PluginCredential> {
    if (this.plugin && this.plugin.until > Date.now()) return this.plugin.credential;
    const { exec } = this.connection.user;
    if (!exec) return Promise.resolve({});
    const run = { credential: runPlugin(exec, this.connection), until: Infinity };
    this.plugin = run;
    run.credential.then(
      ({ expirationTimestamp = "" }) => {
        const ends = Date.parse(expirationTimestamp);
        if (!Number.isNaN(ends)) run.until = ends - marginMs;
      },
      () => {
        if (this.plugin === run) this.plugin = undefined;
      },
    );
    return run.credential;
  }
}

/** Without a plugin. A token's file has precedence over the token, which it renews, and is read for every request. */
function authorization(user: UserEntry): string | undefined {
  const { username, password, token, tokenFile, "auth-provider": provider } = user;
  const current = (tokenFile && readable(tokenFile)) || token;
  if (current) return `Bearer ${current.trim()}`;
  if (username || password) {
    return `Basic ${Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64")}`;
  }
  if (!provider) return undefined;
  const idToken = provider.name === "oidc" ? provider.config?.["id-token"] : undefined;
  if (idToken && isCurrent(idToken)) return `Bearer ${idToken}`;
  throw new Error(
    provider.name === "oidc"
      ? "the kubeconfig's OIDC token has expired; only kubectl renews it. Run kubectl version once, then this again"
      : `the kubeconfig's auth-provider ${provider.name} is no longer supported by kubectl either; use an exec plugin`,
  );
}

function readable(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Whether a JSON Web Token has not expired. */
function isCurrent(token: string): boolean {
  try {
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
    return ((JSON.parse(payload) as { exp?: number }).exp ?? 0) * 1000 > Date.now() + marginMs;
  } catch {
    return false;
  }
}

function pem(user: UserEntry, key: "client-certificate" | "client-key"): Buffer | undefined {
  // A key alone is no credential.
  if (!user["client-certificate"] && !user["client-certificate-data"]) return undefined;
  const path = user[key];
  const data = user[`${key}-data`];
  return data ? Buffer.from(data, "base64") : path ? readFileSync(path) : undefined;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ */
function impersonationHeaders(user: UserEntry): Record<string, string | string[]> {
  const { as, "as-uid": uid, "as-groups": groups, "as-user-extra": extra = {} } = user;
  if (!as) return {};
  return {
    "Impersonate-User": as,
    ...(uid && { "Impersonate-Uid": uid }),
    ...(groups.length > 0 && { "Impersonate-Group": groups }),
    ...Object.fromEntries(
      Object.entries(extra).map(([name, values]) => [
        `Impersonate-Extra-${encodeURIComponent(name).replace(/[()]/g, percent)}`,
        values,
      ]),
    ),
  };
}

const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
