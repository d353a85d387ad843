/** What goredis says of a DynamoDB that goes away, and that it goes on when it is back. */
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis } from '../support/goredis';
import { GoredisProcess } from '../support/goredis-process';
import { clientOn, goredisOn } from '../support/on-dynamodb';
import { connectRaw } from '../support/raw-client';
import { freePort } from '../support/redis-server';

let folder: string;
let local: DynamoLocal;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goredis-dynamodb-'));
  local = await startDynamoLocal({ folder });
}, 60_000);
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true });
});

async function health(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`);
  return `${response.status} ${await response.text()}`;
}

it('/healthz is 503 while DynamoDB is away, and 200 again when it is back', async () => {
  const metricsPort = await freePort();
  const { port, stop } = await startGoredis(
    goredisOn(local.endpoint, { dynamodbRetryMs: 0, metricsPort }),
  );
  const client = await connectRaw(port);
  const ask = async (...words: string[]) => (await client.command(...words)).toString();
  expect(await ask('SET', 'key', 'value')).toBe('+OK\r\n');
  expect(await health(metricsPort)).toBe('200 ok\n');

  await local.stop();
  expect(await ask('SET', 'key', 'lost')).toMatch(/^-(TRYAGAIN|UNKNOWNOUTCOME) store: /);
  // Until what has answered a moment ago is no proof any more.
  while ((await health(metricsPort)) === '200 ok\n');
  expect(await health(metricsPort)).toMatch(/^503 DynamoDB: .*connect ECONNREFUSED .*\n$/);

  local = await startDynamoLocal({ folder, port: local.port });
  expect(await health(metricsPort)).toBe('200 ok\n');
  expect(await ask('GET', 'key')).toBe('$5\r\nvalue\r\n');

  const aws = clientOn(local.endpoint);
  await aws.send(new DeleteTableCommand({ TableName: 'goredis' }));
  aws.destroy();
  expect(await ask('GET', 'key')).toMatch(/^-ERR store: DynamoDB: ResourceNotFoundException: /);
  while ((await health(metricsPort)) === '200 ok\n');
  expect(await health(metricsPort)).toMatch(/^503 DynamoDB: ResourceNotFoundException: .*\n$/);
  client.destroy();
  await stop();
}, 120_000);

it('a limit of memory that has no effect is told at the start', async () => {
  const goredis = new GoredisProcess(
    ['--port', '0', '--store', 'dynamodb', '--dynamodb-endpoint', local.endpoint].concat([
      '--dynamodb-table',
      'limited',
      '--maxmemory',
      '1gb',
    ]),
  );
  await goredis.ready();
  expect(goredis.stdout).toContain(
    ' # maxmemory and maxmemory-policy have no effect on the store dynamodb: it evicts nothing\n',
  );
  await goredis.kill('SIGKILL');
});
