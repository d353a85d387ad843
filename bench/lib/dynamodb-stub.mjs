// @ts-check
/**
 * Answers the calls of DynamoDB that a benchmark causes, always alike and at once: every item is
 * there and every write succeeds. What goredis reaches with it is its own cost.
 */
import { createServer } from 'node:http';

const NUMBER = { t: { S: 's' }, v: { N: '1' }, c: { N: '1' }, n: { N: '1' } };
const TEXT = { d: { B: Buffer.from(`\x10${'x'.repeat(64)}`).toString('base64') } };

/**
 * Counters are numbers, everything else a text of 64 bytes.
 *
 * @param {{ s: { B: string } }} key
 */
function itemAt(key) {
  const isCounter = Buffer.from(key.s.B, 'base64').includes('counter:');
  return { ...key, ...(isCounter ? NUMBER : { ...NUMBER, n: undefined, ...TEXT }) };
}

/** @type {Record<string, (body: any) => object>} */
const answers = {
  GetItem: ({ Key }) => ({ Item: itemAt(Key) }),
  BatchGetItem: ({ RequestItems }) => ({
    Responses: Object.fromEntries(
      Object.entries(RequestItems).map(([table, { Keys }]) => [table, Keys.map(itemAt)]),
    ),
    UnprocessedKeys: {},
  }),
  TransactGetItems: ({ TransactItems }) => ({
    Responses: TransactItems.map((/** @type {any} */ { Get }) => ({
      Item: itemAt(Get.Key),
    })),
  }),
  UpdateItem: ({ ReturnValues, Key }) =>
    ReturnValues === 'ALL_OLD' ? { Attributes: itemAt(Key) } : {},
  TransactWriteItems: () => ({}),
  Query: () => ({ Items: [], Count: 0 }),
};

/** What belongs to the system begins with 0xFF, which is no database. */
const isSystem = (/** @type {any} */ { Key }) => Key?.p.B.startsWith('/') === true;

/**
 * @param {string} endpoint a DynamoDB that answers everything else: what is asked of the table itself
 * @param {import('./foreign-writes.mjs').ForeignWrites} foreign what its stream tells besides
 * @returns {Promise<{ endpoint: string, stop: () => void }>}
 */
export async function startStub(endpoint, foreign) {
  let sequence = 0;
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      void reply(endpoint, request.headers, operation, text).then(({ status, body: answer }) => {
        const body = operation === 'GetRecords' && status === 200 ? withForeign(answer) : answer;
        response.writeHead(status, {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': Buffer.byteLength(body),
        });
        response.end(body);
      });
    });
  });
  /** @param {string} body */
  const withForeign = (body) => {
    const page = JSON.parse(body);
    page.Records = [...foreign.take(), ...page.Records];
    for (const { dynamodb } of page.Records) {
      dynamodb.SequenceNumber = String(++sequence).padStart(21, '0');
    }
    return JSON.stringify(page);
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * @param {string} endpoint
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string} operation
 * @param {string} text
 */
async function reply(endpoint, headers, operation, text) {
  const body = JSON.parse(text);
  const answer = isSystem(body) ? undefined : answers[operation];
  if (answer !== undefined) return { status: 200, body: JSON.stringify(answer(body)) };
  const names = ['x-amz-target', 'content-type', 'authorization', 'x-amz-date'];
  const sent = names.map((name) => [name, String(headers[name] ?? '')]);
  const forwarded = await fetch(endpoint, {
    method: 'POST',
    headers: Object.fromEntries(sent),
    body: text,
  });
  return { status: forwarded.status, body: await forwarded.text() };
}
