/**
 * FLUSHDB and FLUSHALL: a scan of the table in parallel parts, and for each item a tombstone on
 * condition that it is still what the scan saw. Not atomic; who is stopped half way can do it again.
 */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../errors';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/log';
import { NO_EXPIRY, type KeyRef, type Rec } from '../../store/record';
import { failureOf, storeError } from './failures';
import { refOf, type Item, type ItemKey } from './item-key';
import { contentOf } from './items';
import type { Writer } from './operations';
import type { Requests } from './requests';
import { SEGMENTS, type Scans } from './scans';
import { updateOf } from './updates';

/** How many keys of a part are removed at once. */
const PARALLEL_REMOVALS = 16;
/** How often the log tells how far it is. */
const LOG_INTERVAL_MS = 5000;

export interface FlushParts {
  readonly requests: Requests;
  readonly scans: Scans;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly table: string;
  readonly log: Logger;
  readonly removed: (db: number, rec: Rec) => void;
}

export class Flush {
  private count = 0;
  /** An attempt without a good answer may have removed a key that is not counted. */
  private mayHaveRemoved = false;
  private loggedMs: number;

  constructor(
    private readonly parts: FlushParts,
    private readonly db: number | 'all',
  ) {
    this.loggedMs = parts.clock.monotonicMs();
  }

  /**
   * Costs a read of the whole table and a write for each key.
   * @throws StoreError `unavailable`, `failed`; `unknown` if some keys are gone already
   */
  async run(): Promise<void> {
    const { log } = this.parts;
    const ends = await Promise.allSettled(
      Array.from({ length: SEGMENTS }, (_, segment) => this.segment(segment)),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    const end = failed === undefined ? 'done' : 'failed';
    log.notice(`${this.title}: ${end}, ${this.count} keys removed`);
    if (failed === undefined) return;
    if (this.count === 0 && !this.mayHaveRemoved) throw storeError(failed.reason);
    const some =
      this.count === 0
        ? 'keys may have been removed'
        : `${this.count} keys are removed, others may be left`;
    throw new StoreError('unknown', some, { cause: failed.reason });
  }

  private get title(): string {
    return this.db === 'all' ? 'FLUSHALL' : `FLUSHDB of ${this.db}`;
  }

  private async segment(segment: number): Promise<void> {
    for await (const items of this.parts.scans.all(this.db, segment)) {
      for (let at = 0; at < items.length; at += PARALLEL_REMOVALS) {
        const some = items.slice(at, at + PARALLEL_REMOVALS);
        throwFirst(await Promise.allSettled(some.map((item) => this.remove(item))));
      }
    }
  }

  private async remove(item: Item): Promise<void> {
    const { requests, table, writer, clock, log } = this.parts;
    const ref = refOf(item);
    const version = Number(item['v']!.N);
    const nowMs = clock.nowMs();
    const at = { p: item['p'], s: item['s'] } as ItemKey;
    const content = contentOf(tombstone(ref, version), at, nowMs);
    let attempts = 0;
    try {
      // Made anew for each attempt: one that was lost and applied is then refused.
      await requests.repeated(() => {
        attempts++;
        return new UpdateItemCommand(updateOf(table, at, content, version, writer.next(), nowMs));
      });
    } catch (error) {
      const failure = failureOf(error instanceof StoreError ? error.cause : error);
      if (attempts > 1 || failure === 'lost') this.mayHaveRemoved = true;
      // Somebody has written it since: that is for them, or it was this request.
      if (failure !== 'refused') throw error;
      return;
    }
    this.count++;
    if (clock.monotonicMs() - this.loggedMs >= LOG_INTERVAL_MS) {
      this.loggedMs = clock.monotonicMs();
      log.notice(`${this.title}: ${this.count} keys removed so far`);
    }
    const { key } = ref;
    const rec = { key, value: undefined, version: version + 1, expiresAtMs: NO_EXPIRY };
    this.parts.removed(ref.db, rec);
  }
}

function tombstone({ db, key }: KeyRef, base: number) {
  return { db, key, value: undefined, expiresAtMs: NO_EXPIRY, base, events: [] };
}

/** When all have ended: nothing is under way any more when the failure is told. */
function throwFirst(ends: readonly PromiseSettledResult<unknown>[]): void {
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
