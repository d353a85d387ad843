import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationMarkdown, usage } from '../../src/config';
import { allOptions } from '../../src/config/options';

it('docs/configuration.md is as the option table makes it (else: npm run docs)', () => {
  const page = readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8');
  expect(page).toBe(configurationMarkdown());
});

it('--help names every option that does something', () => {
  const lines = usage().split('\n');
  for (const row of allOptions) {
    const named = lines.some((line) => line.startsWith(`  --${row.directive} `));
    expect([row.directive, named]).toEqual([row.directive, !row.inert]);
  }
});
