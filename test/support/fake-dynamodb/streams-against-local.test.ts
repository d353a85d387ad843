/**
 * The streams of the fake endpoint are those of DynamoDB Local: one list of requests goes to both,
 * each after all before it, and the answers are compared whole, but for names that each gives.
 */
import { startDynamoLocal, type DynamoLocal } from '../dynamodb-local';
import { ask, type Answer } from './ask';
import { STREAM_ROWS } from './compared-streams';
import { FakeDynamo } from './fake-dynamodb';
import { SeenStreams } from './seen-streams';

let local: DynamoLocal;
let fake: FakeDynamo;

beforeAll(async () => {
  local = await startDynamoLocal();
  fake = await FakeDynamo.start();
}, 60_000);

afterAll(async () => {
  await local.stop();
  await fake.stop();
});

const seen = { local: new SeenStreams(), fake: new SeenStreams() };

it.each(STREAM_ROWS.map((row) => [row[0], row] as const))('%s', async (_title, row) => {
  const [title, operation, body, differs] = row;
  const answerOf = async (of: keyof typeof seen, endpoint: string): Promise<Answer> => {
    const wanted = typeof body === 'function' ? body(seen[of]) : body;
    return seen[of].read(title, await ask(endpoint, operation, wanted));
  };
  const real = await answerOf('local', local.endpoint);
  const ours = await answerOf('fake', fake.endpoint);
  if (differs === undefined) expect(ours).toEqual(real);
  else {
    expect(differs(real)).toEqual(ours);
    expect(real).not.toEqual(ours);
  }
});
