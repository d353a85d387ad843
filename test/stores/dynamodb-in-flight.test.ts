/** How many requests are under way at once, and whose turn it is. */
import { InFlight } from '../../src/stores/dynamodb/in-flight';
import { turns } from '../support/until';

let inFlight: InFlight;
let begun: string[];
let ends: (() => void)[];

beforeEach(() => {
  inFlight = new InFlight(2);
  begun = [];
  ends = [];
});

function run(name: string, isRepeat = false): Promise<void> {
  const request = (): Promise<void> => {
    begun.push(name);
    return new Promise((resolve) => ends.push(resolve));
  };
  return inFlight.run(request, isRepeat);
}

it('requests start at once while there is room, and in their order when there is some again', async () => {
  const runs = ['a', 'b', 'c', 'd'].map((name) => run(name));
  expect(begun).toEqual(['a', 'b']);
  ends.shift()!();
  await turns(2);
  expect(begun).toEqual(['a', 'b', 'c']);
  // There is room in a moment, but somebody waits for it.
  ends.shift()!();
  await runs[1];
  runs.push(run('e'));
  await turns(2);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  while (ends.length > 0) {
    ends.shift()!();
    await turns(2);
  }
  await Promise.all(runs);
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('a request that is made again waits behind no new one', async () => {
  for (const name of ['a', 'b', 'new', 'new']) void run(name);
  void run('again', true);
  ends.shift()!();
  await turns(2);
  expect(begun).toEqual(['a', 'b', 'again']);
});

it('what fails leaves its room to the next', async () => {
  const failed = Promise.all([
    expect(inFlight.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no'),
    expect(inFlight.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no'),
  ]);
  const third = run('third');
  await failed;
  await turns(2);
  expect(begun).toEqual(['third']);
  ends.shift()!();
  await third;
});
