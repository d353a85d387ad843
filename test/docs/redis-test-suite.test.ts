/** docs/redis-test-suite.md: what it says is missing is missing, and its sums are right. */
import { allCommands } from '../../src/commands/registry';
import { readPage } from './pages';

const page = readPage('docs/redis-test-suite.md');

/** The rows of the table: a unit and its four numbers. */
const rows = [...page.matchAll(/^\| (`unit\/\S+`|all) +\|(.*)\|$/gm)].map(([, unit, numbers]) => ({
  unit: unit!.replaceAll('`', ''),
  numbers: numbers!.split('|').map(Number),
}));
const sections = new Map(
  page
    .split(/^### `/m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('`')), text]),
);

it('every command that its tests lack is still missing', () => {
  const names = new Set(
    allCommands.flatMap(({ name, subcommands = [] }) => [
      name,
      ...subcommands.map((sub) => `${name} ${sub.name}`),
    ]),
  );
  const lacking = [...sections.values()].flatMap((text) => [...text.matchAll(/^- `([^`]+)`: "/gm)]);
  expect(lacking.length).toBeGreaterThan(0);
  expect(lacking.filter(([, name]) => names.has(name!.toLowerCase()))).toEqual([]);
});

it('names as many tests as it counts, and its sums are right', () => {
  const units = rows.filter(({ unit }) => unit !== 'all');
  const [all] = rows.filter(({ unit }) => unit === 'all');
  for (const { unit, numbers } of units) {
    const [onRedis = 0, lacking = 0, differ = 0, pass] = numbers;
    const named = sections.get(unit)?.match(/"[^"]+"/g)?.length ?? 0;
    expect({ unit, named, pass }).toEqual({
      unit,
      named: lacking,
      pass: onRedis - lacking - differ,
    });
  }
  expect(all!.numbers).toEqual(
    [0, 1, 2, 3].map((column) => units.reduce((sum, { numbers }) => sum + numbers[column]!, 0)),
  );
  expect([...sections.keys()].filter((unit) => !units.some((row) => row.unit === unit))).toEqual(
    [],
  );
});
