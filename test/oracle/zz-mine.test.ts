import { startRedisServer, type RedisServer } from '../support/redis-server';
import { startGoredis, type Goredis } from '../support/goredis';
import { findDifference, stepsOf } from './oracle';
import { MemoryStore } from '../../src/stores/memory/memory-store';
import { systemClock } from '../../src/lib/clock';
import { systemRandom } from '../../src/lib/random';
import { connectRaw } from '../support/raw-client';
import { parseReply } from './compare';
import { cases as a } from './cases/strings';
import { cases as b } from './cases/strings-numbers';
import { cases as c } from './cases/strings-ranges';
import { cases as d } from './cases/hashes';
import { cases as e } from './cases/lists';
let r: RedisServer; let g: Goredis;
beforeAll(async () => { r = await startRedisServer();
  const inner = new MemoryStore({ databases: 16, clock: systemClock, random: systemRandom });
  const store = new Proxy(inner, { get(t, p) { if (p === 'inPlace') return false; const v = (t as any)[p]; return typeof v === 'function' ? v.bind(t) : v; } });
  g = await startGoredis({ store }); });
afterAll(async () => { await r.stop(); await g.stop(); });
test.each([...a, ...b, ...c, ...d, ...e].map((x) => [x.title, x] as const))('%s', async (_t, x) => {
  const diff = await findDifference(stepsOf(x), { name: 'redis', port: r.port }, { name: 'goredis', port: g.port });
  if (diff) throw new Error(diff.report);
});
test('info', async () => {
  const names = 'set get getex getdel getset setnx setex psetex mset msetnx mget append strlen getrange substr setrange incr decr incrby decrby incrbyfloat lcs hset hget hdel hgetall hlen hmset lpush rpush lpop rpop lrange llen'.split(' ');
  const x = await connectRaw(r.port), y = await connectRaw(g.port);
  for (const n of names) {
    const [p, q] = [await x.command('COMMAND', 'INFO', n), await y.command('COMMAND', 'INFO', n)];
    const strip = (b: Buffer) => JSON.stringify(parseReply(b));
    if (strip(p) !== strip(q)) console.log(n + '\n' + strip(p) + '\n' + strip(q));
    const [s, t] = [await x.command('COMMAND', 'DOCS', n), await y.command('COMMAND', 'DOCS', n)];
    const head = (b: Buffer) => JSON.stringify((parseReply(b) as any).items[1].items.slice(0, 8));
    if (head(s) !== head(t)) console.log(n + '\n' + head(s) + '\n' + head(t));
  }
  x.destroy(); y.destroy();
});
