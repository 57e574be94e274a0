// Prints "pass NAME" or "fail NAME" for each test in vitest's JSON report.
import {readFileSync} from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
for (const file of report.testResults) {
  for (const test of file.assertionResults) {
    if (test.status === "pending" || test.status === "skipped" || test.status === "todo") {
      console.log(`skip ${test.fullName}`);
    } else {
      console.log(`${test.status === "passed" ? "pass" : "fail"} ${test.fullName}`);
    }
  }
  if (file.assertionResults.length === 0 && file.status !== "passed") console.log(`fail ${file.name}`);
}
