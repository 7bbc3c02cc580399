import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import {
  apiServerOf,
  waitForApiServer,
  whyUnanswered,
  pollUntilAnswered,
} from "../../../components/oke/api-server.js";
import { record } from "../../../tools/plan/recording/record.js";
import {
  ensureCertificates,
  kubeconfig,
  type Certificates,
} from "../../../emulator/control-plane/certificates.js";

const folder = mkdtempSync(join(tmpdir(), "api-server-"));
let certificates: Certificates;
let server: Server;
let url: string;

beforeAll(async () => {
  certificates = await ensureCertificates(folder);
  const { certificate, key } = certificates.apiserver;
  // Like OKE's, it refuses requests without a token.
  server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (_, response) => response.writeHead(401).end(),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

describe("an API server", () => {
  const ca = () => readFileSync(certificates.ca, "utf8");

  test("is that of a kubeconfig's first cluster", () => {
    expect(apiServerOf(kubeconfig(url, certificates.ca, certificates.admin))).toEqual({
      server: url,
      ca: ca(),
    });
    expect(apiServerOf("users: []")).toBeUndefined();
  });

  test("answers even if it refuses the request", async () => {
    expect(await whyUnanswered({ server: url, ca: ca() })).toBeUndefined();
  });

  test.each([
    ["is another one", undefined, /self-signed|unable to verify/],
    ["is none", "CA", /./],
  ])("does not answer if the CA %s", async (_, other, why) => {
    expect(await whyUnanswered({ server: url, ca: other })).toMatch(why);
  });

  test("does not answer if nothing listens, or the listener is silent", async () => {
    const mute = createTcpServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const at = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    expect(await whyUnanswered({ server: at, ca: ca() }, 50)).toBe("no answer in 0.05 s");
    await new Promise((resolve) => mute.close(resolve));
    expect(await whyUnanswered({ server: at, ca: ca() })).toContain("ECONNREFUSED");
  });
});

describe("waiting for the API server", () => {
  const reports: string[] = [];
  const report = (why: string) => void reports.push(why);

  test("takes one request if it answers immediately", async () => {
    let asked = 0;
    const ask = () => Promise.resolve(void asked++);
    expect(await pollUntilAnswered(ask, { report })).toBeUndefined();
    expect([asked, reports]).toEqual([1, []]);
  });

  test("polls until it answers, and reports from time to time", async () => {
    const answers = [...Array.from({ length: 12 }, () => "refused"), undefined];
    const times = { interval: 10, reportEvery: 40, limit: 5_000 };
    expect(
      await pollUntilAnswered(() => Promise.resolve(answers.shift()), { report, ...times }),
    ).toBeUndefined();
    expect(answers).toEqual([]);
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.length).toBeLessThan(5);
  });

  test("times out with the last reason when the API server never answers", async () => {
    const ask = () => Promise.resolve("refused");
    expect(
      await pollUntilAnswered(ask, { report, interval: 5, reportEvery: 1_000, limit: 20 }),
    ).toBe("refused");
  });

  test.each([true, false])("is skipped without an engine (preview: %s)", async (preview) => {
    const text = kubeconfig("https://127.0.0.1:1", certificates.ca, certificates.admin);
    const { outputs, messages } = await record(
      {},
      { preview, program: async () => ({ text: waitForApiServer(pulumi.output(text)) }) },
    );
    expect([outputs["text"], messages]).toEqual([text, []]);
  });
});
