/** The options of `store cached`, and of following the table's stream. */
import { option } from './option';
import { httpUrl, integer, memory, oneOf, yesNo } from './types';

const INT_MAX = 2 ** 31 - 1;
/**
 * What else a transaction wrote is known of its items for 10 seconds (stores/dynamodb/siblings.ts):
 * a cache that is further behind could show half of it. The rest is for clocks that differ.
 */
const MAX_STALENESS_MS = 8000;

export const cacheOptions = {
  dynamodbStreamsEndpoint: option('dynamodb-streams-endpoint', httpUrl(), {
    default: '',
    own: true,
    help: 'Where DynamoDB Streams is, if that is not where DynamoDB is. Empty: at `dynamodb-endpoint`, or AWS.',
  }),
  cacheMaxBytes: option('cache-max-memory', memory({ min: 0, max: BigInt(2 ** 35) }), {
    default: '0',
    own: true,
    unit: 'bytes',
    help: 'What the cache of `store cached` may take. 0: a quarter of the memory of the machine, or half of what the heap may become, whichever is less; 32 GB at most.',
  }),
  cachePopulate: option('cache-populate', yesNo(), {
    default: 'yes',
    own: true,
    help: 'Whether keys that other nodes set enter the cache before anybody reads them here. They take 15 % of it at most.',
  }),
  maxStalenessMs: option('max-staleness', integer({ min: 100, max: MAX_STALENESS_MS }), {
    default: '2000',
    own: true,
    unit: 'milliseconds',
    help: 'How old what the cache answers may be. While it cannot be shown to be fresher, every read asks the table. The node writes four beacons in this time to each shard of the stream, a write unit each. No more than 8 seconds: for a little longer a cache can tell what else a transaction wrote.',
  }),
  streamCallsPerSecond: option('stream-calls-per-second', integer({ min: 1, max: INT_MAX }), {
    default: '4',
    own: true,
    unit: 'calls',
    help: 'How often a shard of the stream is read at most, in the long run. DynamoDB allows five a second to all nodes together.',
  }),
  readConsistency: option('read-consistency', oneOf(['bounded', 'strong']), {
    default: 'bounded',
    own: true,
    help: 'What reads of `store cached` get: `bounded`, from the cache, or `strong`, from the table. A connection chooses for itself by `GOREDIS.CONSISTENCY`.',
  }),
};
