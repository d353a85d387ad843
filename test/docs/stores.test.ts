/** docs/stores.md: the table, the permissions and the limits that it tells. */
import { tableCommands } from '../../src/stores/dynamodb/table';
import { readPage } from './pages';

const page = readPage('docs/stores.md');

it('prints the commands that make the table', () => {
  expect(page).toContain(tableCommands('goredis', '--region eu-west-1').join(' &&\n'));
});
