// @ts-check
/**
 * The store `cached` beside the store `memory`, both of goredis: reads that the cache answers. The
 * table is a stub, so that the processor is theirs; its stream is DynamoDB Local's, and tells
 * besides, if that is wanted, of writes of another node.
 */
import { startLocal, startStubProcess } from './dynamodb.mjs';
import { compareRates } from './rates.mjs';
import { withOptions } from './servers.mjs';

/**
 * @param {import('./servers.mjs').Program} program
 * @param {import('./rates.mjs').RateOptions} options
 * @param {number} foreignWrites of another node, a second
 * @returns {Promise<string>}
 */
export async function compareCached(program, options, foreignWrites) {
  const table = await startTable({ ...options, foreignWrites });
  const report = await compareRates(
    { ...program, name: 'memory' },
    { ...withOptions(program, table.options), name: 'cached' },
    options,
  );
  table.stop();
  return report;
}

/**
 * What goredis needs beside itself.
 *
 * @param {{ keys: number, valueBytes: number, foreignWrites?: number }} load
 */
export async function startTable(load) {
  const local = await startLocal();
  const stub = await startStubProcess(local.endpoint, { foreignWrites: 0, ...load });
  return {
    options: ['--store', 'cached', '--dynamodb-endpoint', stub.endpoint],
    stop: () => {
      stub.stop();
      local.stop();
    },
  };
}
