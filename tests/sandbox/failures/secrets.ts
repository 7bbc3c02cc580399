import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

import { parse } from "yaml";

import { tokenFolder } from "../../../components/oke/token/cache.js";
import { stackFile } from "../../../tools/stacks/settings-file.js";
import { stateDir } from "../../../tools/paths.js";

/** A secret's name, and texts each of which reveals it. */
export interface Secret {
  name: string;
  texts: string[];
}

/**
 * Files in which a sandbox keeps secrets in clear text, readable only by their owner. etcd has those of the cluster;
 * the token review's kubeconfig has none.
 */
const keeps =
  /^(passphrase|oci\/key\.pem|control-plane\/(keys\/.*\.key|(?!token-review)(.*\/)?[^/]*kubeconfig|etcd\/.*))$/;

/**
 * A secret in clear text, and at any position in a text in base64. Of a PEM key it takes the second line, because the
 * first one is the same for all keys of some kinds.
 */
export function secretOf(name: string, value: string): Secret {
  const text = value.startsWith("-----BEGIN") ? (value.split("\n")[2] ?? "") : value.trim();
  if (text.length < 24) throw new Error(`${name} is too short to search for.`);
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
 * The tokens for these clusters. A token is a signed request, a URL in base64url
 * (`components/oke/token/token.ts`): its signature reveals it in either form.
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

/** The tokens that the helper has cached; its folder does not exist before the first one. */
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
        return []; // replaced in the meantime
      }
    });
}

/** Which secret is in which place, by their names, without the secret itself. */
export function findSecrets(secrets: Secret[], places: Record<string, string>): string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    secrets
      .filter(({ texts }) => texts.some((part) => text.includes(part)))
      .map(({ name }) => `${name} in ${place}`),
  );
}

/** All other files of a sandbox, by path in its folder: state and its history, logs, settings. */
export function writtenFiles(name: string): Record<string, string> {
  const settings = readFileSync(stackFile(name), "utf8");
  return { ...read(name, (file) => !keeps.test(file)), "the stack's settings": settings };
}

function read(name: string, which: (file: string) => boolean): Record<string, string> {
  const folder = stateDir(name);
  const files = filesIn(folder).filter(which);
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

/** The files with secrets, by path in its folder. */
export function keptFiles(name: string): Record<string, string> {
  return read(name, (file) => keeps.test(file) && !file.includes("/etcd/"));
}

/** Files with secrets that another user can read. */
export function openFiles(name: string): string[] {
  const folder = stateDir(name);
  const isShut = (file: string) =>
    (statSync(join(folder, file)).mode & 0o077) === 0 || file.startsWith("control-plane/etcd/"); // its folder is closed
  return filesIn(folder).filter((file) => keeps.test(file) && !isShut(file));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
