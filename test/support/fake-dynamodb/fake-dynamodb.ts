/**
 * An endpoint that speaks as much of DynamoDB's protocol as goredis uses, over tables in memory, and
 * that can be made to fail in every way that DynamoDB and a network can.
 *
 *     const fake = await FakeDynamo.start();
 *     fake.faults.once(throttled(), onKey('hot'));
 *     fake.streams.of('goredis').split();
 *
 * Each request takes effect at one instant, in the order of arrival, so what it does is right by
 * construction; that its answers are DynamoDB's, against-local.test.ts compares, and
 * streams-against-local.test.ts. It does nothing that no request or test asks for.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Delays, type DelayOptions } from '../../stores/slow-delays';
import { seeded } from '../../../src/lib/random';
import { WireError, cancelled } from './errors';
import type { Body } from './expressions';
import { Faults, WRITES, throttling, type Fault, type When } from './faults';
import { OtherProgram } from './other-program';
import { query, scan } from './pages';
import { batchGetItem, getItem, transactGetItems } from './reads';
import { seenRequest, type SeenRequest } from './seen-request';
import { Streams, type StreamsOptions } from './streams/streams';
import { Tables } from './tables';
import { Transactions, writeItem } from './writes';

export interface FakeDynamoOptions {
  /** For the age of tokens and of iterators, and for the times of changes. */
  readonly nowMs?: () => number;
  /** What the header `Date` tells, in milliseconds; the system's time by default. */
  readonly dateMs?: () => number;
  /** With a seed: requests and answers travel a random while, so that they overtake each other. */
  readonly travel?: DelayOptions & { readonly seed: number };
  readonly streams?: StreamsOptions;
}

/** A request that the client has given up and that has not been applied yet. */
export interface HeldRequest {
  readonly request: SeenRequest;
  /** Applies it now. Returns what nobody will read. */
  deliver(): Body | WireError;
}

type Call = (body: Body) => Body;

const TOTAL = { ReturnConsumedCapacity: 'TOTAL' };

/** How many turns of the event loop a late request waits at most. */
const MAX_LATE_TURNS = 300;

export class FakeDynamo {
  /** Every request in the order of arrival. */
  readonly requests: SeenRequest[] = [];
  readonly held: HeldRequest[] = [];
  readonly faults = new Faults();
  readonly tables: Tables;
  readonly streams: Streams;

  private readonly waiting: { when: When; answered: (request: SeenRequest) => void }[] = [];
  private readonly calls: ReadonlyMap<string, Call>;
  private readonly server = createServer((message, answer) => void this.serve(message, answer));
  private readonly travel: Delays | undefined;
  private readonly lateDelays = new Delays(seeded(1), {});
  private readonly lateness = seeded(2);
  private late = 0;

  private constructor(private readonly options: FakeDynamoOptions) {
    // Connections end when a test says so: an idle one that is closed while a request is on its way
    // loses it.
    this.server.keepAliveTimeout = 0;
    const nowMs = options.nowMs ?? Date.now;
    const streams = new Streams(nowMs, options.streams);
    const tables = new Tables(nowMs, streams);
    const transactions = new Transactions(tables);
    this.streams = streams;
    this.tables = tables;
    this.calls = new Map<string, Call>([
      ['CreateTable', (body) => tables.create(body)],
      ['DescribeTable', (body) => tables.describeTable(body)],
      ['UpdateTable', (body) => tables.updateTable(body)],
      ['DescribeTimeToLive', (body) => tables.describeTimeToLive(body)],
      ['UpdateTimeToLive', (body) => tables.updateTimeToLive(body)],
      ['GetItem', (body) => getItem(tables, body)],
      ['BatchGetItem', (body) => batchGetItem(tables, body)],
      ['TransactGetItems', (body) => transactGetItems(tables, body)],
      ['UpdateItem', (body) => writeItem(tables, 'Update', body)],
      ['PutItem', (body) => writeItem(tables, 'Put', body)],
      ['DeleteItem', (body) => writeItem(tables, 'Delete', body)],
      ['TransactWriteItems', (body) => transactions.write(body)],
      ['Scan', (body) => scan(tables, body)],
      ['Query', (body) => query(tables, body)],
      ['ListStreams', (body) => streams.listStreams(body)],
      ['DescribeStream', (body) => streams.describeStream(body)],
      ['GetShardIterator', (body) => streams.getShardIterator(body)],
      ['GetRecords', (body) => streams.getRecords(body)],
    ]);
    const { travel } = options;
    this.travel = travel && new Delays(seeded(travel.seed), travel);
  }

  static async start(options: FakeDynamoOptions = {}): Promise<FakeDynamo> {
    const fake = new FakeDynamo(options);
    fake.server.listen(0, '127.0.0.1');
    await once(fake.server, 'listening');
    return fake;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** The requests since the last call. */
  takeRequests(): SeenRequest[] {
    return this.requests.splice(0);
  }

  /** Resolves when the next such request has been answered, or cut. */
  answered(when: When): Promise<SeenRequest> {
    return new Promise((answered) => void this.waiting.push({ when, answered }));
  }

  /** Writes to a table without requests. */
  otherProgram(tableName: string): OtherProgram {
    return new OtherProgram(this.tables.named(tableName));
  }

  /** Applies what is held, in the order of arrival. */
  deliverHeld(): void {
    for (const held of this.held.splice(0)) held.deliver();
  }

  /** Resolves when no late request is on its way any more. */
  async settled(): Promise<void> {
    while (this.late > 0) await this.lateDelays.turns(1);
  }

  private async serve(message: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of message) chunks.push(chunk as Buffer);
    } catch {
      // The client has gone before its request was whole.
      return;
    }
    const operation = String(message.headers['x-amz-target']).replace(
      /^DynamoDB(Streams)?_\d+\./,
      '',
    );
    const request = seenRequest(operation, JSON.parse(Buffer.concat(chunks).toString()) as Body);
    this.requests.push(request);
    await this.travel?.travel();
    const result = await this.meet(request, this.faults.next(request));
    await this.travel?.travel();
    if (result === 'silence') return;
    this.answer(answer, result);
    this.tellWaiting(request);
  }

  private answer(answer: ServerResponse, result: Body | WireError | 'cut'): void {
    if (result === 'cut') {
      answer.destroy();
      return;
    }
    const { dateMs } = this.options;
    const isError = result instanceof WireError;
    if (dateMs !== undefined) answer.setHeader('Date', new Date(dateMs()).toUTCString());
    answer.writeHead(isError ? result.status : 200, {
      'Content-Type': 'application/x-amz-json-1.0',
    });
    answer.end(JSON.stringify(isError ? result.body : result));
  }

  private tellWaiting(request: SeenRequest): void {
    for (const waiting of [...this.waiting]) {
      if (!waiting.when(request)) continue;
      this.waiting.splice(this.waiting.indexOf(waiting), 1);
      waiting.answered(request);
    }
  }

  /** What the client sees of its request: an answer, a cut connection, or nothing. */
  private async meet(
    request: SeenRequest,
    fault: Fault | 'late' | undefined,
  ): Promise<Body | WireError | 'cut' | 'silence'> {
    if (fault === undefined) return this.apply(request);
    if (fault === 'late') {
      void this.deliverLate(request);
      return 'cut';
    }
    switch (fault.kind) {
      case 'error':
        if (fault.after === true) this.apply(request);
        return fault.error;
      case 'reset':
        if (fault.after) this.apply(request);
        return 'cut';
      case 'delay':
        await sleep(fault.ms);
        return this.apply(request);
      case 'meanwhile': {
        const early = fault.after === true ? this.apply(request) : undefined;
        await fault.happens();
        return early ?? this.apply(request);
      }
      case 'hold':
        this.held.push({ request, deliver: () => this.apply(request) });
        return fault.silent === true ? 'silence' : 'cut';
      case 'unprocessed':
        return batchGetItem(
          this.tables,
          request.body,
          (i) => i >= request.keys.length - fault.keys,
        );
      case 'throttled key':
        return this.throttleKey(request, fault.key);
    }
  }

  /** Only that key is throttled; where requests may succeed in part, the others go through. */
  private throttleKey({ operation, body, keys }: SeenRequest, key: string): Body | WireError {
    if (operation === 'BatchGetItem' && keys.some((other) => other !== key)) {
      return batchGetItem(this.tables, body, (i) => keys[i] === key);
    }
    if (!operation.startsWith('Transact')) return throttling();
    const codes = keys.map((other) => (other === key ? 'ThrottlingError' : 'None'));
    return cancelled(codes.map((Code) => ({ Code })));
  }

  private async deliverLate(request: SeenRequest): Promise<void> {
    this.late++;
    await this.lateDelays.turns(1 + this.lateness.below(MAX_LATE_TURNS));
    this.apply(request);
    this.late--;
  }

  /** @returns the body of the answer */
  private apply({ operation, body, used }: SeenRequest): Body | WireError {
    const call = this.calls.get(operation);
    if (call === undefined) return new WireError('UnknownOperationException', '');
    try {
      const { ConsumedCapacity: consumed, ...answer } = call({ ...body, ...TOTAL });
      if (consumed === undefined) return answer;
      const units = WRITES.has(operation) ? 'writeUnits' : 'readUnits';
      for (const { CapacityUnits } of [consumed].flat() as { CapacityUnits: number }[]) {
        used[units] += CapacityUnits;
      }
      const isWanted = body['ReturnConsumedCapacity'] === 'TOTAL';
      return isWanted ? { ...answer, ConsumedCapacity: consumed } : answer;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      used.writeUnits += error.writeUnits;
      return error;
    }
  }
}
