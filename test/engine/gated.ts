import { SlowStore } from '../stores/slow';
import type { Change, CommitResult, ReadCheck } from '../../src/store/change';
import type { KeyRef, Rec } from '../../src/store/record';
type Op = 'load' | 'commit' | 'flush' | 'size' | 'scan' | 'swap' | 'randomKey';
export class Gated extends SlowStore {
  before: (op: Op, ...args: unknown[]) => Promise<void> | void = () => undefined;
  after: (op: Op, ...args: unknown[]) => Promise<void> | void = () => undefined;
  override async load(keys: readonly KeyRef[], need: 'snapshot' | 'each'): Promise<readonly Rec[]> {
    await this.before('load', keys);
    const r = await super.load(keys, need);
    await this.after('load', keys);
    return r;
  }
  override async commit(c: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult> {
    await this.before('commit', c);
    const r = await super.commit(c, reads);
    await this.after('commit', c);
    return r;
  }
  override async flush(db: number | 'all'): Promise<void> {
    await this.before('flush', db);
    await super.flush(db);
    await this.after('flush', db);
  }
  override async size(db: number): Promise<number> {
    await this.before('size', db);
    const r = await super.size(db);
    await this.after('size', db);
    return r;
  }
}
export function gate(): { wait: Promise<void>; open: () => void } {
  let open!: () => void;
  const wait = new Promise<void>((r) => (open = r));
  return { wait, open };
}
