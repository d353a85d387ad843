/** What SLOWLOG sees of the log of slow commands. `src/server/` implements it. */
export interface SlowlogEntry {
  readonly id: number;
  /** When it ended, in Unix seconds. */
  readonly atS: number;
  readonly us: number;
  /** Its arguments: long ones cut, many left out, secrets hidden. */
  readonly argv: readonly string[];
  readonly address: string;
  readonly clientName: string;
}

export interface SlowlogPort {
  readonly length: number;
  /** At most `count` entries, the newest first. */
  newest(count: number): readonly SlowlogEntry[];
  reset(): void;
}
