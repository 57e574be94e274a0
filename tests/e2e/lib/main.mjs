// Runs the specs one after the other and writes the cases.
import { appendFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../specs");
const wanted = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort()
  .map((name) => join(folder, name));
const cases = process.env.HAVEN_TEST_CASES;

let passed = 0;
let failed = 0;
function record(verdict, { name, details, nesting, file }) {
  // A file counts by its tests, unless it broke before it had any.
  const whole = nesting === 0 && (name === file || files.includes(name));
  if (whole && verdict === "pass") return;
  if (details?.type === "suite") return;
  if (verdict === "pass") passed++;
  else failed++;
  console.log(`${verdict === "pass" ? "ok  " : "FAIL"} ${name} (${Math.round(details?.duration_ms ?? 0)} ms)`);
  if (verdict === "fail") console.log(indent(String(details?.error?.cause?.stack ?? details?.error?.cause ?? details?.error)));
  if (cases) appendFileSync(cases, `${verdict} ${name.replace(/\n/g, " ")}\n`);
}

const indent = (text) => text.replace(/^/gm, "     ");

run({ files, concurrency: 1, timeout: 180_000 * 4 })
  .on("test:pass", (event) => record("pass", event))
  .on("test:fail", (event) => record("fail", event))
  .on("test:stderr", ({ message }) => process.stderr.write(message))
  .on("end", () => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  })
  .resume();
