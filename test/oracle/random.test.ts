import { allCommands } from '../../src/commands/registry';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { generate, rows } from './generator';
import { findDifference, type Difference, type Step, type Subject } from './oracle';
import { isLongRun, seedOf } from './seed';
import { shrink } from './shrink';
import { isInPlace, startSubject, subjectNames, type RunningSubject } from './subjects';

const ROUNDS = isLongRun ? 1000 : 15;
const STEPS = 200;
const SHRINK_ATTEMPTS = 200;
const first = seedOf();

let redis: RedisServer;
let oracle: Subject;
beforeAll(async () => {
  redis = await startRedisServer();
  oracle = { name: 'redis-server', port: redis.port };
});
afterAll(() => redis.stop());

test('the generator knows every command on keys and transactions', () => {
  const withoutRow = allCommands
    .filter(
      ({ group }) => !['connection', 'server', 'cluster', 'scripting', 'pubsub'].includes(group),
    )
    .map(({ name }) => name)
    .filter((name) => rows[name] === undefined);
  expect(withoutRow).toEqual([]);
});

describe.each(subjectNames)('random scripts on %s', (name) => {
  let subject: RunningSubject;
  beforeAll(async () => {
    subject = await startSubject(name, first);
  });
  afterAll(() => subject.stop());

  it(
    'are answered as redis-server answers them',
    async () => {
      for (let seed = first; seed < first + ROUNDS; seed++) {
        const steps = generate(seed, STEPS, {
          swap: isInPlace(name) ? 'anywhere' : 'outside MULTI',
        });
        const difference = await findDifference(steps, oracle, subject);
        if (difference) throw new Error(await shortened(steps, difference, seed));
        expect({ seed, mutated: subject.mutated() }).toEqual({ seed, mutated: [] });
      }
    },
    isLongRun ? 3_600_000 : 120_000,
  );

  async function shortened(
    steps: readonly Step[],
    { at, report }: Difference,
    seed: number,
  ): Promise<string> {
    const find = (shorter: readonly Step[]) => findDifference(shorter, oracle, subject);
    const fails = async (shorter: readonly Step[]) => (await find(shorter)) !== undefined;
    const shortest = await shrink(steps.slice(0, at + 1), fails, SHRINK_ATTEMPTS);
    // On a slow store it may take chance to fail: the way it failed first is then all there is.
    return `TEST_SEED=${seed}: ${(await find(shortest))?.report ?? report}`;
  }
});
