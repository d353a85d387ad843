/**
 * Views of memory that are lent to replies. A reply may wait long for its socket; whoever lends
 * wants to know when it has gone, because then the memory may be written into again. A view that
 * never comes back (its client is gone, its reply was dropped) leaves the memory to the garbage
 * collector: nothing that forgets to give a view back does harm.
 */
const lenders = new WeakMap<Buffer, Loans>();

/** The views of one piece of memory that are out. */
export class Loans {
  private out = 0;

  /** @param onAllBack is called each time the last view comes back */
  constructor(private readonly onAllBack: () => void) {}

  /** Whether some view is out. */
  get any(): boolean {
    return this.out > 0;
  }

  /** @param view a Buffer of its own, which goes into one reply and nowhere else */
  lend(view: Buffer): Buffer {
    lenders.set(view, this);
    this.out++;
    return view;
  }

  back(): void {
    if (--this.out === 0) this.onAllBack();
  }
}

export function isLent(view: Buffer): boolean {
  return lenders.has(view);
}

/** Nobody looks at `view` any more. Nothing happens if it is not lent. */
export function giveBack(view: Buffer): void {
  const lender = lenders.get(view);
  if (lender === undefined) return;
  lenders.delete(view);
  lender.back();
}

/** `rest`, the end of `view`, is what is still looked at. */
export function keepRest(view: Buffer, rest: Buffer): Buffer {
  const lender = lenders.get(view);
  if (lender === undefined) return rest;
  lenders.delete(view);
  lenders.set(rest, lender);
  return rest;
}
