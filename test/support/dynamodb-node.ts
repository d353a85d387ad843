/** A goredis on a table of DynamoDB Local, in a process of its own, behind a proxy of its own. */
import type { DynamoLocal } from './dynamodb-local';
import { FaultyProxy, PASS } from './faulty-proxy';
import { GoredisProcess } from './goredis-process';

export class DynamoNode {
  /** Where it listens; another port after each start. */
  port = 0;
  private process: GoredisProcess | undefined;

  /** @param args more of goredis's command line */
  static async start(
    local: DynamoLocal,
    table: string,
    args: readonly string[] = [],
  ): Promise<DynamoNode> {
    const proxy = await FaultyProxy.start(local.port);
    const node = new DynamoNode(proxy, [
      ...['--port', '0', '--store', 'dynamodb', '--dynamodb-table', table],
      ...['--dynamodb-endpoint', `http://127.0.0.1:${proxy.port}`],
      ...args,
    ]);
    await node.restart();
    return node;
  }

  private constructor(
    readonly proxy: FaultyProxy,
    private readonly args: readonly string[],
  ) {}

  /** Starts it again after `kill`. Nothing happens to the requests of the start itself. */
  async restart(): Promise<void> {
    const { fate } = this.proxy;
    this.proxy.fate = () => PASS;
    this.process = new GoredisProcess(this.args);
    this.port = await this.process.ready();
    this.proxy.fate = fate;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.process?.kill('SIGKILL');
  }

  /** `kill -STOP`: it does nothing until `resume`, and its connections stay. */
  suspend(): void {
    this.process?.child.kill('SIGSTOP');
  }

  resume(): void {
    this.process?.child.kill('SIGCONT');
  }

  /** What it has logged since it was started. */
  get log(): string {
    return this.process?.stdout ?? '';
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.proxy.stop();
  }
}

/** Nodes on one table; the first makes it. */
export async function startDynamoNodes(
  local: DynamoLocal,
  table: string,
  count: number,
  args: readonly string[] = [],
): Promise<DynamoNode[]> {
  const first = await DynamoNode.start(local, table, args);
  const others = Array.from({ length: count - 1 }, () => DynamoNode.start(local, table, args));
  return [first, ...(await Promise.all(others))];
}
