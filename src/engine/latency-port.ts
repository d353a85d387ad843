/** What LATENCY sees of the latency monitor. `src/server/` implements it. */
export interface LatencySample {
  /** Unix seconds. */
  readonly atS: number;
  readonly ms: number;
}

/** What was slow in one way. */
export interface LatencySeries {
  /** `command`, `fast-command`, `expire-cycle` or `eviction-cycle`. */
  readonly event: string;
  /** The last ones, the oldest first; at most one for each second, and never none. */
  readonly samples: readonly LatencySample[];
  /** The most there ever was. */
  readonly maxMs: number;
}

export interface LatencyPort {
  all(): readonly LatencySeries[];
  of(event: string): LatencySeries | undefined;
  /**
   * Forgets the series of an event, whatever the case of its letters, or all of them.
   * @returns how many there were
   */
  reset(event?: string): number;
  /** LATENCY GRAPH; undefined if there is nothing to show. */
  graph(event: string): string | undefined;
  /** LATENCY DOCTOR: what happened, and what to do about it. */
  report(): string;
}
