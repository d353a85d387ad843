/**
 * Lanes: one queue a key, for stores that commit later.
 *
 * While a batch of a key is under way, later commands on it wait in its lane; when it ends, all
 * that wait form the next batch and go out as one commit. A job enters all its lanes at one
 * instant, so of two jobs that share lanes the same one is ahead in each of them, and lanes cannot
 * deadlock. Another job joins a batch only if its keys are among the batch's, so a batch never
 * takes lanes while it holds others.
 *
 * Batches start in `setImmediate`: one chunk of a pipeline, and all sockets readable now, share one.
 */
import { Deque } from '../lib/deque';
import type { Job } from './job';

interface Lane {
  readonly jobs: Deque<Job>;
  busy: boolean;
}

export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private ready: Job[] = [];
  private scheduled = false;

  /** @param start runs a batch that begins with `job`; its lanes are busy until `release` */
  constructor(private readonly start: (job: Job) => void) {}

  /** How many keys have a lane now. */
  get size(): number {
    return this.lanes.size;
  }

  enqueue(job: Job): void {
    for (const ref of job.refs) {
      let lane = this.lanes.get(ref);
      if (lane === undefined) {
        lane = { jobs: new Deque(), busy: false };
        this.lanes.set(ref, lane);
      }
      lane.jobs.pushBack(job);
    }
    this.poke(job);
  }

  /**
   * Takes the lane of a key on which nothing is under way: jobs that come wait until `release`.
   * @returns whether that was so
   */
  reserve(ref: string): boolean {
    if (this.lanes.has(ref)) return false;
    this.lanes.set(ref, { jobs: new Deque(), busy: true });
    return true;
  }

  /** Something that held the job back may have ended. */
  poke(job: Job): void {
    if (!this.isRunnable(job)) return;
    this.ready.push(job);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      const ready = this.ready;
      this.ready = [];
      for (const next of ready) this.tryStart(next);
    });
  }

  /** Takes the next job that may join a batch over `refs` out of its lanes, if there is one. */
  takeJoiner(refs: ReadonlySet<string>): Job | undefined {
    const refused = new Set<Job>();
    for (const ref of refs) {
      const job = this.lanes.get(ref)?.jobs.at(0);
      if (job === undefined || job.waits > 0 || refused.has(job)) continue;
      if (job.refs.every((own) => refs.has(own)) && this.isFirst(job)) {
        this.take(job);
        return job;
      }
      refused.add(job);
    }
    return undefined;
  }

  /** The batch over `refs` is done. */
  release(refs: ReadonlySet<string>): void {
    for (const ref of refs) {
      const lane = this.lanes.get(ref)!;
      lane.busy = false;
      if (lane.jobs.length === 0) this.lanes.delete(ref);
    }
    // Each once: a job over many keys is first in many lanes.
    const firsts = new Set<Job>();
    for (const ref of refs) {
      const next = this.lanes.get(ref)?.jobs.at(0);
      if (next !== undefined) firsts.add(next);
    }
    for (const job of firsts) this.poke(job);
  }

  private tryStart(job: Job): void {
    // It may have been started, or have joined a batch, since it was found ready.
    if (!this.isRunnable(job)) return;
    this.take(job);
    for (const ref of job.refs) this.lanes.get(ref)!.busy = true;
    this.start(job);
  }

  private isRunnable(job: Job): boolean {
    return (
      job.waits === 0 && this.isFirst(job) && job.refs.every((ref) => !this.lanes.get(ref)!.busy)
    );
  }

  private isFirst(job: Job): boolean {
    return job.refs.every((ref) => this.lanes.get(ref)?.jobs.at(0) === job);
  }

  private take(job: Job): void {
    for (const ref of job.refs) this.lanes.get(ref)!.jobs.popFront();
  }
}
