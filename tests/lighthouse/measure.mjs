// Measures the pages whose addresses come by standard input, one a line, in the Chromium whose
// debugging port is the first argument; answers each with Lighthouse's report as a line of JSON.
// One process for all pages: reading Lighthouse in takes as long as measuring a page.

import { createInterface } from "node:readline";
import lighthouse from "lighthouse";

const flags = {
  port: Number(process.argv[2]),
  logLevel: "silent",
  formFactor: "mobile",
  throttlingMethod: "simulate",
  skipAudits: ["bf-cache", "screenshot-thumbnails"],
  disableFullPageScreenshot: true,
};

for await (const url of createInterface({ input: process.stdin })) {
  let report;
  try {
    report = (await lighthouse(url, flags)).lhr;
  } catch (error) {
    report = { runtimeError: { code: error.code ?? String(error) } };
  }
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
