import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createHttpsServer, get } from "node:https";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";

import { fetchUrl } from "../../../components/http/fetch.js";
import { proxyFor } from "../../../components/http/proxy.js";
import { agentFor } from "../../../components/http/tunnel.js";
import { ensureCertificates } from "../../../emulator/control-plane/certificates.js";

describe("the proxy of a request", () => {
  const proxy = "http://proxy.corp:3128";
  const of = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href;

  test.each<[string, string, Record<string, string>]>([
    ["https://charts.example.com", "http://proxy.corp:3128/", { HTTPS_PROXY: proxy }],
    ["http://charts.example.com", "http://proxy.corp:3128/", { http_proxy: proxy }],
    ["https://a.example.com", "http://proxy.corp:3128/", { HTTPS_PROXY: "proxy.corp:3128" }],
    ["https://a.example.com", "socks5://proxy.corp", { https_proxy: "socks5://proxy.corp" }],
    [
      "https://10.1.2.3",
      "http://proxy.corp:3128/",
      { HTTPS_PROXY: proxy, NO_PROXY: "10.2.0.0/16" },
    ],
    [
      "https://notexample.com",
      "http://proxy.corp:3128/",
      { HTTPS_PROXY: proxy, NO_PROXY: "example.com" },
    ],
    [
      "https://example.com",
      "http://proxy.corp:3128/",
      { HTTPS_PROXY: proxy, NO_PROXY: ".example.com" },
    ],
    [
      "https://example.com",
      "http://proxy.corp:3128/",
      { HTTPS_PROXY: proxy, NO_PROXY: "example.com:8443" },
    ],
  ])("of %s is %s", (url, expected, env) => {
    expect(of(url, env)).toBe(expected);
  });

  test.each<[string, Record<string, string>]>([
    ["https://charts.example.com", {}],
    ["https://charts.example.com", { HTTP_PROXY: proxy }],
    ["https://localhost:6443", { HTTPS_PROXY: proxy }],
    ["https://127.0.0.1:6443", { HTTPS_PROXY: proxy }],
    ["https://[::1]:6443", { HTTPS_PROXY: proxy }],
    ["https://a.example.com", { HTTPS_PROXY: proxy, NO_PROXY: "*" }],
    ["https://a.example.com", { HTTPS_PROXY: proxy, no_proxy: "other, Example.com" }],
    ["https://a.example.com", { HTTPS_PROXY: proxy, NO_PROXY: "*.example.com" }],
    ["https://a.example.com:8443", { HTTPS_PROXY: proxy, NO_PROXY: "example.com:8443" }],
    ["https://10.1.2.3:6443", { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8" }],
    ["https://10.1.2.3:6443", { HTTPS_PROXY: proxy, NO_PROXY: "10.1.2.3:6443" }],
    ["https://[fd00::1]:6443", { HTTPS_PROXY: proxy, NO_PROXY: "[fd00::1]:6443,fd01::/16" }],
  ])("of %s is none with %j", (url, env) => {
    expect(of(url, env)).toBeUndefined();
  });
});

describe("through a proxy", () => {
  const folder = mkdtempSync(join(tmpdir(), "proxy-"));
  const asked: string[] = [];
  const open = new Set<Socket>();
  let ca: string;
  let secure: ReturnType<typeof createHttpsServer>;
  let plain: Server;
  let proxy: Server;
  let socks: ReturnType<typeof createTcpServer>;
  let refuses = false;
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  const listening = (server: Server | ReturnType<typeof createTcpServer>) =>
    new Promise<void>((resolve) => {
      server.on("connection", (socket: Socket) => open.add(socket));
      server.listen(0, "127.0.0.1", resolve);
    });
  const note = (what: string, { headers }: IncomingMessage) =>
    asked.push(`${what} ${headers["proxy-authorization"] ?? headers.authorization ?? "-"}`);

  beforeAll(async () => {
    const certificates = await ensureCertificates(folder);
    ca = readFileSync(certificates.ca, "utf8");
    const { certificate, key } = certificates.apiserver;
    const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
    secure = createHttpsServer(pair, (_, response) => response.end("secure"));
    plain = createHttpServer();
    proxy = createHttpServer((request, response) => {
      note(`${request.method} ${request.url}`, request);
      if (request.url?.endsWith("/moved")) {
        response.writeHead(302, { location: "http://other.example.com/new" }).end();
      } else response.writeHead(200, { "x-from": "proxy" }).end("plain");
    });
    proxy.on("connect", (request, client: Socket) => {
      note(`CONNECT ${request.url}`, request);
      if (refuses) return client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      const server = connect(portOf(secure), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        server.pipe(client).pipe(server);
      });
      open.add(client).add(server);
    });
    socks = createTcpServer((client) => {
      client.once("data", () => {
        client.write(Buffer.from([5, 0]));
        client.once("data", (request: Buffer) => {
          const length = request[4] ?? 0;
          asked.push(`SOCKS ${request.subarray(5, 5 + length).toString()}`);
          const server = connect(portOf(secure), "127.0.0.1", () => {
            client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            server.pipe(client).pipe(server);
          });
          open.add(server);
        });
      });
    });
    await Promise.all([secure, plain, proxy, socks].map(listening));
  });
  afterAll(async () => {
    for (const socket of open) socket.destroy();
    await Promise.all(
      [secure, plain, proxy, socks].map((each) => new Promise((resolve) => each.close(resolve))),
    );
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    asked.length = 0;
    refuses = false;
  });

  const through = (at: string) =>
    new Promise<string>((resolve, reject) => {
      const url = new URL("https://kubernetes.default.svc:6443/version");
      const agent = agentFor(url, new URL(at), { ca, keepAlive: false });
      get(url, { agent }, (response) => response.on("data", (part) => resolve(String(part)))).on(
        "error",
        reject,
      );
    });

  test("a TLS connection is tunneled and checked against the server's own name", async () => {
    expect(await through(`http://me:p%40ss@127.0.0.1:${portOf(proxy)}`)).toBe("secure");
    const credentials = Buffer.from("me:p@ss").toString("base64");
    expect(asked).toEqual([`CONNECT kubernetes.default.svc:6443 Basic ${credentials}`]);
  });

  test("a SOCKS proxy resolves the server's name", async () => {
    expect(await through(`socks5://127.0.0.1:${portOf(socks)}`)).toBe("secure");
    expect(asked).toEqual(["SOCKS kubernetes.default.svc"]);
  });

  test("a refusal names the proxy and not its credentials", async () => {
    refuses = true;
    const error = await through(`http://me:s3cret@127.0.0.1:${portOf(proxy)}`).catch(String);
    expect(error).toContain(
      `proxy http://127.0.0.1:${portOf(proxy)}: 407 Proxy Authentication Required for kubernetes.default.svc:6443`,
    );
    expect(error).not.toContain("s3cret");
  });

  test("a download follows redirects without the first server's credentials", async () => {
    const env = { HTTP_PROXY: `http://127.0.0.1:${portOf(proxy)}` };
    const response = await fetchUrl("http://me:s3cret@charts.example.com/moved", {}, env);
    expect([response.status, await response.text()]).toEqual([200, "plain"]);
    expect(response.headers.get("x-from")).toBe("proxy");
    expect(asked).toEqual([
      `GET http://charts.example.com/moved Basic ${Buffer.from("me:s3cret").toString("base64")}`,
      "GET http://other.example.com/new -",
    ]);
  });

  test("a download that no proxy carries fails as any download", async () => {
    const env = { HTTPS_PROXY: "http://127.0.0.1:1" };
    const failure = await fetchUrl("https://charts.example.com/index.yaml", {}, env).catch(
      (error: Error) => `${error.message}: ${(error.cause as Error).message}`,
    );
    expect(failure).toMatch(/^fetch failed: proxy http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});
