/**
 * Commits: one key by a conditional write, several by a transaction. A request whose answer was lost
 * is settled before anything else is said of it.
 */
import {
  TransactionCanceledException,
  UpdateItemCommand,
  type ConditionalCheckFailedException,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../errors';
import { BLIND, type Change, type CommitResult, type ReadCheck } from '../../store/change';
import { refId, type KeyRef, type Rec } from '../../store/record';
import type { Attempts } from './attempts';
import { failureOf, storeError } from './failures';
import { itemKey, type Item } from './item-key';
import { recOrUnreadable, versionOf } from './items';
import { outcomeOf, type Operation } from './operations';
import { MAX_KEYS, type Reads } from './reads';
import type { Requests } from './requests';
import { fenceOf, type FenceObstacle } from './updates';
import { SingleWrite, Transaction, type WriteParts } from './writes';

/** A lost transaction is sent again with its token, which makes that harmless, so many times. */
const REPEATS = 3;
/** An item that is made, or collected, while it gets a fence may keep it from that so often. */
const FENCE_ATTEMPTS = 5;
/** Of so many keys it is remembered which version this node wrote last. */
const MAX_WRITTEN = 10_000;

export interface CommitParts extends WriteParts {
  readonly requests: Requests;
  readonly reads: Reads;
}

export class Commits {
  settled = 0;
  /** By key, the latest last. */
  private readonly written = new Map<string, number>();

  constructor(private readonly parts: CommitParts) {}

  async commit(changes: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult> {
    if (changes.length === 0) return this.validate(reads);
    if (changes.length === 1 && reads.length === 0) {
      const [change] = changes;
      const result = await this.one(change!);
      if (result.ok) this.wrote(change!, result.recs[0]!.version);
      return result;
    }
    if (changes.length + reads.length > MAX_KEYS) {
      throw new StoreError('limit', `at most ${MAX_KEYS} keys can be part of one commit`);
    }
    return this.several(changes, reads);
  }

  private async validate(
    reads: readonly ReadCheck[],
    attempts = this.parts.requests.attempts(),
  ): Promise<CommitResult> {
    const recs = reads.length === 0 ? [] : await this.parts.reads.snapshot(reads, attempts);
    if (recs.every(({ version }, i) => version === reads[i]!.version)) {
      return { ok: true, recs: [], previous: [] };
    }
    return { ok: false, recs: recs.map((rec, i) => ({ db: reads[i]!.db, rec })) };
  }

  private wrote({ db, key }: KeyRef, version: number): void {
    const id = refId(db, key);
    this.written.delete(id);
    this.written.set(id, version);
    if (this.written.size > MAX_WRITTEN) this.written.delete(this.written.keys().next().value!);
  }

  /** One UpdateItem, which answers what was there before. */
  private async one(change: Change): Promise<CommitResult> {
    const attempts = this.parts.requests.attempts();
    const { db, key, base } = change;
    // What there was before, at least.
    const since = base === BLIND ? this.written.get(refId(db, key)) : base;
    for (;;) {
      const write = new SingleWrite(this.parts, change);
      try {
        const { Attributes: old } = await attempts.once(() => write.request());
        return write.done(old);
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'refused') {
          const { Item: item } = error as ConditionalCheckFailedException;
          this.parts.siblings.learn(item);
          this.parts.fences.forget(itemKey(change));
          this.parts.fences.learn(item);
          // A fence that was to be taken away has been set anew.
          if (change.base === BLIND && write.fences.length > 0) continue;
          // Without a base it was its own fence, which only what was settled long ago can meet.
          if (change.base === BLIND) throw storeError(error);
          return { ok: false, recs: [{ db: change.db, rec: recOrUnreadable(change.key, item) }] };
        }
        if (failure === 'wrong') throw storeError(error);
        if (failure === 'lost') {
          const settled = await this.settle(change, since, write.operation, attempts);
          if (settled !== undefined) return settled;
        }
        if (!(await attempts.pause())) throw storeError(error);
      }
    }
  }

  /**
   * @param since a version that was there before it was sent, if any is known
   * @returns what the operation did, or undefined if it has not and never will
   */
  private async settle(
    change: Change,
    since: number | undefined,
    operation: Operation,
    attempts: Attempts,
  ): Promise<CommitResult | undefined> {
    const { key } = change;
    this.settled++;
    let old: Item | undefined;
    try {
      old = await this.fence(change, operation, attempts);
    } catch (error) {
      throw new StoreError('unknown', 'DynamoDB does not say whether it was applied', {
        cause: error,
      });
    }
    const outcome = outcomeOf(operation, old, since);
    if (outcome.kind === 'refused') return undefined;
    if (outcome.kind === 'unknown') {
      throw new StoreError('unknown', 'too many others have written the key since');
    }
    const version = versionOf(old!) - outcome.later;
    const { value, expiresAtMs } = change;
    return { ok: true, recs: [{ key, value, version, expiresAtMs }], previous: [undefined] };
  }

  /** @returns the item as it was */
  private async fence(
    ref: KeyRef,
    operation: Operation,
    attempts: Attempts,
  ): Promise<Item | undefined> {
    const { table, clock } = this.parts;
    const at = itemKey(ref);
    let obstacle: FenceObstacle | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        const { Attributes: old } = await attempts.repeated(
          () =>
            new UpdateItemCommand(fenceOf(table, at, ref.key, operation, clock.nowMs(), obstacle)),
        );
        return old;
      } catch (error) {
        const { cause } = error as StoreError;
        if (failureOf(cause) !== 'refused' || attempt === FENCE_ATTEMPTS) throw error;
        obstacle = { item: (cause as ConditionalCheckFailedException).Item };
      }
    }
  }

  /** A transaction. It answers no versions, so all must be known before. */
  private async several(
    changes: readonly Change[],
    reads: readonly ReadCheck[],
  ): Promise<CommitResult> {
    const attempts = this.parts.requests.attempts();
    for (;;) {
      const bases = await this.basesOf(changes, attempts);
      const result = await this.transact(changes, bases, reads, attempts);
      const blind = changes.some(({ base }) => base === BLIND);
      // Somebody else wrote a key that was to be overwritten whatever it held.
      if (result.ok || !blind || !(await this.isBlindConflict(changes, reads, attempts))) {
        return result;
      }
      if (!(await attempts.pause()))
        throw new StoreError('unavailable', 'the keys are written all the time');
    }
  }

  private async basesOf(
    changes: readonly Change[],
    attempts: Attempts,
  ): Promise<readonly number[]> {
    const blind = changes.filter(({ base }) => base === BLIND);
    if (blind.length === 0) return changes.map(({ base }) => base);
    const recs = await this.parts.reads.each(blind, undefined, attempts);
    const known = new Map(blind.map(({ db, key }, i) => [refId(db, key), recs[i]!.version]));
    return changes.map(({ db, key, base }) => (base === BLIND ? known.get(refId(db, key))! : base));
  }

  /** Whether all that was conditional still holds. */
  private async isBlindConflict(
    changes: readonly Change[],
    reads: readonly ReadCheck[],
    attempts: Attempts,
  ): Promise<boolean> {
    const checks = [
      ...changes
        .filter(({ base }) => base !== BLIND)
        .map(({ db, key, base }) => ({ db, key, version: base })),
      ...reads,
    ];
    return checks.length === 0 || (await this.validate(checks, attempts)).ok;
  }

  private async transact(
    changes: readonly Change[],
    bases: readonly number[],
    reads: readonly ReadCheck[],
    attempts: Attempts,
  ): Promise<CommitResult> {
    for (;;) {
      const write = new Transaction(this.parts, changes, bases, reads);
      try {
        await this.sent(write, attempts);
        return write.done();
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'refused') {
          return { ok: false, recs: this.newer(error, [...changes, ...reads]) };
        }
        if (failure === 'lost') {
          // All of it happened or none, so that one of its keys tells, and a fence there stops it.
          const settled = await this.settle(changes[0]!, bases[0], write.operation, attempts);
          if (settled !== undefined) return write.done();
        }
        if (failure === 'wrong' || !(await attempts.pause())) throw storeError(error);
      }
    }
  }

  private async sent(write: Transaction, attempts: Attempts): Promise<void> {
    let lost: unknown;
    for (let repeat = 0; ; repeat++) {
      try {
        await attempts.once(() => write.request());
        return;
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'lost') lost = error;
        else if (failure === 'refused' || lost === undefined) throw error;
        // Whatever keeps the repetition from its end now: the first may have been applied.
        const isLast = failure === 'wrong' || repeat === REPEATS;
        if (isLast || !(await attempts.pause())) throw lost;
      }
    }
  }

  /** The items that stood in the way, as the cancelled transaction found them. */
  private newer(error: unknown, refs: readonly KeyRef[]): { db: number; rec: Rec }[] {
    if (!(error instanceof TransactionCanceledException)) return [];
    return (error.CancellationReasons ?? []).flatMap(({ Code, Item: item }, i) => {
      const ref = refs[i];
      if (Code !== 'ConditionalCheckFailed' || ref === undefined) return [];
      this.parts.siblings.learn(item);
      this.parts.fences.forget(itemKey(ref));
      this.parts.fences.learn(item);
      return [{ db: ref.db, rec: recOrUnreadable(ref.key, item) }];
    });
  }
}
