import { homedir } from "node:os";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { cacheFolder } from "../../components/cache.js";

const byDefault = join(homedir(), ".cache", "oke-ambient-mesh");

// https://specifications.freedesktop.org/basedir-spec/latest/
test.each([
  ["is in ~/.cache without XDG_CACHE_HOME", undefined, byDefault],
  ["is in ~/.cache if XDG_CACHE_HOME is empty", "", byDefault],
  ["is in ~/.cache if XDG_CACHE_HOME is a relative path", "cache", byDefault],
  ["is in XDG_CACHE_HOME if that is an absolute path", "/cache", "/cache/oke-ambient-mesh"],
])("the cache folder %s", (_, XDG_CACHE_HOME, expected) => {
  expect(cacheFolder({ XDG_CACHE_HOME })).toBe(expected);
});
