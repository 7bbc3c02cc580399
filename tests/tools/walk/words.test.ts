import { expect, test } from "@jest/globals";

import { ended } from "../../../tools/walk/words.js";

test("the last words of a walk never break a command, which people copy", () => {
  const up = "npm run -s sandbox -- up --name a-sandbox-with-a-long-name --stage";
  const commands = {
    to: (stage: string) => `${up} ${stage}`,
    destroy: "npm run -s sandbox -- destroy",
    verify: "npm run -s verify",
    walk: "npm run walk",
  };
  const page = { url: "http://127.0.0.1/productpage", hints: [] };
  const lines = ended("The stack is at the last stage.", page, commands as never).split("\n");
  expect(lines).toEqual([
    "",
    "The stack is at the last stage.",
    "The page: http://127.0.0.1/productpage",
    "To return to any stage:",
    `  ${up} cluster`,
    "The stages: cluster, mesh, bookinfo, ambient, l4, l7, traffic",
    "Destroy it with: npm run -s sandbox -- destroy",
    "",
  ]);
});
