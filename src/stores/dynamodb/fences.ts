/**
 * Fences that this node has met and that can stop nothing any more: the next commit on their item
 * takes them away, on condition that they are still what was read. Else each writer whose answer was
 * ever lost would leave one for good.
 */
import { placeName } from './siblings';
import type { Item, ItemKey } from './item-key';
import { outdatedFences, type Fence } from './operations';

/** Of so many items they are remembered. */
const MAX_ITEMS = 1000;
/** An expression of DynamoDB has 4 KB. */
const MAX_FENCES = 10;

export class Fences {
  private readonly byPlace = new Map<string, readonly Fence[]>();

  constructor(private readonly nowMs: () => number) {}

  /** An item has been read. */
  learn(item: Item | undefined): void {
    if (item === undefined) return;
    const fences = outdatedFences(item, this.nowMs());
    const place = fences.length + this.byPlace.size > 0 ? placeName(item as ItemKey) : '';
    if (fences.length === 0) {
      this.byPlace.delete(place);
      return;
    }
    this.byPlace.set(place, fences.slice(0, MAX_FENCES));
    if (this.byPlace.size > MAX_ITEMS) this.byPlace.delete(this.byPlace.keys().next().value!);
  }

  /** What a commit on the item is to take away. */
  of(at: ItemKey): readonly Fence[] {
    return this.byPlace.size === 0 ? [] : (this.byPlace.get(placeName(at)) ?? []);
  }

  /** They are gone, or not what they were. */
  forget(at: ItemKey): void {
    if (this.byPlace.size > 0) this.byPlace.delete(placeName(at));
  }
}
