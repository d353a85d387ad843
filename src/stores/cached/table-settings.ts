/**
 * Settings of all nodes: items of the table. What others save comes by the stream; as a node may
 * follow none, and as a gap may hide something, each is also read again once a minute or so.
 */
import { Pauses } from '../../follower/pause';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/log';
import type { Random } from '../../lib/random';
import { Trouble } from '../../lib/trouble';
import type { SharedSettings } from '../../store/store';
import type { SystemItems } from '../dynamodb/system-items';

const INTERVAL_MS = 60_000;

export interface TableSettingsParts {
  readonly system: SystemItems;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class TableSettings implements SharedSettings {
  /** What somebody has asked for. */
  private readonly names = new Set<string>();
  private readonly listeners: ((name: string, value: string) => void)[] = [];
  private readonly pauses: Pauses;
  private readonly trouble: Trouble;
  /** Rises with whatever may be newer than the answer to a read that is under way. */
  private news = 0;

  constructor(private readonly parts: TableSettingsParts) {
    this.pauses = new Pauses(parts.clock);
    this.trouble = new Trouble(parts.log, {
      begins: 'What other nodes have set is not seen',
      ends: 'What other nodes have set is seen again',
    });
  }

  async get(name: string): Promise<string | undefined> {
    this.names.add(name);
    for (;;) {
      const { news } = this;
      const value = await this.parts.system.setting(name);
      // What was heard meanwhile may be newer.
      if (news === this.news) return value;
    }
  }

  async save(name: string, value: string): Promise<void> {
    this.news++;
    try {
      await this.parts.system.saveSetting(name, value);
    } finally {
      this.news++;
    }
  }

  onSaved(listener: (name: string, value: string) => void): void {
    this.listeners.push(listener);
  }

  /** The stream has told it. */
  heard(name: string, value: string): void {
    this.news++;
    this.tell(name, value);
  }

  start(): void {
    void this.run();
  }

  stop(): void {
    this.pauses.stop();
  }

  private async run(): Promise<void> {
    for (let pauseMs = this.usualPauseMs(); ; pauseMs = await this.readAll()) {
      await this.pauses.pause(pauseMs);
      if (this.pauses.stopped) return;
    }
  }

  /** Nodes that were started together do not stay together. */
  private usualPauseMs(): number {
    return INTERVAL_MS * (0.75 + this.parts.random.next() / 2);
  }

  /** @returns when to read again, in milliseconds from now */
  private async readAll(): Promise<number> {
    try {
      for (const name of this.names) await this.readAgain(name);
    } catch (error) {
      return this.pauses.stopped ? 0 : this.trouble.failed(error);
    }
    this.trouble.succeeded();
    return this.usualPauseMs();
  }

  private async readAgain(name: string): Promise<void> {
    const { news } = this;
    const value = await this.parts.system.setting(name);
    if (value === undefined || news !== this.news || this.pauses.stopped) return;
    this.tell(name, value);
  }

  private tell(name: string, value: string): void {
    for (const listener of this.listeners) listener(name, value);
  }
}
