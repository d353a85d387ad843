/**
 * Prints "passed failed" of a jest run: `node .ci/count.mjs results.json exit-code`. A suite that
 * did not run at all counts as one failure, and so does a run that failed without a failed test:
 * jest crashed, was killed, or wrote no results.
 */
import { readFileSync } from 'node:fs';

const [file = '', exitCode = '1'] = process.argv.slice(2);
const { passed, failed } = count();
console.log(passed, exitCode !== '0' && failed === 0 ? 1 : failed);

function count() {
  try {
    const results = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
