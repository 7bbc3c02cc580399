import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

import { parse } from "yaml";

import { tokenFolder } from "../../components/oke/token/cache.js";
import { stackFile } from "../../tools/stacks/settings-file.js";
import { stateDir } from "../../tools/paths.js";

/** A secret by what it is, and texts of which each gives it away. */
export interface Secret {
  name: string;
  texts: string[];
}

/**
 * Where a sandbox keeps secrets as they are; each is its owner's alone. etcd holds those of the cluster; the way to
 * the review of tokens needs none.
 */
const keeps =
  /^(passphrase|oci\/key\.pem|control-plane\/(keys\/.*\.key|(?!token-review)(.*\/)?[^/]*kubeconfig|etcd\/.*))$/;

/**
 * A secret as it is, and inside of a text that is in base64, wherever it stands in that. Of a key in PEM its second
 * line, however lines end there: in the first one some kinds have only what they have in common.
 */
export function secretOf(name: string, value: string): Secret {
  const text = value.startsWith("-----BEGIN") ? (value.split("\n")[2] ?? "") : value.trim();
  if (text.length < 24) throw new Error(`${name} is too short to be looked for.`);
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.from(`${" ".repeat(shift)}${text}`)
      .toString("base64")
      .slice(4, -4),
  );
  return { name, texts: [text, ...shifted] };
}

/** The keys, passphrases and tokens that a running sandbox keeps in its folder. */
export function keptSecrets(name: string): Secret[] {
  return Object.entries(keptFiles(name)).flatMap(([file, text]) =>
    file.endsWith("kubeconfig") ? clientSecrets(file, text) : [secretOf(file, text)],
  );
}

interface Kubeconfig {
  users?: { user: { token?: string; "client-key-data"?: string } }[];
}

function clientSecrets(file: string, text: string): Secret[] {
  const { users = [] } = parse(text) as Kubeconfig;
  return users.flatMap(({ user }) => {
    const { token, "client-key-data": key } = user;
    return [
      ...(key ? [secretOf(`client key of ${file}`, Buffer.from(key, "base64").toString())] : []),
      ...(token ? [secretOf(`token of ${file}`, token)] : []),
    ];
  });
}

/**
 * The tokens among them that are for one of those clusters. A token is a signed request, a URL in base64url
 * (`components/oke/token/token.ts`): its signature gives it away in either form.
 */
export function tokenSecrets(tokens: Iterable<string>, clusterIds: Set<string>): Secret[] {
  return [...tokens].flatMap((token) => {
    const url = new URL(Buffer.from(token, "base64url").toString());
    if (!clusterIds.has(url.pathname.split("/").at(-1) ?? "")) return [];
    const authorization = url.searchParams.get("authorization") ?? "";
    const signature = /signature="([^"]+)"/.exec(authorization)?.[1];
    if (!signature) throw new Error("An OKE token has no signature.");
    const half = token.length / 2;
    const texts = [token.slice(half, half + 60), signature, encodeURIComponent(signature)];
    return [{ name: "OKE token", texts }];
  });
}

/** The tokens that the helper keeps for those who ask again; before the first there is no folder. */
export function keptTokens(): string[] {
  if (!existsSync(tokenFolder())) return [];
  return filesIn(tokenFolder())
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      try {
        const kept = JSON.parse(readFileSync(join(tokenFolder(), file), "utf8")) as {
          token: string;
        };
        return [kept.token];
      } catch {
        return []; // Replaced in this moment.
      }
    });
}

/** Which secret is where, of the places by name; never the secret itself. */
export function findSecrets(secrets: Secret[], places: Record<string, string>): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    secrets
      .filter(({ texts }) => texts.some((part) => text.includes(part)))
      .map(({ name }) => `${name} in ${place}`),
  );
}

/** All that a sandbox writes, by path in its folder: state and its history, logs, settings. */
export function writtenFiles(name: string): Record<string, string> {
  const settings = readFileSync(stackFile(name), "utf8");
  return { ...read(name, (file) => !keeps.test(file)), "the stack's settings": settings };
}

function read(name: string, which: (file: string) => boolean): Record<string, string> {
  const folder = stateDir(name);
  const files = filesIn(folder).filter(which);
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

/** The files in which it keeps secrets, by path in its folder. */
export function keptFiles(name: string): Record<string, string> {
  return read(name, (file) => keeps.test(file) && !file.includes("/etcd/"));
}

/** Files that hold secrets and could be read by somebody else. */
export function openFiles(name: string): string[] {
  const folder = stateDir(name);
  const isShut = (file: string) =>
    (statSync(join(folder, file)).mode & 0o077) === 0 || file.startsWith("control-plane/etcd/"); // In a folder that is shut.
  return filesIn(folder).filter((file) => keeps.test(file) && !isShut(file));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
