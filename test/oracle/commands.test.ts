import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { findDifference, stepsOf, type OracleCase } from './oracle';
import { isInPlace, startSubject, subjectNames, type RunningSubject } from './subjects';

const folder = join(__dirname, 'cases');
const families = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const { cases } = jest.requireActual<{ cases: readonly OracleCase[] }>(join(folder, file));
    return { family: file.slice(0, -'.ts'.length), cases };
  });

let oracle: RedisServer;
beforeAll(async () => {
  oracle = await startRedisServer();
});
afterAll(() => oracle.stop());

describe.each(subjectNames)('%s answers as redis-server', (name) => {
  let subject: RunningSubject;
  beforeAll(async () => {
    subject = await startSubject(name, 1);
  });
  afterAll(() => subject.stop());

  describe.each(families)('$family', ({ cases }) => {
    const possible = cases.filter(({ inPlaceOnly }) => !inPlaceOnly || isInPlace(name));
    test.each(possible)('$title', async (oracleCase) => {
      const difference = await findDifference(
        stepsOf(oracleCase),
        { name: 'redis-server', port: oracle.port },
        subject,
      );
      if (difference) throw new Error(difference.report);
      expect(subject.mutated()).toEqual([]);
    });
  });
});
