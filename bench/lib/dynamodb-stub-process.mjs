// @ts-check
import { startStub } from './dynamodb-stub.mjs';
import { ForeignWrites } from './foreign-writes.mjs';

const { foreignWrites = 0, keys = 1, valueBytes = 0 } = JSON.parse(String(process.argv[3] ?? '{}'));
const writes = new ForeignWrites(foreignWrites, { prefix: 'key:', keys, valueBytes });
const { endpoint } = await startStub(String(process.argv[2]), writes);
console.log(endpoint);
