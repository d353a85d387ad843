import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServer, seeded } from 'goredis';

test('a raffle draws the same winner from the same seed', async () => {
  const winner = async () => {
    const server = createServer({ random: seeded(7) });
    const client = server.connect();
    for (const name of ['ada', 'grace', 'margaret']) await client.send('SET', name, 'ticket');
    const drawn = await client.send('RANDOMKEY');
    await server.close();
    return drawn;
  };
  assert.equal(await winner(), await winner());
});
