/** A client of several nodes whose history is recorded for the checker of linearizability. */
import type { Random } from '../../src/lib/random';
import {
  playPipeline,
  playWatch,
  randomCommand,
  randomInput,
  type History,
  type Timeline,
} from './history';
import { connectRaw, type RawClient } from './raw-client';

export interface Wandering {
  readonly random: Random;
  readonly keys: readonly string[];
  readonly history: History;
  readonly timeline: Timeline;
  /** Of the nodes, as they are now. */
  readonly ports: () => readonly number[];
  /** What it says first on each connection. */
  readonly greeting?: readonly string[];
}

/** It goes to any node, and to another one when that breaks. */
export class WanderingClient {
  /** How often EXEC was refused because of WATCH. */
  aborted = 0;
  private connection: RawClient | undefined;

  constructor(private readonly way: Wandering) {}

  /** @param told after each step */
  async play(steps: number, told: () => void = () => {}): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.connection ??= await this.connect();
      const open = await this.step(this.connection);
      if (open === 'aborted') this.aborted++;
      // Or it moves, to see what it has done from another node.
      if (open === false || this.way.random.below(5) === 0) this.leave();
      told();
    }
    this.leave();
  }

  private step(connection: RawClient): Promise<boolean | 'aborted'> {
    const { random, keys, history, timeline } = this.way;
    if (random.below(4) === 0) {
      const watched = [keys[random.below(keys.length)]!];
      const commands = [['SET', watched[0]!, `w${timeline.next()}`], randomCommand(random, keys)];
      return playWatch(connection, watched, commands, history, timeline);
    }
    const length = 1 + (random.below(3) === 0 ? random.below(3) : 0);
    const inputs = Array.from({ length }, () => randomInput(random, keys));
    return playPipeline(connection, inputs, history, timeline);
  }

  private async connect(): Promise<RawClient> {
    const { random, ports, greeting } = this.way;
    for (;;) {
      const now = ports();
      try {
        const connection = await connectRaw(now[random.below(now.length)]!);
        if (greeting !== undefined) await connection.command(...greeting);
        return connection;
      } catch {
        // It was killed.
      }
    }
  }

  private leave(): void {
    this.connection?.destroy();
    this.connection = undefined;
  }
}
