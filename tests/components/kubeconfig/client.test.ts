import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createProxy, type Server as Proxy } from "node:http";
import { createServer, get, type RequestOptions, type Server } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { stringify } from "yaml";

import { KubeClient } from "../../../components/kubeconfig/client.js";
import { connectTo } from "../../../components/kubeconfig/connect.js";
import {
  ensureCertificates,
  type Certificates,
} from "../../../emulator/control-plane/certificates.js";
import { clusterTime } from "../../../tools/expire/clock.js";
import { Access } from "../../../tools/verify/cluster/access.js";

const folder = mkdtempSync(join(tmpdir(), "kube-client-"));
const sockets = new Set<Socket>();
let certificates: Certificates;
let server: Server;
let proxy: Proxy;
/** Headers of all requests so far, with repeated names. */
let asked: Record<string, string[]>[] = [];
let tunneled: string[] = [];
let status = 200;
/** Common names of the clients' certificates. */
const subjects: unknown[] = [];

beforeAll(async () => {
  certificates = await ensureCertificates(folder);
  const { certificate, key } = certificates.apiserver;
  const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
  server = createServer(
    { ...pair, requestCert: true, rejectUnauthorized: false },
    (request, to) => {
      subjects.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN);
      asked.push(request.headersDistinct as Record<string, string[]>);
      to.writeHead(status, { "content-type": "application/json" }).end(`{"port":"${request.url}"}`);
    },
  );
  proxy = createProxy().on("connect", (request, client: Socket) => {
    tunneled.push(request.url ?? "");
    const to = connect(portOf(server), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      to.pipe(client).pipe(to);
    });
    sockets.add(client).add(to);
  });
  for (const each of [server, proxy]) {
    each.on("connection", (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => each.listen(0, "127.0.0.1", resolve));
  }
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const each of [server, proxy]) await new Promise((resolve) => each.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  tunneled = [];
  status = 200;
});
const portOf = (each: Server | Proxy) => (each.address() as AddressInfo).port;

type Entry = Record<string, unknown>;
function client(user: Entry, cluster: Entry = {}): KubeClient {
  const file = join(folder, `config-${Math.random()}`);
  const ca = { "certificate-authority": certificates.ca };
  const text = stringify({
    "current-context": "one",
    clusters: [
      { name: "c", cluster: { server: `https://127.0.0.1:${portOf(server)}`, ...ca, ...cluster } },
    ],
    users: [{ name: "u", user }],
    contexts: [{ name: "one", context: { cluster: "c", user: "u" } }],
  });
  writeFileSync(file, text);
  return new KubeClient(connectTo({ kubeconfig: file }));
}
const path = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** Creates a credential plugin that records its runs; returns its path relative to the kubeconfigs. */
function plugin(name: string, script: string): Entry {
  chmodSync(
    path(name, `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> '${folder}/${name}.runs'\n${script}`),
    0o755,
  );
  const apiVersion = "client.authentication.k8s.io/v1";
  return { exec: { apiVersion, command: `./${name}`, interactiveMode: "Never" } };
}
const credential = (status: Entry) =>
  `echo '${JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status })}'`;
const runs = (name: string) =>
  readFileSync(join(folder, `${name}.runs`), "utf8")
    .trim()
    .split("\n");

describe("a request is sent", () => {
  test("as the impersonated user with every group, uid and extra", async () => {
    const as = { as: "deployer", "as-uid": "7", "as-groups": ["dev", "system:masters"] };
    const extra = { "as-user-extra": { "example.com/team": ["a", "b"] } };
    await client({ token: "t", ...as, ...extra }).request("/version");
    expect(asked).toEqual([
      expect.objectContaining({
        authorization: ["Bearer t"],
        "impersonate-user": ["deployer"],
        "impersonate-uid": ["7"],
        "impersonate-group": ["dev", "system:masters"],
        "impersonate-extra-example.com%2fteam": ["a", "b"],
      }),
    ]);
  });

  test("with the token's file as it is now", async () => {
    const file = path("token", "first\n");
    const one = client({ tokenFile: "token" });
    await one.request("/version");
    writeFileSync(file, "second\n");
    await one.request("/version");
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      ["Bearer first"],
      ["Bearer second"],
    ]);
  });

  test("without a credential for an empty user, and with a password for one that has it", async () => {
    await client({}).request("/version");
    await client({ username: "me", password: "s3cret" }).request("/version");
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      undefined,
      [`Basic ${Buffer.from("me:s3cret").toString("base64")}`],
    ]);
  });

  test("with the token of a plugin beside the kubeconfig, which runs once", async () => {
    const one = client(plugin("login", credential({ token: "made" })));
    await Promise.all([one.request("/a"), one.request("/b")]);
    await one.request("/c");
    expect(asked.map(({ authorization }) => authorization)).toEqual(Array(3).fill(["Bearer made"]));
    expect(runs("login")).toHaveLength(1);
  });

  test("again with a new credential of the plugin if the API server rejects its token", async () => {
    status = 401;
    expect((await client(plugin("old", credential({ token: "t" }))).request("/a")).status).toBe(
      401,
    );
    expect(runs("old")).toHaveLength(2);
  });

  test("with the cluster's data for a plugin that asks for it", async () => {
    const { exec } = plugin("asks", credential({ token: "t" })) as { exec: Entry };
    const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { id: "x" } }];
    await client({ exec: { ...exec, provideClusterInfo: true } }, { extensions }).request("/a");
    const authority = readFileSync(certificates.ca).toString("base64");
    expect(JSON.parse(runs("asks")[0] ?? "")).toMatchObject({
      spec: { cluster: { "certificate-authority-data": authority } },
    });
    expect(JSON.parse(runs("asks")[0] ?? "")).toMatchObject({
      spec: { interactive: false, cluster: { server: /https/, config: { id: "x" } } },
    });
  });

  test.each([
    ["fails", "echo 'log in first' >&2; exit 1", /\/fails\) failed: log in first/],
    ["empty", credential({}), /\/empty\) returned neither a token nor a certificate/],
    ["text", "echo hello", /\/text\) did not return an ExecCredential/],
  ])("not at all if the plugin %s", async (name, script, words) => {
    await expect(client(plugin(name, script)).request("/a")).rejects.toThrow(words);
    expect(asked).toEqual([]);
  });

  test("through the cluster's proxy-url", async () => {
    const to = {
      server: "https://kubernetes.default.svc",
      "proxy-url": `http://127.0.0.1:${portOf(proxy)}`,
    };
    expect(await client({}, to).get("/version")).toEqual({ port: "/version" });
    expect(tunneled).toEqual(["kubernetes.default.svc:443"]);
  });

  test("for exec and a port-forward too: as the impersonated user, with the credential, through the proxy", async () => {
    const user = { token: "t", as: "deployer", "as-groups": ["dev", "system:masters"] };
    const to = {
      server: "https://kubernetes.default.svc",
      "proxy-url": `http://127.0.0.1:${portOf(proxy)}`,
    };
    const config = await new Access(client(user, to).connection).forExec();
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const url = `${config.getCurrentCluster()?.server}/exec`;
    await new Promise<void>((resolve, reject) => {
      get(url, options, (answer) => answer.resume().once("end", resolve)).once("error", reject);
    });
    expect(options).toMatchObject({ handshakeTimeout: 10_000 });
    expect(tunneled).toEqual(["kubernetes.default.svc:443"]);
    expect(asked).toEqual([
      expect.objectContaining({
        authorization: ["Bearer t"],
        "impersonate-user": ["deployer"],
        "impersonate-group": ["dev", "system:masters"],
      }),
    ]);
  });

  test("for the time, which expire compares with its clock, through the proxy-url too", async () => {
    const cluster = {
      server: "https://kubernetes.default.svc",
      "proxy-url": `http://127.0.0.1:${portOf(proxy)}`,
    };
    const kubeconfig = stringify({
      "current-context": "one",
      clusters: [{ name: "c", cluster }],
      contexts: [{ name: "one", context: { cluster: "c", user: "u" } }],
    });
    const time = await clusterTime("dev", <T>() => Promise.resolve({ kubeconfig } as T));
    expect(Math.abs((time ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(tunneled).toEqual(["kubernetes.default.svc:443"]);
  });

  test("through the environment's proxy", async () => {
    const { HTTPS_PROXY, NO_PROXY } = process.env;
    process.env["HTTPS_PROXY"] = `http://127.0.0.1:${portOf(proxy)}`;
    try {
      await client({}, { server: "https://kubernetes.default.svc" }).request("/version");
    } finally {
      Object.assign(process.env, { HTTPS_PROXY, NO_PROXY });
      if (HTTPS_PROXY === undefined) delete process.env["HTTPS_PROXY"];
      if (NO_PROXY === undefined) delete process.env["NO_PROXY"];
    }
    expect(tunneled).toEqual(["kubernetes.default.svc:443"]);
  });
});

describe("the API server", () => {
  test("is checked against tls-server-name", async () => {
    const name = (text: string) => client({}, { "tls-server-name": text }).request("/version");
    expect((await name("kubernetes.default.svc")).status).toBe(200);
    await expect(name("other.example.com")).rejects.toThrow(/altnames|does not match/i);
  });

  test("is checked against the system's authorities where the kubeconfig names none", async () => {
    const { SSL_CERT_FILE } = process.env;
    process.env["SSL_CERT_FILE"] = certificates.ca;
    try {
      const one = client({}, { "certificate-authority": null });
      expect((await one.request("/version")).status).toBe(200);
    } finally {
      if (SSL_CERT_FILE === undefined) delete process.env["SSL_CERT_FILE"];
      else process.env["SSL_CERT_FILE"] = SSL_CERT_FILE;
    }
  });

  test("gets the client's certificate", async () => {
    const { certificate, key } = certificates.admin;
    const pair = { "client-certificate": certificate, "client-key": key };
    await client(pair).request("/version");
    expect(subjects.at(-1)).toBe("kubernetes-admin");
  });

  test("gets the client's certificate of a user who has a plugin too, which is not asked", async () => {
    const { certificate, key } = certificates.kubeletClient;
    const own = { "client-certificate": certificate, "client-key": key };
    const before = subjects.length;
    await client({ ...own, ...plugin("unasked", credential({ token: "t" })) }).request("/a");
    expect(subjects.slice(before)).toEqual([expect.any(String)]);
    expect(asked.at(-1)?.["authorization"]).toBeUndefined();
    expect(existsSync(join(folder, "unasked.runs"))).toBe(false);
  });

  test("says that the client's certificate and key do not belong together", async () => {
    const { admin, kubeletClient } = certificates;
    const pair = { "client-certificate": admin.certificate, "client-key": kubeletClient.key };
    await expect(client(pair).request("/version")).rejects.toThrow(
      "the kubeconfig's client certificate and key do not belong together",
    );
  });

  test("is not checked with insecure-skip-tls-verify, else against the certificate authority", async () => {
    const without = { "certificate-authority": null };
    await expect(client({}, without).request("/version")).rejects.toThrow(/self-signed|verify/);
    const insecure = { ...without, "insecure-skip-tls-verify": true };
    expect((await client({}, insecure).request("/version")).status).toBe(200);
  });
});
