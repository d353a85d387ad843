import { startGoredis } from '../support/goredis';
import type { Subject } from './oracle';

export interface RunningSubject extends Subject {
  stop(): Promise<void>;
}

/** The servers that are compared with redis-server: goredis on every engine. */
export const subjectNames = ['goredis on memory'] as const;
export type SubjectName = (typeof subjectNames)[number];

export async function startSubject(name: SubjectName): Promise<RunningSubject> {
  const goredis = await startGoredis({ store: storeOf(name) });
  return { name, port: goredis.port, stop: () => goredis.stop() };
}

function storeOf(name: SubjectName): 'memory' {
  switch (name) {
    case 'goredis on memory':
      return 'memory';
  }
}
