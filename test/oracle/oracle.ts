/**
 * The oracle: the same script goes to a real redis-server and to a server under test, both emptied
 * before, and the replies must be the same.
 */
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { sameReply, sameTransaction, type Compare } from './compare';

export type Arg = string | Buffer;
export type Request = readonly Arg[];

/** A case: a script, sent as one pipeline over one connection. */
export interface OracleCase {
  readonly title: string;
  readonly script: readonly Request[];
  /** How replies are compared; `bytes` if it is absent. */
  readonly compare?: Compare;
  /** The version of the protocol, 2 if it is absent. */
  readonly protocol?: 2 | 3;
  /** Only stores in place can do it; the others refuse (docs/differences.md). */
  readonly inPlaceOnly?: true;
}

/** One request of a script that several connections send, in this order. */
export interface Step {
  readonly connection: number;
  readonly request: Request;
  readonly compare: Compare;
}

/** A server that is asked. */
export interface Subject {
  readonly name: string;
  readonly port: number;
  /** Of its nodes, if it has several: connection n goes to the n-th of them, round and round. */
  readonly ports?: readonly number[];
}

export interface Asking {
  /** The keys of the script are its own: the servers are not emptied before. */
  readonly keepOthers?: true;
}

/** A reply that did not come: the connection was closed, or nothing came in time. */
type Answer = Buffer | 'closed' | 'silent';

const SILENCE_MS = 10_000;

export interface Difference {
  /** The position of the first step that was answered otherwise. */
  readonly at: number;
  /** For people: the script up to there with both answers. */
  readonly report: string;
}

/** The steps of a case. */
export function stepsOf({ script, compare = 'bytes', protocol = 2 }: OracleCase): Step[] {
  const steps = script.map((request): Step => ({ connection: 0, request, compare }));
  if (protocol === 2) return steps;
  // The connection's number is in the reply, and goredis adds its own version.
  return [{ connection: 0, request: ['HELLO', String(protocol)], compare: 'kind' }, ...steps];
}

/** Runs the steps on both and finds the first answer that differs; undefined: all are the same. */
export async function findDifference(
  steps: readonly Step[],
  oracle: Subject,
  subject: Subject,
  asking: Asking = {},
): Promise<Difference | undefined> {
  const [expected, actual] = await answersOf(steps, [oracle, subject], asking);
  /** Per connection: the ways of comparison of what MULTI has queued. */
  const queues = new Map<number, Compare[]>();
  for (const [at, step] of steps.entries()) {
    const [a, b] = [expected[at]!, actual[at]!];
    if (!sameAnswer(step, a, b, queues)) {
      return { at, report: report(steps, at, [oracle.name, a], [subject.name, b], expected) };
    }
  }
  return undefined;
}

function sameAnswer(step: Step, a: Answer, b: Answer, queues: Map<number, Compare[]>): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b && a !== 'silent';
  const name = String(step.request[0]).toUpperCase();
  const queue = queues.get(step.connection) ?? [];
  if (a.equals(QUEUED)) {
    queues.set(step.connection, [...queue, step.compare]);
  } else if (name === 'EXEC' || name === 'DISCARD' || name === 'RESET') {
    queues.delete(step.connection);
    if (name === 'EXEC') return sameTransaction(queue, a, b);
  }
  return sameReply(step.compare, a, b);
}

const QUEUED = Buffer.from('+QUEUED\r\n');

/** Runs the steps on both servers, emptied unless `keepOthers`, over new connections. */
async function answersOf(
  steps: readonly Step[],
  servers: readonly [Subject, Subject],
  { keepOthers }: Asking,
): Promise<[Answer[], Answer[]]> {
  const [a, b] = await Promise.all([
    Connections.open(steps, servers[0]),
    Connections.open(steps, servers[1]),
  ]);
  const answers: [Answer[], Answer[]] = [[], []];
  try {
    if (keepOthers !== true) await Promise.all([a.empty(), b.empty()]);
    const restore = await Promise.all([a, b].map(({ admin }) => rememberConfig(admin, steps)));
    for (const { connection, requests } of pipelinesOf(steps)) {
      // Neither goes ahead of the other, because there are times in what they answer.
      const both = [a, b].map(({ byId }) => ask(byId.get(connection)!, requests));
      (await Promise.all(both)).forEach((part, i) => answers[i]!.push(...part));
    }
    await Promise.all(restore.map((run, i) => run(servers[i]!.port)));
    return answers;
  } finally {
    a.close();
    b.close();
  }
}

/** What one connection sends without another between is one pipeline. */
function pipelinesOf(steps: readonly Step[]): { connection: number; requests: Buffer[] }[] {
  const pipelines: { connection: number; requests: Buffer[] }[] = [];
  for (const { connection, request } of steps) {
    const last = pipelines.at(-1);
    if (last?.connection === connection) last.requests.push(encodeRequest(request));
    else pipelines.push({ connection, requests: [encodeRequest(request)] });
  }
  return pipelines;
}

/** The connections of a script to one server. */
class Connections {
  static async open(
    steps: readonly Step[],
    { port, ports = [port] }: Subject,
  ): Promise<Connections> {
    const ids = [...new Set([0, ...steps.map((step) => step.connection)])];
    const clients = ids.map(
      async (id) => [id, await connectRaw(ports[id % ports.length]!)] as const,
    );
    return new Connections(new Map(await Promise.all(clients)));
  }

  private constructor(readonly byId: ReadonlyMap<number, RawClient>) {}

  get admin(): RawClient {
    return this.byId.get(0)!;
  }

  async empty(): Promise<void> {
    await this.admin.command('FLUSHALL');
  }

  close(): void {
    for (const client of this.byId.values()) client.destroy();
  }
}

async function ask(client: RawClient, requests: readonly Buffer[]): Promise<Answer[]> {
  client.send(Buffer.concat(requests));
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silent'>((resolve) => {
    timer = setTimeout(resolve, SILENCE_MS, 'silent');
  });
  const answers: Promise<Answer>[] = requests.map(() =>
    Promise.race([client.readReply().catch((): 'closed' => 'closed'), silence]),
  );
  return Promise.all(answers).finally(() => clearTimeout(timer));
}

/** Reads the options that the script sets, so that the next case finds them as they were. */
async function rememberConfig(
  client: RawClient,
  steps: readonly Step[],
): Promise<(port: number) => Promise<void>> {
  const saved: Buffer[][] = [];
  for (const { request } of steps) {
    const [command, subcommand, option] = request.map(String);
    if (command?.toUpperCase() !== 'CONFIG' || subcommand?.toUpperCase() !== 'SET') continue;
    const reply = (await client.command('CONFIG', 'GET', option ?? '')).toString('latin1');
    const value = reply.split('\r\n')[4];
    if (value !== undefined) saved.push([Buffer.from(option!), Buffer.from(value, 'latin1')]);
  }
  return async (port) => {
    if (saved.length === 0) return;
    const admin = await connectRaw(port);
    for (const [option, value] of saved.reverse()) {
      await admin.command('CONFIG', 'SET', option!, value!);
    }
    admin.destroy();
  };
}

const SHOWN_STEPS = 40;
const SHOWN_BYTES = 100;

function report(
  steps: readonly Step[],
  at: number,
  [oracleName, expected]: readonly [string, Answer],
  [subjectName, actual]: readonly [string, Answer],
  before: readonly Answer[],
): string {
  const from = Math.max(0, at - SHOWN_STEPS);
  const lines = steps.slice(from, at).map((step, i) => {
    return `    ${line(step)}  ->  ${shown(before[from + i]!)}`;
  });
  if (from > 0) lines.unshift(`    ... ${from} more before`);
  const width = Math.max(oracleName.length, subjectName.length);
  return [
    `request ${at + 1} is answered otherwise (${steps[at]!.compare}):`,
    ...lines,
    `  > ${line(steps[at]!)}`,
    `      ${oracleName.padEnd(width)}  ${shown(expected)}`,
    `      ${subjectName.padEnd(width)}  ${shown(actual)}`,
  ].join('\n');
}

function line({ connection, request }: Step): string {
  const words = request.map((arg) =>
    /^[\w.:*+@-]+$/.test(String(arg)) ? String(arg) : quoted(Buffer.from(arg as string, 'latin1')),
  );
  return `${connection === 0 ? '' : `[${connection}] `}${words.join(' ')}`;
}

function shown(answer: Answer): string {
  return typeof answer === 'string' ? `(${answer})` : quoted(answer);
}

function quoted(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('latin1', 0, SHOWN_BYTES)).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16)}`,
  );
  return bytes.length <= SHOWN_BYTES ? text : `${text}... (${bytes.length} bytes)`;
}
