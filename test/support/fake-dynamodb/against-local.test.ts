/**
 * The fake endpoint answers as DynamoDB Local does: one list of requests goes to both, each after
 * all before it, and the answers are compared whole.
 */
import { tableDefinition } from '../../../src/stores/dynamodb/table';
import { ask } from './ask';
import { startDynamoLocal, type DynamoLocal } from '../dynamodb-local';
import { FakeDynamo } from './fake-dynamodb';
import { TABLE } from './compared';
import { REQUESTS } from './compared-requests';

let local: DynamoLocal;
let fake: FakeDynamo;

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
