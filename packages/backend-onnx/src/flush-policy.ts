import { totalmem } from 'node:os';
import type { Trace } from './trace';

/** Decides when a trace is run though nothing has been read: long ones compile slowly, and hold on to memory. */
export class FlushPolicy {
  private retiredBytes = 0;

  constructor(
    private readonly maxNodes: number,
    private readonly maxRetiredBytes = totalmem() / 4,
  ) {}

  /** True if the trace should be run before anything more is recorded. */
  isFull(trace: Trace): boolean {
    return trace.nodes.length >= this.maxNodes || this.retiredBytes > this.maxRetiredBytes;
  }

  /** Notes that an array of a disposed tensor stays in memory because the open trace reads it. */
  retire(bytes: number): void {
    this.retiredBytes += bytes;
  }

  /** Notes that a trace is run. */
  observe(_trace: Trace): void {
    this.retiredBytes = 0;
  }
}
