/**
 * The contract of src/store as facts. One call joins a store:
 *
 *     storeConformance('memory', open);
 *
 * Every test opens a store of its own, empty, over a clock that the test moves.
 */
import type { ManualClock } from '../../src/lib/clock';
import type { Store } from '../../src/store/store';
import { commitFacts } from './commits';
import { loadFacts } from './loads';
import { wholeStoreFacts } from './whole-store';

export interface ConformanceOptions {
  /** How many databases the store must have. */
  readonly databases: number;
}

export interface OpenedStore {
  readonly store: Store;
  readonly clock: ManualClock;
  close(): Promise<void>;
}

/** What a store may declare that it cannot do. */
export interface Capabilities {
  /** False: `swap` rejects as `unsupported`. */
  readonly swap: boolean;
}

export type OpenStore = (options: ConformanceOptions) => Promise<OpenedStore>;

export function storeConformance(
  name: string,
  open: OpenStore,
  capabilities: Capabilities = { swap: true },
): void {
  describe(`the store contract: ${name}`, () => {
    let opened: OpenedStore;

    beforeEach(async () => {
      opened = await open({ databases: 4 });
    });

    afterEach(async () => {
      await opened.close();
    });

    loadFacts(() => opened);
    commitFacts(() => opened);
    wholeStoreFacts(() => opened, capabilities);
  });
}
