// @ts-check
/**
 * The fake endpoint of the tests as a process, each request answered after so many milliseconds:
 * a DynamoDB that holds what is written, conditions and all, and costs less than an emulator in Java.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'goredis-bench-'));
const outfile = join(folder, 'fake-dynamodb.cjs');
const entry = new URL('../../test/support/fake-dynamodb/fake-dynamodb.ts', import.meta.url);
await build({
  entryPoints: [fileURLToPath(entry)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
});
const { FakeDynamo } = createRequire(import.meta.url)(outfile);
rmSync(folder, { recursive: true });

const fake = await FakeDynamo.start();
fake.faults.always({ kind: 'delay', ms: Number(process.argv[2]) });
// It remembers all requests for tests.
setInterval(() => fake.takeRequests(), 1000);
console.log(fake.endpoint);
