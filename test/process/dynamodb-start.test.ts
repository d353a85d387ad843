/** The process with `store dynamodb`, while DynamoDB cannot be reached. */
import { GoredisProcess } from '../support/goredis-process';
import { freePort } from '../support/redis-server';

describe('while DynamoDB cannot be reached', () => {
  it('the process ends after startup-timeout with one line', async () => {
    const port = await freePort();
    const goredis = new GoredisProcess(
      ['--store', 'dynamodb', '--dynamodb-endpoint', `http://localhost:${port}`].concat([
        '--startup-timeout',
        '0',
        '--port',
        '0',
        '--loglevel',
        'warning',
      ]),
    );
    expect(await goredis.exited).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: `goredis: DynamoDB at http://localhost:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port} (tried for 0 s: startup-timeout)\n`,
    });
  });

  it('SIGTERM ends the process at once', async () => {
    const goredis = new GoredisProcess(
      ['--store', 'dynamodb', '--dynamodb-endpoint', `http://127.0.0.1:${await freePort()}`].concat(
        ['--startup-timeout', '1000', '--port', '0'],
      ),
    );
    while (!goredis.stdout.includes('trying for 1000 s')) {
      await new Promise((resolve) => goredis.child.stdout!.once('data', resolve));
    }
    expect(await goredis.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    expect(goredis.stdout).toMatch(/Received SIGTERM, stopping\n$/);
  });
});
