/** Writes docs/configuration.md from the compiled option table: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import config from '../dist/config/index.js';

writeFileSync(new URL('configuration.md', import.meta.url), config.configurationMarkdown());
