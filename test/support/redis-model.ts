/** A few Redis commands over a small database, as the linearizability checker needs them. */
import type { Model } from './linearizability';

/**
 * A command, or several in one MULTI. These may begin with `[WATCHED, reply, ...keys]`: EXEC runs
 * the others only if MGET of the keys is still answered like that. (A key that was changed and
 * changed back makes EXEC fail as well. Nobody would see that in a history of unique values.)
 */
export type ModelInput = readonly (readonly string[])[];
export const WATCHED = 'WATCHED';
type State = ReadonlyMap<string, string>;

/** The reply's bytes; of several commands, of EXEC. */
export const redisModel: Model<State, ModelInput, string> = {
  initial: new Map(),
  apply(before, input) {
    const state = new Map(before);
    const [name, seen, ...keys] = input[0]!;
    const isWatched = name === WATCHED;
    if (isWatched && run(state, ['MGET', ...keys]) !== seen) return { state, output: '*-1\r\n' };
    const replies = input.slice(isWatched ? 1 : 0).map((command) => run(state, command));
    const plain = input.length === 1;
    return { state, output: plain ? replies[0]! : `*${replies.length}\r\n${replies.join('')}` };
  },
  key: (state) => JSON.stringify([...state].sort()),
  same: (a, b) => a === b,
};

function run(state: Map<string, string>, [name = '', ...args]: readonly string[]): string {
  const [key = '', value = ''] = args;
  const old = state.get(key);
  switch (name) {
    case 'GET':
      return bulk(old);
    case 'SET':
      state.set(key, value);
      return '+OK\r\n';
    case 'SETNX':
      if (old !== undefined) return ':0\r\n';
      state.set(key, value);
      return ':1\r\n';
    case 'GETDEL':
      state.delete(key);
      return bulk(old);
    case 'DEL':
      return `:${state.delete(key) ? 1 : 0}\r\n`;
    case 'APPEND':
      state.set(key, (old ?? '') + value);
      return `:${((old ?? '') + value).length}\r\n`;
    case 'INCR':
      if (old !== undefined && !/^[0-9]+$/.test(old)) {
        return '-ERR value is not an integer or out of range\r\n';
      }
      state.set(key, String(Number(old ?? 0) + 1));
      return `:${Number(old ?? 0) + 1}\r\n`;
    case 'MGET':
      return `*${args.length}\r\n${args.map((other) => bulk(state.get(other))).join('')}`;
    case 'MSET':
      for (let i = 0; i < args.length; i += 2) state.set(args[i]!, args[i + 1]!);
      return '+OK\r\n';
    case 'RENAME':
      if (old === undefined) return '-ERR no such key\r\n';
      state.delete(key);
      state.set(value, old);
      return '+OK\r\n';
    default:
      throw new Error(`the model does not know ${name}`);
  }
}

function bulk(text: string | undefined): string {
  return text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`;
}
