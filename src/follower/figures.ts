/** What following a stream has taken, for INFO. */
import type { StreamFailure } from './failures';

export class StreamFigures {
  /** Of all operations, those that failed too. */
  calls = 0;
  records = 0;
  beacons = 0;
  gaps = 0;
  lastGap = '';
  private readonly failures: Record<StreamFailure, number> = {
    expired: 0,
    trimmed: 0,
    absent: 0,
    throttled: 0,
    failed: 0,
  };

  failed(failure: StreamFailure): void {
    this.failures[failure]++;
  }

  fields(): Record<string, number | string> {
    return {
      calls: this.calls,
      records: this.records,
      beacons: this.beacons,
      gaps: this.gaps,
      last_gap: this.lastGap,
      iterators_expired: this.failures.expired,
      calls_throttled: this.failures.throttled,
      calls_failed: this.failures.failed,
    };
  }
}
