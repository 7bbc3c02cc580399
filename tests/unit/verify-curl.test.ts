import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";

import {
  parseResponses,
  parseReviews,
  requestsCommand,
  reviewsCommand,
} from "../../verify/checks/curl.js";

// The shell's half of the probes, with a `curl` that plays: the scripts run in any `sh`.
const bin = mkdtempSync(join(tmpdir(), "verify-curl-"));
afterAll(() => rmSync(bin, { recursive: true }));

function run([file = "", ...args]: string[], curl: string): string {
  writeFileSync(join(bin, "curl"), `#!/bin/sh\n${curl}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  return execFileSync(file, args, { env, encoding: "utf8" });
}
const get = { method: "GET", url: "http://a/" } as const;
const remove = { method: "DELETE", url: "http://b/page" } as const;

describe("requests", () => {
  test("are one curl each, as often as asked, with method, URL and a time limit", () => {
    const stdout = run(requestsCommand([get, remove], 2), `printf '%s' "$*"; printf '\\037200'`);
    const responses = parseResponses(stdout, 2);
    expect(responses.map(({ length }) => length)).toEqual([2, 2]);
    expect(responses[0]?.[0]).toMatchObject({ exit: 0, status: 200 });
    expect(responses[0]?.[0]?.body).toMatch(/^-sS -m 5 .* -X GET http:\/\/a\/$/);
    expect(responses[1]?.[1]?.body).toMatch(/ -X DELETE http:\/\/b\/page$/);
  });

  test("keep curl's exit status and its words, wherever they stand beside the status", () => {
    const early = `echo 'curl: (56) reset' >&2; printf '\\037000'; exit 56`;
    const late = `printf '\\037000'; echo 'curl: (56) reset' >&2; exit 56`;
    for (const curl of [early, late]) {
      expect(parseResponses(run(requestsCommand([get], 1), curl), 1)).toEqual([
        [{ exit: 56, status: 0, body: "curl: (56) reset" }],
      ]);
    }
  });

  test("keep a body of several lines whole", () => {
    const curl = `printf '<html>\\n\\n"$x" %%s \\\\n</html>\\n'; printf '\\037200'`;
    const [[response] = []] = parseResponses(run(requestsCommand([get], 1), curl), 1);
    expect(response?.body).toBe('<html>\n\n"$x" %s \\n</html>');
  });

  test("that hang once are not repeated", () => {
    const stdout = run(requestsCommand([get, remove], 3), `printf '\\037000'; exit 28`);
    expect(parseResponses(stdout, 2).map(({ length }) => length)).toEqual([1, 1]);
  });

  test("of which nothing came back have no response", () => {
    expect(parseResponses("", 2)).toEqual([[], []]);
    expect(parseResponses("0\u001fhalf an ans", 1)).toEqual([[]]);
  });
});

describe("the sample of reviews", () => {
  const sample = (times: number, curl: string, seconds = 60) =>
    parseReviews(run(reviewsCommand("http://a/", times, seconds), curl));

  test("sends exactly as many requests as asked, whatever the number", () => {
    for (const times of [1, 10, 21]) {
      expect(sample(times, "echo '<u>reviews-v1-5bb</u>'").v1).toBe(times);
    }
  });

  test.each([
    ["reviews-v1-a", { v1: 4, v2: 0, v3: 0, none: 0 }],
    ["reviews-v2-a", { v1: 0, v2: 4, v3: 0, none: 0 }],
    ["reviews-v3-a", { v1: 0, v2: 0, v3: 4, none: 0 }],
  ])("counts a page with %s", (page, counts) => {
    expect(sample(4, `echo '<p>${page}</p>'`)).toMatchObject(counts);
  });

  test("counts what has no reviews, and gives an example of it", () => {
    const curl = "printf 'Sorry, product\\n  reviews are currently unavailable'";
    expect(sample(4, curl)).toEqual({
      v1: 0,
      v2: 0,
      v3: 0,
      none: 4,
      example: "curl exit 0: Sorry, product reviews are currently unavailable",
    });
  });

  test("does not count a page of a curl that failed", () => {
    expect(sample(4, "echo reviews-v1-a; exit 18")).toMatchObject({ v1: 0, none: 4 });
  });

  test("ends when its time is over", () => {
    expect(sample(1000, "sleep 0.5; echo reviews-v1-a", 1).v1).toBeLessThan(50);
  });

  test("that was cut off counts what came", () => {
    expect(parseReviews("1112\u001ecurl exit 7: refu")).toMatchObject({ v1: 3, v2: 1 });
  });
});
