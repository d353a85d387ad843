/** The examples of docs/testing-with-goredis.md are the files in examples/testing, and they pass. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPage } from '../docs/pages';

const root = join(__dirname, '../..');
const folder = join(root, 'examples/testing');
const files = readdirSync(folder).filter((name) => name !== 'README.md');

it('the page shows every example as it is', () => {
  const page = readPage('docs/testing-with-goredis.md');
  const shown = [...page.matchAll(/<!-- examples\/testing\/(\S+) -->\n\n```js\n(.*?)```\n/gs)];
  expect(Object.fromEntries(shown.map(([, name, text]) => [name, text]))).toEqual(
    Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
  );
});

/** What the examples print; fails if one of them does. */
function run(args: readonly string[]): string {
  const env = { ...process.env };
  // Of the test run around it: node:test would answer in another form.
  delete env['NODE_TEST_CONTEXT'];
  delete env['JEST_WORKER_ID'];
  return execFileSync(process.execPath, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

it('the examples for node:test pass', () => {
  const tests = files.filter((name) => name.endsWith('.node.test.mjs'));
  expect(tests).toHaveLength(2);
  const output = run(['--test', '--test-reporter=tap', ...tests]);
  expect(output).toContain('# pass 2\n# fail 0\n');
});

it('the examples for Jest pass', () => {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const config = { rootDir: folder, testMatch: ['**/*.jest.test.js'], transform: {} };
  run([jest, '--config', JSON.stringify(config), '--ci']);
});
