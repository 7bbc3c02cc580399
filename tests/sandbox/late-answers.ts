import { runInThisContext } from "node:vm";

import { afterAll } from "@jest/globals";

import { forgiveLateAnswers } from "../../sandbox/late-answers.js";

// A test has a copy of `process`, which hears of nothing; what jest has heard it forgets when it is handled after all.
const real = runInThisContext("process") as NodeJS.Process;
afterAll(forgiveLateAnswers(real, (rejected) => void rejected.catch(() => undefined)));
