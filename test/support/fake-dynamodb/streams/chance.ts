/** Streams that live as DynamoDB's do, at random from a seed: shards come and go, pages are odd. */
import { seeded, type Random } from '../../../../src/lib/random';
import type { Shard } from './shard';
import type { FakeStream } from './stream';

export interface StreamRates {
  /** Parts of 1 of the writes behind which their shard ends and has one child, or two. */
  readonly rollOver?: number;
  readonly split?: number;
  /** No splits at so many open shards; 8 by default. */
  readonly maxOpen?: number;
  /** Records are seen up to so many milliseconds late. */
  readonly lagMs?: number;
  /** New shards are listed up to so many milliseconds late. */
  readonly listedMs?: number;
  /** The end of a shard is listed up to so many milliseconds late; its children may be by then. */
  readonly closeListedMs?: number;
  /** Readers of a shard learn of its end up to so many milliseconds late. */
  readonly endToldMs?: number;
  /** Parts of 1 of the pages that are empty although there are records, or short. */
  readonly emptyPage?: number;
  readonly shortPage?: number;
  /** Parts of 1 of the answers without records that have no list of them either. */
  readonly noList?: number;
  /** Parts of 1 of the iterators of type LATEST that get their position late. */
  readonly lateLatest?: number;
}

export class StreamChance {
  /** Apart, so that the shards depend on the writes only, however often somebody reads. */
  private readonly life: Random;
  private readonly reads: Random;

  constructor(
    seed: number,
    private readonly rates: StreamRates,
  ) {
    this.life = seeded(seed);
    this.reads = seeded(seed + 1);
  }

  get lagMs(): number {
    return this.upTo(this.rates.lagMs);
  }

  /** How many records of a page are told. */
  get pageRecords(): number {
    if (meets(this.reads, this.rates.emptyPage)) return 0;
    return meets(this.reads, this.rates.shortPage) ? 1 + this.reads.below(5) : Infinity;
  }

  get isListLeftOut(): boolean {
    return meets(this.reads, this.rates.noList);
  }

  get isLatestLate(): boolean {
    return meets(this.reads, this.rates.lateLatest);
  }

  /** What becomes of a shard behind a write to it. */
  written(stream: FakeStream, shard: Shard): void {
    const { rollOver, split, maxOpen = 8 } = this.rates;
    if (meets(this.life, rollOver)) this.delay(shard, [stream.rollOver(shard)]);
    else if (stream.open.length < maxOpen && meets(this.life, split)) {
      this.delay(shard, stream.split(shard, 0.1 + this.life.next() * 0.8));
    }
  }

  private delay(parent: Shard, children: readonly Shard[]): void {
    const { listedMs, closeListedMs, endToldMs } = this.rates;
    for (const child of children) child.listed.hide(this.upTo(listedMs));
    parent.closeListed.hide(this.upTo(closeListedMs));
    parent.endTold.hide(this.upTo(endToldMs));
  }

  private upTo(ms: number | undefined): number {
    return ms === undefined || ms === 0 ? 0 : this.life.below(ms + 1);
  }
}

function meets(random: Random, rate: number | undefined): boolean {
  return rate !== undefined && rate > 0 && random.next() < rate;
}
