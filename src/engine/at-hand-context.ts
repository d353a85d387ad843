import type { Random } from '../lib/random';
import type { RecordsAtHand } from '../store/at-hand';
import { NO_EXPIRY, type Key } from '../store/record';
import type { Value } from '../values/value';
import { Context } from './context';
import { FAULT } from './fault';
import type { ClientPort, ServerPort } from './ports';
import type { ScanPage } from '../store/store';
import type { Reply } from '../protocol/reply';

/** Named here: what is imported from another file of `dist` is asked for by a call. */
const NEVER = NO_EXPIRY;

/**
 * A context for commands that only read, over what a store has at hand. One object serves all
 * connections: a command runs to its end before the next begins. Whatever else a command wants
 * faults, and it runs again in another context.
 */
export class AtHandContext extends Context {
  /** Of the present run. */
  hits = 0;
  misses = 0;

  constructor(
    server: ServerPort,
    random: Random,
    private readonly records: RecordsAtHand,
  ) {
    super(server, random);
  }

  begin(client: ClientPort): void {
    this.client = client;
    this.db = client.db;
    this.form = client.form;
    this.hits = this.misses = 0;
  }

  get(key: Key, db = this.db): Value | undefined {
    const value = this.peek(key, db);
    if (value === undefined) this.misses++;
    else this.hits++;
    return value;
  }

  peek(key: Key, db = this.db): Value | undefined {
    const { records } = this;
    const ref = records.find(db, key);
    if (ref === 0) throw FAULT;
    const expiresAtMs = records.expiresAtMs(ref);
    if (expiresAtMs !== NEVER && this.nowMs >= expiresAtMs) return undefined;
    return records.valueAt(ref);
  }

  expiresAtMs(key: Key, db = this.db): number {
    const ref = this.records.find(db, key);
    if (ref === 0) throw FAULT;
    const expiresAtMs = this.records.expiresAtMs(ref);
    return this.nowMs >= expiresAtMs ? NEVER : expiresAtMs;
  }

  /** Use of keys is not recorded where it would cost a write. */
  idleSeconds(): number {
    return 0;
  }

  /** A key that is missed: nobody wants events while this context is in use. */
  notify(): void {}

  edit(): never {
    throw FAULT;
  }

  changed(): never {
    throw FAULT;
  }

  set(): never {
    throw FAULT;
  }

  replace(): never {
    throw FAULT;
  }

  setExpiry(): never {
    throw FAULT;
  }

  remove(): never {
    throw FAULT;
  }

  publish(): never {
    throw FAULT;
  }

  scan(): ScanPage {
    throw FAULT;
  }

  eachKey(): never {
    throw FAULT;
  }

  size(): never {
    throw FAULT;
  }

  expires(): never {
    throw FAULT;
  }

  approximateSize(): never {
    throw FAULT;
  }

  randomKey(): never {
    throw FAULT;
  }

  flush(): never {
    throw FAULT;
  }

  swap(): never {
    throw FAULT;
  }

  watch(): never {
    throw FAULT;
  }

  watchesBroken(): never {
    throw FAULT;
  }

  call(): Reply {
    throw FAULT;
  }
}
