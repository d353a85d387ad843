/**
 * What the requests of a store cost. It goes along with the asynchronous work that makes them, and
 * not through every signature on the way: a request may be repeated, shared or followed by another,
 * far below the one who asked.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Cost {
  /** Attempts, also those that failed. */
  requests: number;
  /** In the units that the store is paid in. */
  readUnits: number;
  writeUnits: number;
}

const payers = new AsyncLocalStorage<Cost>();

export function noCost(): Cost {
  return { requests: 0, readUnits: 0, writeUnits: 0 };
}

/** Runs `work`; what it costs, now and after it has waited, is added to `cost`. */
export function chargeTo<T>(cost: Cost, work: () => T): T {
  return payers.run(cost, work);
}

/** For stores: where to add what a request costs. */
export function currentCost(): Cost | undefined {
  return payers.getStore();
}
