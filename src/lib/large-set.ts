/** A Set takes no more members than this. */
const MAX_MEMBERS = 2 ** 24;

/** A set of any size. V8's Set throws a RangeError at 2^24 members: this one begins another. */
export class LargeSet<T> implements Iterable<T> {
  private readonly parts: Set<T>[] = [];

  constructor(private readonly membersOfPart = MAX_MEMBERS) {}

  add(member: T): void {
    for (const part of this.parts) if (part.has(member)) return;
    let last = this.parts.at(-1);
    if (last === undefined || last.size === this.membersOfPart) this.parts.push((last = new Set()));
    last.add(member);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const part of this.parts) yield* part;
  }
}
