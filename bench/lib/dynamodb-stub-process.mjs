// @ts-check
import { startStub } from './dynamodb-stub.mjs';

const { endpoint } = await startStub(String(process.argv[2]));
console.log(endpoint);
