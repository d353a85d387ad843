/**
 * The fake endpoint answers as DynamoDB Local does: one list of requests goes to both, each after
 * all before it, and the answers are compared whole.
 */
import { tableDefinition } from '../../../src/stores/dynamodb/table';
import { startDynamoLocal, type DynamoLocal } from '../dynamodb-local';
import { FakeDynamo } from './fake-dynamodb';
import { TABLE } from './compared';
import { REQUESTS } from './compared-requests';

let local: DynamoLocal;
let fake: FakeDynamo;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function ask(endpoint: string, operation: string, body: unknown): Promise<Answer> {
  const credential = 'Credential=goredis/20260101/us-east-1/dynamodb/aws4_request';
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `DynamoDB_20120810.${operation}`,
      Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  const { Message: message, ...rest } = (await response.json()) as Record<string, unknown>;
  // DynamoDB Local writes the field of errors with a capital letter, DynamoDB does not.
  return { status: response.status, body: message === undefined ? rest : { ...rest, message } };
}

beforeAll(async () => {
  local = await startDynamoLocal();
  fake = await FakeDynamo.start();
  for (const { endpoint } of [local, fake]) {
    const made = await ask(endpoint, 'CreateTable', tableDefinition(TABLE));
    expect(made.status).toBe(200);
  }
}, 60_000);

afterAll(async () => {
  await local.stop();
  await fake.stop();
});

it.each(REQUESTS.map((request) => [request.title, request] as const))(
  '%s',
  async (_title, { operation, body, differs }) => {
    const real = await ask(local.endpoint, operation, body);
    const ours = await ask(fake.endpoint, operation, body);
    if (differs === undefined) expect(ours).toEqual(real);
    else {
      // A deviation of DynamoDB Local that has gone is no longer one to name.
      expect(differs(real)).toEqual(ours);
      expect(real).not.toEqual(ours);
    }
  },
);
