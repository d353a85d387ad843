/**
 * What the process and its keys take, for INFO and MEMORY.
 *
 * With `maxmemory` the used memory is what is counted (see Eviction), because that is what the limit
 * is compared with. Without it nothing is counted, and it is what the heap and the Buffers hold,
 * garbage included.
 */
import { getHeapSpaceStatistics } from 'node:v8';
import { totalmem } from 'node:os';
import type { Eviction } from '../engine/eviction';
import type { MemoryFigures, MemoryPort } from '../engine/ports';
import { collectGarbage, heldBytes } from '../lib/heap';
import type { LargeMemory } from '../lib/large-memory';
import type { Session } from './session';

export class ProcessMemory implements MemoryPort {
  private readonly startupBytes = heldBytes();
  private peakBytes = 0;

  constructor(
    private readonly eviction: Eviction | undefined,
    private readonly sessions: ReadonlySet<Session>,
    private readonly largeMemory: LargeMemory,
  ) {}

  figures(): MemoryFigures {
    const { eviction } = this;
    const usage = process.memoryUsage();
    const counts = eviction !== undefined && eviction.limitBytes > 0;
    const usedBytes = counts ? eviction.usedBytes : heldBytes();
    this.peakBytes = Math.max(this.peakBytes, usedBytes);
    const emptyBytes = counts ? eviction.emptyBytes : this.startupBytes;
    const startupBytes = Math.min(emptyBytes, usedBytes);
    let clientBytes = 0;
    for (const session of this.sessions) clientBytes += session.inputBytes + session.outputBytes;
    return {
      usedBytes,
      peakBytes: this.peakBytes,
      startupBytes,
      datasetBytes: usedBytes - startupBytes,
      clientBytes,
      residentBytes: usage.rss,
      heapBytes: usage.heapUsed,
      heapCapacityBytes: usage.heapTotal,
      externalBytes: usage.external,
      machineBytes: totalmem(),
    };
  }

  resetPeak(): void {
    this.peakBytes = 0;
  }

  purge(): void {
    this.largeMemory.clear();
    collectGarbage();
  }

  allocatorReport(): string {
    const lines = getHeapSpaceStatistics().map(
      (space) =>
        `${space.space_name}: size ${space.space_size}, used ${space.space_used_size}, ` +
        `available ${space.space_available_size}, physical ${space.physical_space_size}`,
    );
    const { external, arrayBuffers } = process.memoryUsage();
    return ['___ V8 heap spaces, bytes ___', ...lines, `external: ${external}`]
      .concat(`array buffers: ${arrayBuffers}`, '')
      .join('\n');
  }
}
