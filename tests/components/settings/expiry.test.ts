import { describe, expect, test } from "@jest/globals";

import { describeExpiry, isExpired } from "../../../components/settings/expiry.js";
import { parseSettings, SettingsError } from "../../../components/settings/settings.js";

const now = Date.parse("2026-11-28T12:00:00Z");

describe("the time that is left", () => {
  test.each([
    ["2026-11-28T20:00:00Z", "in 8 h"],
    ["2026-11-28T20:00:00+02:00", "in 6 h"],
    ["2026-11-28T12:59:59Z", "in 59 min"],
    ["2026-11-30T15:10:00Z", "in 2 d 3 h"],
    ["2026-11-28T12:00:20Z", "in 0 min"],
    ["2026-11-28T11:59:00Z", "1 min ago"],
    ["2026-11-27T11:00:00Z", "1 d 1 h ago"],
  ])("to %s is %s", (expiresAt, left) => {
    expect(describeExpiry(expiresAt, now)).toBe(left);
  });

  test("is over at the very moment", () => {
    expect(isExpired("2026-11-28T12:00:00Z", now)).toBe(true);
    expect(isExpired("2026-11-28T12:00:01Z", now)).toBe(false);
  });
});

describe("expiresAt", () => {
  const parse = (expiresAt: unknown) =>
    parseSettings({ cluster: "existing", existing: { context: "kind" }, expiresAt }).expiresAt;

  test("is a time with its zone, or not set", () => {
    expect(parse("2026-12-01T18:00:00+01:00")).toBe("2026-12-01T18:00:00+01:00");
    expect(parse("")).toBeUndefined();
  });

  test.each([
    ["2026-12-01 18:00:00 +0100 +0100", "2026-12-01T18:00:00+01:00"],
    ["2026-12-01 17:00:00 +0000 UTC", "2026-12-01T17:00:00+00:00"],
    ["2026-12-01 17:00:00.5 -0330 NST", "2026-12-01T17:00:00.5-03:30"],
  ])("in YAML without quotes, which Pulumi passes as %s, is %s", (passed, expected) => {
    expect(parse(passed)).toBe(expected);
  });

  test.each([["2026-12-01"], ["2026-12-01T18:00:00"], ["8h"], [5]])("refuses %j", (value) => {
    expect(() => parse(value)).toThrow(SettingsError);
    expect(() => parse(value)).toThrow(/a time with its zone, such as 2026-12-01T18:00:00\+01:00/);
  });
});
