import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, describe, expect, test } from "@jest/globals";

import {
  parseResponses,
  parseReviews,
  requestsCommand,
  reviewsCommand,
} from "../../../../tools/verify/checks/curl.js";

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
  test("run one curl each, repeated, with method, URL, and a time limit", () => {
    const stdout = run(requestsCommand([get, remove], 2), `printf '%s' "$*"; printf '\\037200'`);
    const responses = parseResponses(stdout, 2);
    expect(responses.map(({ length }) => length)).toEqual([2, 2]);
    expect(responses[0]?.[0]).toMatchObject({ exit: 0, status: 200 });
    expect(responses[0]?.[0]?.body).toMatch(/^-sS -m 5 .* -X GET http:\/\/a\/$/);
    expect(responses[1]?.[1]?.body).toMatch(/ -X DELETE http:\/\/b\/page$/);
  });

  test("keep curl's exit status and its error message, before or after the HTTP status", () => {
    const early = `echo 'curl: (56) reset' >&2; printf '\\037000'; exit 56`;
    const late = `printf '\\037000'; echo 'curl: (56) reset' >&2; exit 56`;
    for (const curl of [early, late]) {
      expect(parseResponses(run(requestsCommand([get], 1), curl), 1)).toEqual([
        [{ exit: 56, status: 0, body: "curl: (56) reset" }],
      ]);
    }
  });

  test("keep a body of several lines", () => {
    const curl = `printf '<html>\\n\\n"$x" %%s \\\\n</html>\\n'; printf '\\037200'`;
    const [[response] = []] = parseResponses(run(requestsCommand([get], 1), curl), 1);
    expect(response?.body).toBe('<html>\n\n"$x" %s \\n</html>');
  });

  test("that time out are not repeated", () => {
    const stdout = run(requestsCommand([get, remove], 3), `printf '\\037000'; exit 28`);
    expect(parseResponses(stdout, 2).map(({ length }) => length)).toEqual([1, 1]);
  });

  test("without output have no response", () => {
    expect(parseResponses("", 2)).toEqual([[], []]);
    expect(parseResponses("0\u001fhalf an ans", 1)).toEqual([[]]);
  });
});

/** A `curl` that plays each request of a range of URLs by `page`, which may set `code` and `words`. */
const ranged = (page: string) => `for last; do :; done
range=\${last##*-}; n=\${range%]}; i=0
while [ $i -lt $n ]; do
  code=0 words= ; i=$((i + 1))
  ${page}
  printf '\\035%s %s\\036' "$code" "$words"
  [ "$code" -eq 0 ] || exit "$code"
done`;

describe("the sample of reviews", () => {
  const sample = (times: number, page: string, seconds = 60) =>
    parseReviews(run(reviewsCommand("http://a/", times, seconds), ranged(page)));

  test("sends exactly the given number of requests", () => {
    for (const times of [1, 10, 21, 210]) {
      expect(sample(times, "echo '<u>reviews-v1-5bb</u>'").v1).toBe(times);
    }
  });

  test("sends each request on its own connection, with a time limit", () => {
    const log = join(bin, "called");
    run(reviewsCommand("http://a/", 3, 60), `printf '%s\\n' "$*" >> ${log}`);
    const [call] = readFileSync(log, "utf8").split("\n");
    expect(call).toMatch(/^-s -m 5 --fail-early -H Connection: close .*http:\/\/a\/\?\[1-1\]$/);
  });

  test.each([
    ["reviews-v1-a", { v1: 4, v2: 0, v3: 0, none: 0 }],
    ["reviews-v2-a", { v1: 0, v2: 4, v3: 0, none: 0 }],
    ["reviews-v3-a", { v1: 0, v2: 0, v3: 4, none: 0 }],
  ])("counts a page with %s once", (pod, counts) => {
    expect(sample(4, `echo '<p>${pod}</p>'; echo '<p>${pod}</p>'`)).toMatchObject(counts);
  });

  test("counts pages without reviews, and gives an example", () => {
    const page = "printf 'Sorry, product\\n  reviews are currently unavailable'";
    expect(sample(4, page)).toEqual({
      v1: 0,
      v2: 0,
      v3: 0,
      none: 4,
      example: "a page says: Sorry, product reviews are currently unavailable",
    });
  });

  test("does not count a failed curl's page, and gives its message", () => {
    const counts = sample(4, "echo reviews-v1-a; code=18 words='transfer closed'");
    expect(counts).toMatchObject({ v1: 0, none: 4, example: "curl exit 18: transfer closed" });
  });

  test("continues with the next batch after a failure", () => {
    expect(sample(400, "code=56 words=reset")).toMatchObject({ v1: 0, none: 16 });
  });

  test("stops after a timeout", () => {
    expect(sample(400, "code=28 words=slow").none).toBe(4);
  });

  test("ends at its time limit", () => {
    expect(sample(10_000, "sleep 0.02; echo reviews-v1-a", 1).v1).toBeLessThan(1_000);
  });

  test("counts what it received when it is cut off", () => {
    expect(parseReviews("1112\u001ecurl exit 7: refu")).toMatchObject({ v1: 3, v2: 1 });
  });
});
