/**
 * Commits: one key by a conditional write, several by a transaction. A request whose answer was lost
 * is settled before anything else is said of it.
 */
import {
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type ConditionalCheckFailedException,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { StoreError } from '../../errors';
import type { Clock } from '../../lib/clock';
import { BLIND, type Change, type CommitResult, type ReadCheck } from '../../store/change';
import { refId, type KeyRef, type Rec } from '../../store/record';
import { failureOf, storeError } from './failures';
import { itemKey, type Item } from './item-key';
import { contentOf, recOf } from './items';
import { outcomeOf, type Operation, type Writer } from './operations';
import { MAX_KEYS, type Reads } from './reads';
import type { Requests } from './requests';
import type { Siblings } from './siblings';
import { checkOf, fenceOf, updateOf } from './updates';

/** A lost transaction is sent again with its token, which makes that harmless, so many times. */
const REPEATS = 3;

export interface CommitParts {
  readonly requests: Requests;
  readonly reads: Reads;
  readonly writer: Writer;
  readonly siblings: Siblings;
  readonly clock: Clock;
  readonly table: string;
  /** Whether deadlines are to be found in the index. */
  readonly expiryIndex: boolean;
}

export class Commits {
  settled = 0;

  constructor(private readonly parts: CommitParts) {}

  async commit(changes: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult> {
    if (changes.length === 0) return this.validate(reads);
    if (changes.length === 1 && reads.length === 0) return this.one(changes[0]!);
    if (changes.length + reads.length > MAX_KEYS) {
      throw new StoreError('limit', `at most ${MAX_KEYS} keys can be part of one commit`);
    }
    return this.several(changes, reads);
  }

  private async validate(reads: readonly ReadCheck[]): Promise<CommitResult> {
    const recs = reads.length === 0 ? [] : await this.parts.reads.snapshot(reads);
    if (recs.every(({ version }, i) => version === reads[i]!.version)) {
      return { ok: true, recs: [], previous: [] };
    }
    return { ok: false, recs: recs.map((rec, i) => ({ db: reads[i]!.db, rec })) };
  }

  /** One UpdateItem, which answers what was there before. */
  private async one(change: Change): Promise<CommitResult> {
    const { db, key, base } = change;
    const at = itemKey(change);
    const attempts = this.parts.requests.attempts();
    for (;;) {
      const nowMs = this.parts.clock.nowMs();
      const operation = this.parts.writer.next();
      const withoutTx = base !== BLIND && this.parts.siblings.isOutdated(at, base, nowMs);
      const content = {
        ...contentOf(change, at, nowMs, this.parts.expiryIndex),
        ...(withoutTx && { tx: undefined }),
      };
      const update = updateOf(this.parts.table, at, content, base, operation, nowMs);
      try {
        const { Attributes: old } = await this.parts.requests.once(
          new UpdateItemCommand({ ...update, ReturnValues: 'ALL_OLD' }),
        );
        const previous = recOf(key, old);
        const rec = written(change, previous.version, nowMs);
        if (!withoutTx) {
          this.parts.siblings.learn(old);
          this.parts.siblings.moved(at, previous.version, rec.version);
        }
        return { ok: true, recs: [rec], previous: [previous] };
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'refused') {
          const { Item: item } = error as ConditionalCheckFailedException;
          // Without a base it was the fence, which only an operation settled long ago can meet.
          if (base === BLIND) throw storeError(error);
          this.parts.siblings.learn(item);
          return { ok: false, recs: [{ db, rec: recOf(key, item) }] };
        }
        if (failure === 'wrong') throw storeError(error);
        if (failure === 'lost') {
          const settled = await this.settle(change, operation);
          if (settled !== undefined) return settled;
        }
        if (!(await attempts.pause())) throw storeError(error);
      }
    }
  }

  /** @returns what the operation did, or undefined if it has not and never will */
  private async settle(change: Change, operation: Operation): Promise<CommitResult | undefined> {
    const { key, base } = change;
    this.settled++;
    let old: Item | undefined;
    try {
      const answer = await this.parts.requests.repeated(
        () =>
          new UpdateItemCommand(
            fenceOf(this.parts.table, itemKey(change), operation, this.parts.clock.nowMs()),
          ),
      );
      old = answer.Attributes;
    } catch (error) {
      throw new StoreError('unknown', 'DynamoDB does not say whether it was applied', {
        cause: error,
      });
    }
    const outcome = outcomeOf(operation, old, base === BLIND ? undefined : base);
    if (outcome.kind === 'refused') return undefined;
    if (outcome.kind === 'unknown') {
      throw new StoreError('unknown', 'too many others have written the key since');
    }
    const version = recOf(key, old).version - outcome.later;
    const { value, expiresAtMs } = change;
    return { ok: true, recs: [{ key, value, version, expiresAtMs }], previous: [undefined] };
  }

  /** A transaction. It answers no versions, so all must be known before. */
  private async several(
    changes: readonly Change[],
    reads: readonly ReadCheck[],
  ): Promise<CommitResult> {
    const attempts = this.parts.requests.attempts();
    for (;;) {
      const bases = await this.basesOf(changes);
      const result = await this.transact(changes, bases, reads);
      const blind = changes.some(({ base }) => base === BLIND);
      // Somebody else wrote a key that was to be overwritten whatever it held.
      if (result.ok || !blind || !(await this.isBlindConflict(changes, reads))) return result;
      if (!(await attempts.pause()))
        throw new StoreError('unavailable', 'the keys are written all the time');
    }
  }

  private async basesOf(changes: readonly Change[]): Promise<readonly number[]> {
    const blind = changes.filter(({ base }) => base === BLIND);
    if (blind.length === 0) return changes.map(({ base }) => base);
    const recs = await this.parts.reads.each(blind);
    const known = new Map(blind.map(({ db, key }, i) => [refId(db, key), recs[i]!.version]));
    return changes.map(({ db, key, base }) => (base === BLIND ? known.get(refId(db, key))! : base));
  }

  /** Whether all that was conditional still holds. */
  private async isBlindConflict(
    changes: readonly Change[],
    reads: readonly ReadCheck[],
  ): Promise<boolean> {
    const checks = [
      ...changes
        .filter(({ base }) => base !== BLIND)
        .map(({ db, key, base }) => ({ db, key, version: base })),
      ...reads,
    ];
    return checks.length === 0 || (await this.validate(checks)).ok;
  }

  private async transact(
    changes: readonly Change[],
    bases: readonly number[],
    reads: readonly ReadCheck[],
  ): Promise<CommitResult> {
    const attempts = this.parts.requests.attempts();
    for (;;) {
      const nowMs = this.parts.clock.nowMs();
      const operation = this.parts.writer.next();
      const members = changes.map((change, i) => {
        const { version } = written(change, bases[i]!, nowMs);
        return { at: itemKey(change), base: bases[i]!, version };
      });
      const txs = this.parts.siblings.of(members, nowMs);
      const command = new TransactWriteItemsCommand({
        ClientRequestToken: randomUUID(),
        TransactItems: [
          ...changes.map((change, i) => {
            const { at, base } = members[i]!;
            const content = contentOf(change, at, nowMs, this.parts.expiryIndex);
            const withTx = { ...content, tx: { B: txs[i]! } };
            return { Update: updateOf(this.parts.table, at, withTx, base, operation, nowMs) };
          }),
          ...reads.map((read) => ({
            ConditionCheck: checkOf(this.parts.table, itemKey(read), read.version),
          })),
        ],
      });
      const done = (): CommitResult => {
        members.forEach(({ at, version }, i) => this.parts.siblings.wrote(at, version, txs[i]!));
        return {
          ok: true,
          recs: changes.map((change, i) => written(change, bases[i]!, nowMs)),
          previous: changes.map(() => undefined),
          bases,
        };
      };
      try {
        await this.sent(command);
        return done();
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'refused') {
          return { ok: false, recs: this.newer(error, [...changes, ...reads]) };
        }
        if (failure === 'lost') {
          // All of it happened or none, so that one of its keys tells, and a fence there stops it.
          const first = { ...changes[0]!, base: bases[0]! };
          if ((await this.settle(first, operation)) !== undefined) return done();
        }
        if (failure === 'wrong' || !(await attempts.pause())) throw storeError(error);
      }
    }
  }

  private async sent(command: TransactWriteItemsCommand): Promise<void> {
    const attempts = this.parts.requests.attempts();
    let lost: unknown;
    for (let repeat = 0; ; repeat++) {
      try {
        await this.parts.requests.once(command);
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
      return [{ db: ref.db, rec: recOf(ref.key, item) }];
    });
  }
}

/** The record that a change has become, on top of a version. */
function written({ key, value, expiresAtMs }: Change, previous: number, nowMs: number): Rec {
  return { key, value, version: (previous === 0 ? nowMs * 1000 : previous) + 1, expiresAtMs };
}
