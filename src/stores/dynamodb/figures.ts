/** What requests were made, what they cost and how long they took: for INFO and Prometheus. */
import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { Histogram } from '../../lib/histogram';
import { currentCost } from '../../store/cost';
import type { Failure } from './failures';

const READS = ['GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan'];
const WRITES = ['UpdateItem', 'PutItem', 'TransactWriteItems'];

export type CapacityAnswer = { readonly ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };

export class Figures {
  private readonly requests = new Map([...READS, ...WRITES].map((name) => [name, 0]));
  private readonly failures: Record<Failure, number> = { again: 0, lost: 0, refused: 0, wrong: 0 };
  private readUnits = 0;
  private writeUnits = 0;
  private inFlight = 0;
  private readonly latencyUs = new Histogram();

  /** Whether DynamoDB tells what such a request costs. */
  hasCapacity(operation: string): boolean {
    return this.requests.has(operation);
  }

  begin(operation: string): void {
    this.inFlight++;
    if (this.requests.has(operation)) {
      this.requests.set(operation, this.requests.get(operation)! + 1);
    }
    const cost = currentCost();
    if (cost !== undefined) cost.requests++;
  }

  /** The request has been answered. A failed one costs units, too, which DynamoDB does not tell. */
  answered(operation: string, { ConsumedCapacity: consumed = [] }: CapacityAnswer): void {
    const units = [consumed].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    const cost = currentCost();
    if (READS.includes(operation)) {
      this.readUnits += units;
      if (cost !== undefined) cost.readUnits += units;
    } else {
      this.writeUnits += units;
      if (cost !== undefined) cost.writeUnits += units;
    }
  }

  failed(failure: Failure): void {
    this.failures[failure]++;
  }

  end(ms: number): void {
    this.inFlight--;
    this.latencyUs.record(ms * 1000);
  }

  fields(): Readonly<Record<string, number>> {
    const requests = [...this.requests].map(([name, count]) => [
      `requests_${name.toLowerCase()}`,
      count,
    ]);
    return {
      ...(Object.fromEntries(requests) as Record<string, number>),
      read_units: this.readUnits,
      write_units: this.writeUnits,
      in_flight: this.inFlight,
      latency_p50_ms: this.latencyUs.percentile(50) / 1000,
      latency_p99_ms: this.latencyUs.percentile(99) / 1000,
      failed_conditions: this.failures.refused,
      failed_to_repeat: this.failures.again,
      failed_without_answer: this.failures.lost,
      failed_for_good: this.failures.wrong,
    };
  }
}
