import { expect, test } from "@jest/globals";

import { cidrBlock, overlap } from "../../../emulator/oci/network/addresses.js";

test.each(["0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/32"])("%s is a block", (text) => {
  expect(String(cidrBlock(text))).toBe(text);
});

test.each([
  ...["", "x", "10.0.0.0", "10/8", "10.0.0.0/33", "300.0.0.0/8", "010.0.0.0/8"],
  ...["10.0.0.1/16", "10.0.0.0/255.255.0.0"],
])("%j is not a block", (text) => {
  expect(cidrBlock(text)).toBeUndefined();
});

test.each([
  ["10.0.0.0/16", "10.0.4.0/24", true],
  ["10.0.4.0/24", "10.0.0.0/16", true],
  ["10.0.0.0/25", "10.0.0.128/25", false],
])("%s and %s overlap: %s", (a, b, expected) => {
  const [left, right] = [cidrBlock(a), cidrBlock(b)];
  expect(left && right && overlap(left, right)).toBe(expected);
});
