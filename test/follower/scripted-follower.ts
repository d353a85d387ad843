/** A follower in a scene, with what it tells, and items to write whose records are known by sight. */
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { Follower } from '../../src/follower/follower';
import { silentLogger, type Logger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import { Scene, type SceneOptions } from '../support/fake-dynamodb/scene';
import type { OwnClock } from '../support/fake-dynamodb/own-clock';
import type { Shard } from '../support/fake-dynamodb/streams/shard';

export interface ScriptedOptions extends SceneOptions {
  readonly seed?: number;
  readonly maxStalenessMs?: number;
  readonly callsPerSecond?: number;
}

interface Written {
  readonly name: string;
  readonly atMs: number;
}

export class ScriptedFollower {
  /** Starts a scene and a follower in it that does not follow yet. */
  static async make(options: ScriptedOptions = {}): Promise<ScriptedFollower> {
    return new ScriptedFollower(await Scene.start(options), options);
  }

  /** The same, and it follows: all that is written from now on is told, and it is fresh. */
  static async start(options: ScriptedOptions = {}): Promise<ScriptedFollower> {
    const scripted = await ScriptedFollower.make(options);
    scripted.follower.start();
    await scripted.caughtUp();
    return scripted;
  }

  readonly follower: Follower;
  readonly clock: OwnClock;
  readonly streams: DynamoDBStreamsClient;
  /** What was told, in that order: `key 1`, `key 2`, ... */
  readonly told: string[] = [];
  readonly written: Written[] = [];
  readonly gaps: string[] = [];
  readonly warnings: string[] = [];
  /** Called with each name before it counts as told. */
  onTold: (name: string) => void = () => {};
  /** False: they cannot be written. */
  beacons = true;
  private readonly versions = new Map<string, number>();

  private constructor(
    readonly scene: Scene,
    { seed = 1, maxStalenessMs = 2000, callsPerSecond = 4 }: ScriptedOptions,
  ) {
    this.clock = scene.ownClock();
    this.streams = new DynamoDBStreamsClient({
      endpoint: scene.fake.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
      maxAttempts: 1,
    });
    scene.traffic.watch(this.streams);
    const log: Logger = { ...silentLogger, warning: (text) => void this.warnings.push(text) };
    this.follower = new Follower({
      streams: this.streams,
      clock: this.clock,
      random: seeded(seed),
      log,
      maxStalenessMs,
      callsPerSecond,
      findStream: () =>
        Promise.resolve(scene.stream.status === 'ENABLED' ? scene.stream.arn : undefined),
      writeBeacon: async ({ p, s }, number) => {
        if (!this.beacons) throw new Error('not now');
        scene.program.putItem({ p: { B: p }, s: { B: s }, b: { N: String(number) } });
      },
      onRecord: ({ newImage }) => {
        const name = newImage?.['name']?.S;
        if (name === undefined) return;
        this.onTold(name);
        this.told.push(name);
      },
      onFollowing: () => {},
      onGap: (reason) => void this.gaps.push(reason),
      onPage: () => {},
    });
  }

  async stop(): Promise<void> {
    await this.follower.stop();
    this.streams.destroy();
    await this.scene.stop();
  }

  /** Writes an item of that key. @returns what will be told of it */
  write(key: string, more: object = {}): string {
    const version = (this.versions.get(key) ?? 0) + 1;
    this.versions.set(key, version);
    const name = `${key} ${version}`;
    this.written.push({ name, atMs: this.scene.clock.nowMs() });
    this.scene.program.putItem({ ...this.scene.keyOf(key), name: { S: name }, ...more });
    return name;
  }

  /** Writes to a key that the open shard takes, the same one each time. */
  writeTo(shard: Shard, more?: object): string {
    const [key] = this.scene.keysIn(shard, 1) as [string];
    return this.write(key, more);
  }

  /** Time passes until all that was written before has been told, provably. */
  async caughtUp(): Promise<void> {
    await this.scene.passFor(this.follower.caughtUp());
  }

  /** All that was written is told by now, each once, and in the order of its key. */
  expectAll(): void {
    expect([...this.told].sort()).toEqual(this.written.map(({ name }) => name).sort());
    this.expectOrder();
  }

  expectOrder(): void {
    for (const key of this.versions.keys()) {
      const versions = this.told
        .filter((name) => name.startsWith(`${key} `))
        .map((name) => Number(name.slice(key.length)));
      expect({ key, versions }).toEqual({ key, versions: [...versions].sort((a, b) => a - b) });
    }
  }

  /** If it says that it is fresh, all that was written so long ago has been told. */
  expectBound(maxStalenessMs = 2000): void {
    if (!this.follower.isFresh()) return;
    const sinceMs = this.scene.clock.nowMs() - maxStalenessMs;
    const told = new Set(this.told);
    const late = this.written.filter(({ name, atMs }) => atMs < sinceMs && !told.has(name));
    expect(late).toEqual([]);
  }
}
