/** Shard iterators: positions that readers hold for a while. */
import { invalid } from '../errors';
import { expired } from './stream-errors';

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
const LIFETIME_MS = 15 * 60_000;

export interface Position {
  readonly arn: string;
  readonly shardId: string;
  /** Counts the shard's records from 0; 'latest' behind what there is at the first use. */
  readonly at: number | 'latest';
}

interface Issued extends Position {
  readonly serial: number;
  readonly issuedAtMs: number;
}

export class Iterators {
  private serial = 0;
  private readonly firstUses = new Map<number, number>();
  private oldestValid = 0;

  constructor(private readonly nowMs: () => number) {}

  issue({ arn, shardId, at }: Position): string {
    const content = [shardId, at, ++this.serial, this.nowMs()].join(' ');
    return `${arn}|${Buffer.from(content).toString('base64')}`;
  }

  /**
   * Where an iterator stands. Reading it again gives the same.
   * @param latest what 'latest' means now
   * @throws WireError if it is none or has expired
   */
  resolve(text: unknown, latest: (position: Position) => number): Position & { at: number } {
    const issued = parsed(text);
    if (issued === undefined) throw invalid('Invalid ShardIterator');
    const { serial, issuedAtMs, at } = issued;
    if (serial <= this.oldestValid || this.nowMs() - issuedAtMs >= LIFETIME_MS) throw expired();
    if (at !== 'latest') return { ...issued, at };
    const first = this.firstUses.get(serial) ?? latest(issued);
    this.firstUses.set(serial, first);
    return { ...issued, at: first };
  }

  /** All that were given out so far expire. */
  expire(): void {
    this.oldestValid = this.serial;
  }
}

/** The shard that an iterator is of; undefined for what is none. */
export function shardOfIterator(text: unknown): string | undefined {
  return parsed(text)?.shardId;
}

function parsed(text: unknown): Issued | undefined {
  const [arn, content] = String(text).split('|');
  if (arn === undefined || content === undefined) return undefined;
  const [shardId, at, serial, issuedAtMs] = Buffer.from(content, 'base64').toString().split(' ');
  if (issuedAtMs === undefined) return undefined;
  return {
    arn,
    shardId: shardId!,
    at: at === 'latest' ? at : Number(at),
    serial: Number(serial),
    issuedAtMs: Number(issuedAtMs),
  };
}
