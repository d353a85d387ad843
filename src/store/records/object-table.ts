const CHUNK_BITS = 10;
const CHUNK = 1 << CHUNK_BITS;

/** Things by small numbers, without one long array that would have to be copied when it grows. */
export class ObjectTable<T> {
  private readonly chunks: (T | number)[][] = [];
  /** The first free place; a free place holds the number of the next. */
  private free = 0;
  private length = 0;
  private used = 0;

  get size(): number {
    return this.used;
  }

  add(thing: T): number {
    this.used++;
    const place = this.free;
    if (place === this.length) {
      if (place === this.chunks.length << CHUNK_BITS) this.chunks.push([]);
      this.free = ++this.length;
      this.chunks[place >> CHUNK_BITS]!.push(thing);
      return place;
    }
    const chunk = this.chunks[place >> CHUNK_BITS]!;
    this.free = chunk[place & (CHUNK - 1)] as number;
    chunk[place & (CHUNK - 1)] = thing;
    return place;
  }

  get(place: number): T {
    return this.chunks[place >> CHUNK_BITS]![place & (CHUNK - 1)] as T;
  }

  set(place: number, thing: T): void {
    this.chunks[place >> CHUNK_BITS]![place & (CHUNK - 1)] = thing;
  }

  remove(place: number): void {
    this.used--;
    this.set(place, this.free as unknown as T);
    this.free = place;
  }
}
