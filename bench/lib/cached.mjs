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
  const local = await startLocal();
  const stub = await startStubProcess(local.endpoint, { ...options, foreignWrites });
  const store = ['--store', 'cached', '--dynamodb-endpoint', stub.endpoint];
  const report = await compareRates(
    { ...program, name: 'memory' },
    { ...withOptions(program, store), name: 'cached' },
    options,
  );
  stub.stop();
  local.stop();
  return report;
}
