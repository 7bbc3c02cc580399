import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";

import { connectionOf } from "../../../components/kubeconfig/connection.js";
import { forProvider } from "../../../components/kubeconfig/for-provider.js";
import { loadDefault, loadFile, loadText } from "../../../components/kubeconfig/load.js";

const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Entry = Record<string, unknown>;
const kubeconfig = (more: {
  cluster?: Entry;
  user?: Entry;
  context?: Entry;
  current?: string;
}) => ({
  apiVersion: "v1",
  kind: "Config",
  "current-context": more.current ?? "one",
  clusters: [{ name: "c", cluster: { server: "https://one.example.com:6443/", ...more.cluster } }],
  users: [{ name: "u", user: more.user ?? null }],
  contexts: [{ name: "one", context: more.context ?? { cluster: "c", user: "u" } }],
});
const written = (path: string, config: unknown): string => {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, typeof config === "string" ? config : stringify(config));
  return file;
};
const connection = (more: Parameters<typeof kubeconfig>[0], context?: string) =>
  connectionOf(loadText(stringify(kubeconfig(more))), context);

describe("a kubeconfig", () => {
  test("names a server, without the slash at its end, and an empty user is anonymous", () => {
    const { server, user, context } = connection({});
    expect([context, server]).toEqual(["one", "https://one.example.com:6443"]);
    expect(Object.values(user).filter((value) => value !== undefined)).toEqual([[]]);
  });

  test.each([{ cluster: "c" }, { cluster: "c", user: "gone" }])(
    "with the context %j is anonymous, too",
    (context) => {
      expect(connection({ context, user: { token: "t" } }).user.token).toBeUndefined();
    },
  );

  test("has paths relative to its own folder, and commands from PATH", () => {
    written("here/ca.crt", "CA");
    written("here/token", "T");
    const relative = {
      cluster: { "certificate-authority": "ca.crt" },
      user: { tokenFile: "./token", exec: { command: "bin/login" } },
    };
    const { clusters, users } = loadFile(written("here/config", kubeconfig(relative)));
    expect(clusters.get("c")?.["certificate-authority"]).toBe(join(folder, "here", "ca.crt"));
    expect(users.get("u")?.tokenFile).toBe(join(folder, "here", "token"));
    expect(users.get("u")?.exec?.command).toBe(join(folder, "here", "bin", "login"));
    const fromPath = written("here/path", kubeconfig({ user: { exec: { command: "aws" } } }));
    expect(loadFile(fromPath).users.get("u")?.exec?.command).toBe("aws");
  });

  test("is passed to the provider as text if it has relative paths, otherwise as its path", () => {
    const relative = { cluster: { "certificate-authority": "ca.crt" } };
    const text = forProvider(written("here/relative", kubeconfig(relative)));
    expect(text).toContain(`certificate-authority: ${join(folder, "here", "ca.crt")}`);
    const absolute = written("here/absolute", kubeconfig({ user: { exec: { command: "aws" } } }));
    expect(forProvider(absolute)).toBeUndefined();
  });

  test.each<[string, string | Buffer, Entry]>([
    [
      "YAML 1.1's words for booleans",
      "clusters: [{name: c, cluster: {server: s, insecure-skip-tls-verify: yes}}]",
      { "insecure-skip-tls-verify": true },
    ],
    [
      "merged keys",
      "clusters: [{name: c, cluster: {<<: {proxy-url: 'http://proxy'}, server: s}}]",
      { "proxy-url": "http://proxy", server: "s" },
    ],
    ["only its first document", "clusters: [{name: c, cluster: {server: s}}]\n---\nx", {}],
    [
      "UTF-16, as PowerShell writes it",
      Buffer.from("\ufeffclusters: [{name: c, cluster: {server: s}}]", "utf16le"),
      { server: "s" },
    ],
  ])("is read with %s, as by kubectl", (_, content, expected) => {
    const file = join(folder, "as-kubectl");
    writeFileSync(file, content);
    expect(loadFile(file).clusters.get("c")).toMatchObject(expected);
  });

  test("may give a plugin a variable without a value", () => {
    const env = [{ name: "A" }, { name: "B", value: "b" }];
    const { user } = connection({
      user: { exec: { apiVersion: "client.authentication.k8s.io/v1beta1", command: "a", env } },
    });
    expect(user.exec?.env).toEqual([
      { name: "A", value: "" },
      { name: "B", value: "b" },
    ]);
  });

  const notPem = Buffer.from("s3cret").toString("base64");
  test("has, in the text for the provider, commands and token files relative to its folder", () => {
    const passed = (user: Entry) =>
      loadText(forProvider(written("there/config", kubeconfig({ user }))) ?? "").users.get("u");
    const command = join(folder, "there", "bin", "login");
    expect(passed({ exec: { command: "bin/login", args: ["a/b"] } })?.exec).toMatchObject({
      ...{ command, args: ["a/b"] },
    });
    const tokenFile = join(folder, "there", "token");
    expect(passed({ tokenFile: "./token" })?.tokenFile).toBe(tokenFile);
    // From PATH, also where another path makes it a text.
    const both = passed({ tokenFile: "token", exec: { command: "aws" } });
    expect([both?.tokenFile, both?.exec?.command]).toEqual([tokenFile, "aws"]);
  });

  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "aws" };
  test.each<[Parameters<typeof kubeconfig>[0], RegExp]>([
    [{ current: "" }, /no current context\. Its contexts: one/],
    [{ current: "two" }, /no context two\. Its contexts: one/],
    [{ context: { cluster: "gone" } }, /context one names cluster gone, which it lacks/],
    [{ context: {} }, /context one names no cluster/],
    [{ cluster: { server: null } }, /cluster c has no server/],
    [{ cluster: { "proxy-url": "ftp://proxy" } }, /proxy-url that is not http/],
    [{ cluster: { "certificate-authority": "/gone" } }, /\/gone, which can't be read \(ENOENT\)/],
    [
      { cluster: { "certificate-authority-data": "eA==", "insecure-skip-tls-verify": true } },
      /both a certificate authority and insecure-skip-tls-verify/,
    ],
    [{ user: { "as-groups": ["system:masters"] } }, /user u has as-uid, as-groups .* without as/],
    [{ user: { token: "s3cret", username: "me" } }, /user u has both a token and a password/],
    [{ user: { "client-certificate-data": "eA==" } }, /client certificate without a key/],
    [{ cluster: { server: "https://<host>:6443" } }, /cluster c has a server that is not a URL/],
    [{ cluster: { server: "https://one:99999" } }, /cluster c has a server that is not a URL/],
    [
      { cluster: { "certificate-authority-data": notPem } },
      /certificate-authority-data that is no certificate in base64$/,
    ],
    [
      { cluster: { "certificate-authority-data": "DATA+OMITTED" } },
      /no certificate in base64; `kubectl config view` leaves credentials out .* --raw$/,
    ],
    [
      { user: { "client-certificate-data": notPem, "client-key-data": notPem } },
      /user u has client-certificate-data that is no certificate/,
    ],
    [
      { user: { token: "REDACTED" } },
      /user u has the token REDACTED; `kubectl config view` .*--raw/,
    ],
    [{ user: { token: "one\ntwo" } }, /user u has a token of several lines/],
    [{ user: { tokenFile: "/gone" } }, /tokenFile \/gone, which can't be read/],
    [{ user: { exec: { ...exec, command: "" } } }, /exec without a command/],
    [
      { user: { exec } },
      /without interactiveMode, which client\.authentication\.k8s\.io\/v1 requires/,
    ],
    [{ user: { exec: { ...exec, interactiveMode: "Always" } } }, /Always, which needs a terminal/],
    [{ user: { exec: { command: "x", apiVersion: "v1alpha1" } } }, /kubectl supports .*v1beta1/],
  ])("with %j is refused", (more, words) => {
    expect(() => connection(more)).toThrow(words);
  });

  test.each<[string, string, RegExp]>([
    [
      "a number as a token",
      "users: [{name: u, user: {token: 12345}}]",
      /^users\[0\]\.user\.token is not a string$/,
    ],
    ["a list as a file", "- s3cret", /^it is not a YAML mapping$/],
    ["another kind", "kind: Secret", /^kind is not /],
    ["one name twice", "users: [{name: u}, {name: u}]", /^users has two entries u$/],
  ])("with %s is refused without repeating it", (_, text, words) => {
    const message = (() => {
      try {
        loadText(text);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    })();
    expect(message).toMatch(words);
    expect(message).not.toMatch(/12345|s3cret/);
  });
});

describe("several files in KUBECONFIG", () => {
  const first = written("first", {
    contexts: [{ name: "a", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user: { token: "first" } }],
  });
  const second = written("second", {
    ...kubeconfig({ user: { token: "second", username: "x" }, current: "a" }),
    contexts: [{ name: "a", context: { cluster: "other" } }],
  });
  const third = written("third", { "current-context": "b" });
  const load = (...files: string[]) =>
    loadDefault({ KUBECONFIG: files.join(delimiter) }, join(folder, "home"));

  test("are merged: the first entry of each name and the first current context are used", () => {
    const config = load(first, "", join(folder, "gone"), second, third, first);
    const { context, server, user } = connectionOf(config);
    expect([context, server, user.token]).toEqual(["a", "https://one.example.com:6443", "first"]);
    expect(user.username).toBeUndefined();
    expect(load(third, second).currentContext).toBe("b");
  });

  test("may all be missing or empty, as may the one in the home folder", () => {
    for (const config of [load(join(folder, "gone")), load(written("empty", ""))]) {
      expect(config.contexts.size).toBe(0);
    }
    expect(loadDefault({}, join(folder, "home")).contexts.size).toBe(0);
    written("home/.kube/config", kubeconfig({}));
    expect(loadDefault({}, join(folder, "home")).contexts.size).toBe(1);
  });

  test("are refused with the name of the invalid one", () => {
    const broken = written("broken", "users: [");
    expect(() => load(first, broken)).toThrow(
      `${broken} is not a valid kubeconfig: invalid YAML at line 1, column 9`,
    );
    expect(() => load(folder)).toThrow(`${folder} can't be read (EISDIR)`);
  });
});
