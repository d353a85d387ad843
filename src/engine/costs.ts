/** What commands have cost at the store, by name; those that share a request share its cost. */
import { chargeTo, noCost, type Cost } from '../store/cost';

export class Costs {
  private readonly byName = new Map<string, Cost>();

  /**
   * Runs `work` on behalf of commands, each of which pays an equal part.
   * @param payers their names, one for each command, at least one; asked for at the end
   */
  async charge<T>(payers: () => readonly string[], work: () => T | Promise<T>): Promise<T> {
    const cost = noCost();
    try {
      return await chargeTo(cost, work);
    } finally {
      if (cost.requests > 0) this.add(payers(), cost);
    }
  }

  /** In the order of the names. */
  all(): readonly (readonly [name: string, cost: Cost])[] {
    return [...this.byName].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  reset(): void {
    this.byName.clear();
  }

  private add(payers: readonly string[], { requests, readUnits, writeUnits }: Cost): void {
    for (const name of payers) {
      let sum = this.byName.get(name);
      if (sum === undefined) this.byName.set(name, (sum = noCost()));
      sum.requests += requests / payers.length;
      sum.readUnits += readUnits / payers.length;
      sum.writeUnits += writeUnits / payers.length;
    }
  }
}
