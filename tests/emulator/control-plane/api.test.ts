import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { Api, ApiError, follow, type KubeObject } from "../../../emulator/control-plane/api.js";
import { ensureCertificates } from "../../../emulator/control-plane/certificates.js";

type Answer = (answer: ServerResponse) => void;

let folder: string;
let server: Server;
let api: Api;
/** The responses to the next watches; a watch without one stays open. */
let watches: Answer[];

const status = (code: number, message: string): Answer => {
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", message, code };
  return (answer) => answer.writeHead(code).end(`${JSON.stringify(body)}\n`);
};
const text =
  (code: number, body: string): Answer =>
  (answer) =>
    answer.writeHead(code).end(body);
const open: Answer = (answer) => void answer.writeHead(200).write("");

const pod = (name: string): KubeObject => ({ metadata: { name, uid: name } });
const added = (name: string) => `${JSON.stringify({ type: "ADDED", object: pod(name) })}\n`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "api-"));
  const { ca, apiserver, admin } = await ensureCertificates(folder);
  const pair = { cert: readFileSync(apiserver.certificate), key: readFileSync(apiserver.key) };
  server = createServer(pair, ({ url }, answer) => {
    if (url?.includes("watch=true")) return (watches.shift() ?? open)(answer);
    const list = { metadata: { resourceVersion: "1" }, items: [pod("first")] };
    answer.end(JSON.stringify(list));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  api = new Api(`https://127.0.0.1:${port}`, ca, admin);
});

afterEach(() => {
  api.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

describe("a watch", () => {
  const rejections: [what: string, answer: Answer, code: number, message: string][] = [
    ["by a busy server", status(429, "too many requests"), 429, "too many"],
    ["by a starting server", status(503, "not yet"), 503, "not yet"],
    ["in plain text", text(500, "no endpoints available\n"), 500, "no endpoints"],
  ];
  test.each(rejections)(
    "rejected %s ends with the server's message",
    async (_, answer, code, message) => {
      watches = [answer];
      const watch = api.stream(new URL("/pods?watch=true", api.server), neverEnds(), () => true);
      const error = await watch.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status: code, message: expect.stringContaining(message) });
    },
  );

  test("ends with an error at an invalid line", async () => {
    watches = [(answer) => void answer.writeHead(200).write(`${added("second")}{"type":\n`)];
    const lines: unknown[] = [];
    const watch = api.stream(new URL("/pods?watch=true", api.server), neverEnds(), (line) => {
      lines.push(line);
      return true;
    });
    await expect(watch).rejects.toThrow(SyntaxError);
    expect(lines).toHaveLength(1);
  });

  test("starts again after every kind of error", async () => {
    watches = [
      status(429, "too many requests"),
      text(500, "no endpoints available\n"),
      text(200, "nonsense\n"),
      text(200, '{"kind":"Status"}\n'),
      (answer) => void answer.writeHead(200).write(added("second")),
    ];
    const abort = new AbortController();
    const names = await new Promise<string[]>((resolve) => {
      void follow(api, "/pods", abort.signal, (pods) => {
        if (pods.length > 1) resolve(pods.map(({ metadata }) => metadata.name));
      });
    });
    abort.abort();
    expect(names).toEqual(["first", "second"]);
    expect(watches).toEqual([]);
  });
});

test("a call fails when the response is invalid JSON", async () => {
  watches = [text(200, "{no")];
  await expect(api.call("/pods?watch=true")).rejects.toThrow(SyntaxError);
});

const neverEnds = () => new AbortController().signal;
