/**
 * Which shards of a stream follow which. A shard ends when its part of the table is split or moved,
 * and its children take over; what it holds comes before all that they hold.
 */
import type { Shard } from '@aws-sdk/client-dynamodb-streams';

export class Lineage {
  /** By shard, its parent, which need not be known itself. */
  private readonly parents = new Map<string, string | undefined>();
  private readonly children = new Map<string, Set<string>>();

  /** @returns those of the shards that were not known, in their order */
  add(shards: readonly Shard[]): string[] {
    const added: string[] = [];
    for (const { ShardId: id = '', ParentShardId: parent } of shards) {
      if (this.parents.has(id)) continue;
      this.parents.set(id, parent);
      added.push(id);
      if (parent === undefined) continue;
      const others = this.children.get(parent);
      if (others === undefined) this.children.set(parent, new Set([id]));
      else others.add(id);
    }
    return added;
  }

  childrenOf(id: string): readonly string[] {
    return [...(this.children.get(id) ?? [])];
  }

  /**
   * Of shards that have just become known, those to begin with: the others come after one of them,
   * or after one that `isRead`; or what comes after them was known before, and they are past.
   */
  firstOf(added: readonly string[], isRead: (id: string) => boolean): string[] {
    const isNew = new Set(added);
    const isPast = (id: string): boolean => this.childrenOf(id).some((child) => !isNew.has(child));
    const comesFirst = (id: string): boolean => isRead(id) || (isNew.has(id) && !isPast(id));
    return added.filter((id) => !isPast(id) && !this.ancestorsOf(id).some(comesFirst));
  }

  /** Those without children, as far as known: what they hold is the latest. */
  leaves(): string[] {
    return [...this.parents.keys()].filter((id) => !this.children.has(id));
  }

  /** Forgets the shards that a complete listing no longer has, unless they are `kept`. */
  retain(listed: ReadonlySet<string>, kept: (id: string) => boolean): void {
    for (const [id, parent] of this.parents) {
      if (listed.has(id) || kept(id)) continue;
      this.parents.delete(id);
      if (parent === undefined) continue;
      const siblings = this.children.get(parent);
      siblings?.delete(id);
      if (siblings?.size === 0) this.children.delete(parent);
    }
  }

  /** From its parent upwards, as far as known. */
  private ancestorsOf(id: string): readonly string[] {
    const ancestors: string[] = [];
    for (let at = this.parents.get(id); at !== undefined; at = this.parents.get(at)) {
      ancestors.push(at);
    }
    return ancestors;
  }
}
