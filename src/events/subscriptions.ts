import type { Hub, Subscriber, SubscriptionKind } from './hub';

/** The connection that subscribes. */
export interface SubscriptionOwner<Wire> {
  readonly protocol: 2 | 3;
  /** Sends a message in its place among the replies. */
  pushMessage(wire: Wire): void;
  /** The first subscription has come, or the last one has gone. */
  subscribedChanged(): void;
}

/** The subscriptions of one connection. */
export class Subscriptions<Wire> implements Subscriber<Wire> {
  private readonly names = new Map<SubscriptionKind, Set<string>>();
  private collected: Wire[] | undefined;
  private behind: Wire[] | undefined;

  constructor(
    private readonly hub: Hub<Wire>,
    private readonly owner: SubscriptionOwner<Wire>,
  ) {}

  get protocol(): 2 | 3 {
    return this.owner.protocol;
  }

  /** Subscriptions of all kinds. */
  get size(): number {
    return this.count('channel') + this.count('pattern') + this.count('shard');
  }

  count(kind: SubscriptionKind): number {
    return this.names.get(kind)?.size ?? 0;
  }

  /** The names subscribed to, in the order of subscription. */
  of(kind: SubscriptionKind): readonly string[] {
    return [...(this.names.get(kind) ?? [])];
  }

  /** Does nothing if there is the subscription already. */
  add(kind: SubscriptionKind, name: string): void {
    let names = this.names.get(kind);
    if (names?.has(name) === true) return;
    if (names === undefined) this.names.set(kind, (names = new Set()));
    names.add(name);
    this.hub.subscribe(kind, name, this);
    if (this.size === 1) this.owner.subscribedChanged();
  }

  remove(kind: SubscriptionKind, name: string): void {
    if (this.names.get(kind)?.delete(name) !== true) return;
    this.hub.unsubscribe(kind, name, this);
    if (this.size === 0) this.owner.subscribedChanged();
  }

  clear(): void {
    for (const kind of this.names.keys()) for (const name of this.of(kind)) this.remove(kind, name);
  }

  push(wire: Wire): void {
    const kept = this.behind ?? this.collected;
    if (kept === undefined) this.owner.pushMessage(wire);
    else kept.push(wire);
  }

  /** From here on messages are kept, to stand behind the reply of the command that runs. */
  replied(): void {
    if (this.size > 0) this.behind ??= [];
  }

  /** While EXEC runs, its own messages are kept, to stand before the reply of the command they came from. */
  collect(): void {
    this.collected = [];
  }

  /** What the command that has run keeps: before and behind its reply. */
  takeKept(): { readonly before: readonly Wire[]; readonly behind: readonly Wire[] } {
    const { behind = [], collected: before = [] } = this;
    this.behind = undefined;
    if (before.length > 0) this.collected = [];
    return { before, behind };
  }

  endCollecting(): void {
    this.collected = undefined;
  }
}
