import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

import { fetchUrl } from "../../../components/http/fetch.js";
import { fetchObjects } from "../../../components/mesh/download.js";
import { GatewayApiError } from "../../../components/mesh/gateway-api-bundle.js";
import { hasCredentials, withoutCredentials } from "../../../components/resources/credentials.js";
import { parseSettings } from "../../../components/settings/settings.js";
import { sourceRows } from "../../../tools/doctor/sources.js";

const withThem = "https://user:s3cret@charts.example.com/istio";

describe("credentials in a URL", () => {
  test.each([
    [withThem, "https://[secret]@charts.example.com/istio"],
    ["oci://token@registry.example.com/charts", "oci://[secret]@registry.example.com/charts"],
    [
      `can't read "${withThem}/index.yaml": no`,
      /^can't read "https:\/\/\[secret\]@charts[^:]*: no$/,
    ],
    ["https://user:p@ss@charts.example.com/istio", "https://[secret]@charts.example.com/istio"],
    ['"https://user:s3cr t@charts.example.com"', '"https://[secret]@charts.example.com"'],
    ["https://user:s3/cr@t@charts.example.com/istio", "https://[secret]@charts.example.com/istio"],
    ["https://user:s3cr@t/x@charts.example.com", "https://[secret]@charts.example.com"],
    ["https://user:s3?c#r/t@charts.example.com", "https://[secret]@charts.example.com"],
    ["https://user:s3 c/r t@charts.example.com", "https://[secret]@charts.example.com"],
    [
      '{"url":"https://user:s3 c/t@charts.example.com"}',
      '{"url":"https://[secret]@charts.example.com"}',
    ],
    [
      "https://a.example/x,https://user:s3/t@b.example",
      "https://a.example/x,https://[secret]@b.example",
    ],
    [
      `no: https://user:s3/t@b.example/y and ${withThem}`,
      `no: https://[secret]@b.example/y and https://[secret]@charts.example.com/istio`,
    ],
  ])("are masked in %s", (text, shown) => {
    expect(hasCredentials(text)).toBe(true);
    expect(withoutCredentials(text)).toEqual(
      shown instanceof RegExp ? expect.stringMatching(shown) : shown,
    );
  });

  const imageDigest = `@sha256:${"0".repeat(64)}`;
  test.each([
    "https://charts.example.com/istio",
    "/srv/charts@1",
    "https://example.com/a?b=c@d",
    "https://example.com/a@b",
    "https://example.com:443/a: no answer from b@c",
    "https://[2001:db8::1]/a@b",
    `oci://registry.example.com:5000/istio/base${imageDigest}`,
    `https://example.com/x.yaml#sha256=${"0".repeat(64)}`,
  ])("are not found in %s", (text) => {
    expect(hasCredentials(text)).toBe(false);
    expect(withoutCredentials(text)).toBe(text);
  });

  test("may be what looks like a port and a path, which is not shown", () => {
    const url = "https://user:12/s3cret@charts.example.com";
    expect(withoutCredentials(url)).toBe("https://[secret]@charts.example.com");
    expect(hasCredentials(url)).toBe(false);
  });

  test("with a slash are not shown by the request that they make invalid", async () => {
    const loading = fetchObjects("https://user:s3/cret@charts.example.com/x.yaml");
    await expect(loading).rejects.toThrow(/can't download https:..\[secret\]@charts/);
    await expect(loading).rejects.not.toThrow(/s3|cret@/);
  });

  test("are in no message about the configuration or a bundle", () => {
    const raw = { cluster: "existing", mesh: { chartRepository: { url: withThem } } };
    expect(() => parseSettings(raw)).toThrow(/\[secret\]@charts/);
    expect(new GatewayApiError(`at ${withThem}`).message).not.toContain("s3cret");
  });
});

describe("a server that asks for credentials", () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    const expected = `Basic ${Buffer.from("user:s3cr t").toString("base64")}`;
    server = createServer(({ headers }, response) => {
      response.statusCode = headers.authorization === expected ? 200 : 401;
      response.end('entries: { base: [{ }] }\nversion: "1.31.1"\n');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test("gets those of the URL, which its error does not repeat", async () => {
    expect((await fetchUrl(`http://user:s3cr%20t@${url}/`, {}, {})).status).toBe(200);
    expect((await fetchUrl(`http://${url}/`, {}, {})).status).toBe(401);
    await expect(fetchObjects(`http://user:wrong@${url}/`)).rejects.toThrow(
      /\[secret\]@.*HTTP 401/,
    );
  });

  test("is checked by doctor, which does not show them", async () => {
    const row = async (chartRepository: string) => {
      const mesh = { chartRepository, gatewayApi: "existing" };
      return JSON.stringify(await sourceRows(parseSettings({ cluster: "existing", mesh })));
    };
    expect(await row(`http://user:s3cr%20t@${url}`)).toMatch(
      /"ok".*1\.31\.1 in http:..\[secret\]@/,
    );
    expect(await row(`http://user:wrong@${url}`)).toMatch(/\[secret\]@.*answers 401/);
  });
});
