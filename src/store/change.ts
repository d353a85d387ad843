import type { Value } from '../values/value';
import type { Key, Rec } from './record';

/**
 * Classes of keyspace events, the letters of `notify-keyspace-events`.
 * Source: https://redis.io/docs/latest/develop/use/keyspace-notifications/
 */
export type EventClass = 'g' | '$' | 'l' | 's' | 'h' | 'z' | 'x' | 'e' | 't' | 'd' | 'n' | 'm';

/** An event that a commit causes, in the order in which the command announced it. */
export interface KeyEvent {
  readonly class: EventClass;
  readonly name: string;
  readonly db: number;
  readonly key: Key;
}

/** The base of a change that needs to know nothing of what was there (a plain SET). */
export const BLIND = -1;

/** What a commit does to one key. */
export interface Change {
  readonly db: number;
  readonly key: Key;
  /** Undefined: the key becomes absent. */
  readonly value: Value | undefined;
  readonly expiresAtMs: number;
  /** The version that must still hold, or BLIND. */
  readonly base: number;
  /** Events of this key, in order. Whether they are sent is not the store's concern. */
  readonly events: readonly KeyEvent[];
}

/** A key that a batch read and left alone: its version must still hold as well. */
export interface ReadCheck {
  readonly db: number;
  readonly key: Key;
  readonly version: number;
}

/** A change as everybody hears of it, once it is committed. */
export interface CommittedChange {
  readonly db: number;
  readonly rec: Rec;
  readonly events: readonly KeyEvent[];
  /**
   * Nobody on this node has sent the events yet: another node has made the change, or `commit` said
   * that they come later. Those that follow from what was there before, `expired` and `new`, are
   * among them.
   */
  readonly unannounced?: boolean;
}

export type CommitResult =
  | {
      readonly ok: true;
      /** The new records, in the order of the changes. */
      readonly recs: readonly Rec[];
      /** What was there before, in the same order; undefined where the store cannot know. */
      readonly previous: readonly (Rec | undefined)[];
      /** The versions that the changes were made on, where the store says so without `previous`. */
      readonly bases?: readonly number[];
      /**
       * For each change, whether its events may be sent now. Those of the others come by
       * `onChange`, behind events of the same key that have not come yet. Absent: all may.
       */
      readonly announce?: readonly boolean[];
    }
  | {
      readonly ok: false;
      /** The newer records where the store knows them: of changes and reads, in any order. */
      readonly recs: readonly { readonly db: number; readonly rec: Rec }[];
    };
