/** The section `memory` of INFO. */
import type { Field } from './info';
import type { Server } from './server';

export function memoryFields({ config, memory }: Server): readonly Field[] {
  const figures = memory.figures();
  const { usedBytes, residentBytes, peakBytes, startupBytes, datasetBytes } = figures;
  return [
    ...size('used_memory', usedBytes),
    ...size('used_memory_rss', residentBytes),
    ...size('used_memory_peak', peakBytes),
    ['used_memory_peak_perc', percent(usedBytes, peakBytes)],
    ['used_memory_overhead', startupBytes],
    ['used_memory_startup', startupBytes],
    ['used_memory_dataset', datasetBytes],
    ['used_memory_dataset_perc', percent(datasetBytes, usedBytes)],
    ...size('total_system_memory', figures.machineBytes),
    ...size('maxmemory', config.maxMemoryBytes),
    ['maxmemory_policy', config.maxMemoryPolicy],
    ['mem_fragmentation_ratio', (residentBytes / usedBytes).toFixed(2)],
    ['mem_fragmentation_bytes', residentBytes - usedBytes],
    ['mem_clients_normal', figures.clientBytes],
    ['mem_allocator', `v8-${process.versions.v8}`],
    ['node_heap_total', figures.heapCapacityBytes],
    ['node_heap_used', figures.heapBytes],
    ['node_external', figures.externalBytes],
  ];
}

function size(name: string, bytes: number): readonly Field[] {
  return [
    [name, bytes],
    [`${name}_human`, human(bytes)],
  ];
}

function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(2)}%`;
}

/** As bytesToHuman prints it. */
function human(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value}B` : `${value.toFixed(2)}${units[unit]}`;
}
