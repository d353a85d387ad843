import { startRedisServer, type RedisServer } from '../support/redis-server';
import { families } from './families';
import { findDifference, stepsOf } from './oracle';
import { isInPlace, startSubject, subjectNames, type RunningSubject } from './subjects';

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
