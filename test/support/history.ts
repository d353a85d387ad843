/**
 * Histories: connections send random commands over a few shared keys, and what they are answered is
 * recorded for the checker.
 */
import type { Random } from '../../src/lib/random';
import type { Operation } from './linearizability';
import { encodeRequest, type RawClient } from './raw-client';
import { WATCHED, type ModelInput } from './redis-model';

export type History = Operation<ModelInput, string>[];

/** Counts calls and returns. All connections of a history share one. */
export class Timeline {
  private last = 0;

  readonly next = (): number => ++this.last;
}

let uniqueValue = 0;

/** @param keys at least three */
export function randomCommand(random: Random, keys: readonly string[]): readonly string[] {
  const key = (): string => keys[random.below(keys.length)]!;
  const value = `v${++uniqueValue}`;
  switch (random.below(11)) {
    case 0:
    case 1:
      return ['GET', key()];
    case 2:
      return ['SET', key(), value];
    case 3:
      return ['SETNX', key(), value];
    case 4:
      return ['GETDEL', key()];
    case 5:
      return ['DEL', key()];
    case 6:
      return ['APPEND', key(), value];
    case 7:
      return ['INCR', key()];
    case 8:
      return ['MGET', ...keys];
    case 9:
      return ['MSET', key(), value, keys[2]!, value];
    default:
      return ['RENAME', keys[0]!, keys[1]!];
  }
}

/** A command, or a transaction. */
export function randomInput(random: Random, keys: readonly string[]): ModelInput {
  if (random.below(4) > 0) return [randomCommand(random, keys)];
  return [randomCommand(random, keys), randomCommand(random, keys)];
}

/**
 * Sends inputs as one pipeline and records what becomes of them.
 * @returns false if the connection broke: then the outcome of what was not answered is not known
 */
export async function playPipeline(
  client: RawClient,
  inputs: readonly ModelInput[],
  history: History,
  { next }: Timeline,
): Promise<boolean> {
  const calledAt = next();
  client.send(Buffer.concat(inputs.map(encode)));
  let open = true;
  for (const input of inputs) {
    const output = await answer(client, input.length === 1 ? 1 : input.length + 2);
    record(history, input, output, calledAt, next());
    open &&= output !== undefined;
  }
  return open;
}

/**
 * WATCH and GET of some keys, and then a transaction that happens only if they are as they were.
 * @returns as `playPipeline`; 'aborted' if EXEC was refused because of WATCH
 */
export async function playWatch(
  client: RawClient,
  watched: readonly string[],
  commands: ModelInput,
  history: History,
  { next }: Timeline,
): Promise<boolean | 'aborted'> {
  const readAt = next();
  client.send(
    Buffer.concat(
      [
        ['WATCH', ...watched],
        ['MGET', ...watched],
      ].map(encodeRequest),
    ),
  );
  const watching = await answer(client, 1);
  const seen = await answer(client, 1);
  record(history, [['MGET', ...watched]], seen, readAt, next());
  if (seen === undefined) return false;
  if (watching !== '+OK\r\n' || seen.startsWith('-')) {
    // Without an answer to one of them nobody knows what to expect.
    return (await answer(client, 1, ['UNWATCH'])) !== undefined;
  }
  const calledAt = next();
  client.send(Buffer.concat([encodeRequest(['MULTI']), ...commands.map(encodeRequest)]));
  const output = await answer(client, commands.length + 2, ['EXEC']);
  const input = [[WATCHED, seen, ...watched], ...commands];
  if (output === '*-1\r\n') return 'aborted';
  record(history, input, output, calledAt, next());
  return output !== undefined;
}

function record(
  history: History,
  input: ModelInput,
  output: string | undefined,
  calledAt: number,
  returnedAt: number,
): void {
  if (output === undefined || output.startsWith('-UNKNOWNOUTCOME')) {
    history.push({ input, output: undefined, calledAt, returnedAt: Infinity });
  } else if (!output.startsWith('-TRYAGAIN')) {
    history.push({ input, output, calledAt, returnedAt });
  }
}

/** The last of so many replies; undefined if the connection broke before. */
async function answer(
  client: RawClient,
  count: number,
  request?: readonly string[],
): Promise<string | undefined> {
  if (request !== undefined) client.send(encodeRequest(request));
  try {
    return (await client.readReplies(count)).at(-1)!.toString('latin1');
  } catch {
    return undefined;
  }
}

function encode(input: ModelInput): Buffer {
  const commands = input.map((command) => encodeRequest(command));
  if (input.length === 1) return commands[0]!;
  return Buffer.concat([encodeRequest(['MULTI']), ...commands, encodeRequest(['EXEC'])]);
}
