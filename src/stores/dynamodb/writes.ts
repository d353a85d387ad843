/**
 * The write requests of a commit. Each is made when its turn has come, so that what it says of the
 * time is no older than that; and it knows what the commit has done once it is answered.
 */
import { TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../lib/clock';
import { BLIND, type Change, type CommitResult, type ReadCheck } from '../../store/change';
import type { Key, Rec } from '../../store/record';
import type { Fences } from './fences';
import { itemKey, type Item, type ItemKey } from './item-key';
import { contentOf, recOf, versionOf } from './items';
import type { Fence, Operation, Writer } from './operations';
import type { Siblings } from './siblings';
import { checkOf, updateOf } from './updates';

export interface WriteParts {
  readonly writer: Writer;
  readonly siblings: Siblings;
  readonly fences: Fences;
  readonly clock: Clock;
  readonly table: string;
  /** Whether deadlines are to be found in the index. */
  readonly expiryIndex: boolean;
}

/** One key, by an UpdateItem. */
export class SingleWrite {
  /** Drawn with the request. */
  operation!: Operation;
  private nowMs = 0;
  private withoutTx = false;
  /** What it takes away. */
  fences: readonly Fence[] = [];

  constructor(
    private readonly parts: WriteParts,
    private readonly change: Change,
  ) {}

  /** @throws StoreError `limit` */
  request(): UpdateItemCommand {
    const { change } = this;
    const { clock, writer, siblings, fences, table, expiryIndex } = this.parts;
    const at = itemKey(change);
    this.nowMs = clock.nowMs();
    this.fences = fences.of(at);
    this.operation = writer.next();
    this.withoutTx = change.base !== BLIND && siblings.isOutdated(at, change.base, this.nowMs);
    const content = {
      ...contentOf(change, at, this.nowMs, expiryIndex),
      ...(this.withoutTx && { tx: undefined }),
    };
    const { base } = change;
    const update = updateOf(table, at, content, base, this.operation, this.nowMs, this.fences);
    return new UpdateItemCommand({ ...update, ReturnValues: 'ALL_OLD' });
  }

  /** @param old what was there before */
  done(old: Item | undefined): CommitResult {
    const { siblings, fences } = this.parts;
    if (this.fences.length > 0) fences.forget(itemKey(this.change));
    else fences.learn(old);
    const base = old?.['v'] === undefined ? 0 : versionOf(old);
    const rec = written(this.change, base, this.nowMs);
    if (!this.withoutTx) {
      siblings.learn(old);
      siblings.moved(itemKey(this.change), base, rec.version);
    }
    return { ok: true, recs: [rec], previous: [previousOf(this.change.key, old)] };
  }
}

/** Several keys, or one with others that were only read. */
export class Transaction {
  /** Drawn with the request. */
  operation!: Operation;
  private nowMs = 0;
  private members: readonly { at: ItemKey; base: number; version: number }[] = [];
  private txs: readonly Buffer[] = [];
  private command: TransactWriteItemsCommand | undefined;

  /** @param bases the versions of the changes, those of blind ones too */
  constructor(
    private readonly parts: WriteParts,
    private readonly changes: readonly Change[],
    private readonly bases: readonly number[],
    private readonly reads: readonly ReadCheck[],
  ) {}

  /**
   * The same each time, with its token: so it may be sent again.
   * @throws StoreError `limit`
   */
  request(): TransactWriteItemsCommand {
    return (this.command ??= this.newCommand());
  }

  /** It was applied. */
  done(): CommitResult {
    const { changes, bases, members, txs, nowMs } = this;
    members.forEach(({ at, version }, i) => {
      this.parts.siblings.wrote(at, version, txs[i]!);
      this.parts.fences.forget(at);
    });
    return {
      ok: true,
      recs: changes.map((change, i) => written(change, bases[i]!, nowMs)),
      previous: changes.map(() => undefined),
      bases,
    };
  }

  private newCommand(): TransactWriteItemsCommand {
    const { changes, bases, reads } = this;
    const { clock, writer, siblings, fences, table, expiryIndex } = this.parts;
    const nowMs = clock.nowMs();
    const operation = writer.next();
    this.nowMs = nowMs;
    this.operation = operation;
    this.members = changes.map((change, i) => {
      const { version } = written(change, bases[i]!, nowMs);
      return { at: itemKey(change), base: bases[i]!, version };
    });
    this.txs = siblings.of(this.members, nowMs);
    return new TransactWriteItemsCommand({
      ClientRequestToken: randomUUID(),
      TransactItems: [
        ...changes.map((change, i) => {
          const { at, base } = this.members[i]!;
          const content = contentOf(change, at, nowMs, expiryIndex);
          const withTx = { ...content, tx: { B: this.txs[i]! } };
          return { Update: updateOf(table, at, withTx, base, operation, nowMs, fences.of(at)) };
        }),
        ...reads.map((read) => ({ ConditionCheck: checkOf(table, itemKey(read), read.version) })),
      ],
    });
  }
}

/** What was overwritten, if it can be read: that it cannot is no reason to call the write failed. */
function previousOf(key: Key, old: Item | undefined): Rec | undefined {
  try {
    return recOf(key, old);
  } catch {
    return undefined;
  }
}

/** The record that a change has become, on top of a version. */
function written({ key, value, expiresAtMs }: Change, previous: number, nowMs: number): Rec {
  return { key, value, version: (previous === 0 ? nowMs * 1000 : previous) + 1, expiresAtMs };
}
