import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** goredis's version, from package.json beside `src` and `dist`. */
export const version = (
  JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }
).version;
