/** The options of `store dynamodb`. */
import { option } from './option';
import { integer, oneOf, text } from './types';

const INT_MAX = 2 ** 31 - 1;

export const dynamodbOptions = {
  dynamodbTable: option('dynamodb-table', text(), {
    default: 'goredis',
    own: true,
    help: 'The table of `store dynamodb`.',
  }),
  dynamodbEndpoint: option('dynamodb-endpoint', text(), {
    default: '',
    own: true,
    help: "Where DynamoDB is, such as `http://127.0.0.1:8000` for DynamoDB Local. Empty: AWS's own, by the region.",
  }),
  dynamodbRegion: option('dynamodb-region', text(), {
    default: '',
    own: true,
    help: 'The region of AWS. Empty: as environment and shared files say; for an endpoint on the loopback address `us-east-1`.',
  }),
  dynamodbCreateTable: option('dynamodb-create-table', oneOf(['auto', 'yes', 'no']), {
    default: 'auto',
    own: true,
    help: 'Whether to make the table if there is none. `auto`: only with a `dynamodb-endpoint`.',
  }),
  dynamodbMaxSockets: option('dynamodb-max-sockets', integer({ min: 1, max: 65535 }), {
    default: '256',
    own: true,
    unit: 'connections',
    help: 'How many requests to DynamoDB may be under way at once; others wait.',
  }),
  dynamodbTimeoutMs: option('dynamodb-timeout', integer({ min: 1, max: INT_MAX }), {
    default: '3000',
    own: true,
    unit: 'milliseconds',
    help: 'How long one request to DynamoDB may take.',
  }),
  dynamodbRetryMs: option('dynamodb-retry-budget', integer({ min: 0, max: INT_MAX }), {
    default: '5000',
    own: true,
    unit: 'milliseconds',
    help: 'How long a request that failed is made again before the client gets an error.',
  }),
};
