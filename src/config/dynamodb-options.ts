/** The options of `store dynamodb`. */
import { option } from './option';
import { httpUrl, integer, oneOf, text, yesNo } from './types';

const INT_MAX = 2 ** 31 - 1;

export const dynamodbOptions = {
  dynamodbTable: option('dynamodb-table', text(), {
    default: 'goredis',
    own: true,
    help: 'The table of `store dynamodb`. [stores.md](stores.md) says what it must be.',
  }),
  dynamodbEndpoint: option('dynamodb-endpoint', httpUrl(), {
    default: '',
    own: true,
    help: "Where DynamoDB is, such as `http://127.0.0.1:8000` for DynamoDB Local. Empty: AWS's own, by the region. On a loopback address credentials come only from what the environment names, and are made up if it names none.",
  }),
  dynamodbRegion: option('dynamodb-region', text(), {
    default: '',
    own: true,
    help: 'The region of AWS. Empty: as environment and shared files say, and if they say nothing, `us-east-1` for an endpoint on a loopback address.',
  }),
  dynamodbCreateTable: option('dynamodb-create-table', oneOf(['auto', 'yes', 'no']), {
    default: 'auto',
    own: true,
    help: 'Whether to make the table if there is none. `auto`: only with a `dynamodb-endpoint`.',
  }),
  dynamodbExpiryIndex: option('dynamodb-expiry-index', yesNo(), {
    default: 'yes',
    own: true,
    help: 'Whether keys with deadlines are in the index of the table, where they are found and removed on time when no node remembers them; it costs a write unit or two for each write of such a key. Without it they are removed by the nodes that remember them, and else hours later by DynamoDB. Nobody sees them after their deadlines in either case.',
  }),
  dynamodbMaxSockets: option('dynamodb-max-sockets', integer({ min: 1, max: 65535 }), {
    default: '256',
    own: true,
    unit: 'connections',
    help: 'How many requests to DynamoDB may be under way at once; others wait.',
  }),
  dynamodbConnectTimeoutMs: option('dynamodb-connect-timeout', integer({ min: 1, max: INT_MAX }), {
    default: '1000',
    own: true,
    unit: 'milliseconds',
    help: 'How long a connection to DynamoDB may take to be made.',
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
    help: 'How long a request that failed is made again before the client gets an error. A read or a commit ends within this time and twice dynamodb-timeout, whatever DynamoDB does.',
  }),
  startupTimeoutSeconds: option(
    'startup-timeout',
    integer({ min: 0, max: Math.floor(INT_MAX / 1000) }),
    {
      default: '30',
      own: true,
      unit: 'seconds',
      help: 'How long the start waits for DynamoDB while it cannot be reached. 0: it is asked once.',
    },
  ),
};
