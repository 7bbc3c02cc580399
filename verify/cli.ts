// A stack keeps this path in its state: its verification runs `node --import tsx verify/cli.ts`.
import "../tools/verify/cli.js";
