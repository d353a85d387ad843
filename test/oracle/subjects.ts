import { startGoredis } from '../support/goredis';
import { SlowStore } from '../stores/slow';
import type { Subject } from './oracle';

/** Stores in place can do some things that the others refuse (docs/differences.md). */
export const isInPlace = (name: SubjectName): boolean => name === 'goredis on memory';

export interface RunningSubject extends Subject {
  /** Where the store keeps copies: keys whose value was changed behind its back. Always a mistake. */
  mutated(): readonly unknown[];
  stop(): Promise<void>;
}

const stores = {
  'goredis on memory': () => undefined,
  'goredis on a slow store': (seed: number) => new SlowStore({ seed, conflictRate: 0.1 }),
  'goredis on a slow store with a cache': (seed: number) =>
    new SlowStore({ seed, conflictRate: 0.1, cache: true, missRate: 0.3 }),
};

export type SubjectName = keyof typeof stores;

/** The servers that are compared with redis-server: goredis on every engine. */
export const subjectNames = Object.keys(stores) as readonly SubjectName[];

/** @param seed of the store's delays, order and conflicts */
export async function startSubject(name: SubjectName, seed: number): Promise<RunningSubject> {
  const store = stores[name](seed);
  const goredis = await startGoredis({ store: store ?? 'memory' });
  return {
    name,
    port: goredis.port,
    mutated: () => store?.mutated() ?? [],
    stop: () => goredis.stop(),
  };
}
