import { expect, test } from "@jest/globals";

import { hiding } from "../../../tools/stacks/hidden.js";

const secretKeys = ["oke-ambient-mesh:mesh"];
const meshConfig = { defaultConfig: { tracing: { lightstep: { accessToken: "s3cret-token" } } } };

test.each([
  ["as an object", { helmValues: { istiod: { meshConfig } } }],
  ["as text", JSON.stringify({ helmValues: { istiod: { meshConfig } } })],
])("an encrypted chart value is hidden, %s", (_, mesh) => {
  const config = { "oke-ambient-mesh:mesh": mesh };
  const row = 'accessToken = "s3cret-token": expected a mapping';
  expect(hiding({ config, secretKeys })(row)).toBe('accessToken = "[secret]": expected a mapping');
  expect(hiding({ config })(row)).toBe(row);
});
