import { computedBytes } from './program-cost';
import type { Node, Trace } from './trace';

/** Disposed tensors that only the open trace reads may hold this much … */
const leastRetiredBytes = 2 ** 28;
/**
 * … or this share of what the trace computes: masks of dropout, which the backward pass disposes one by one, are a ninth of
 * it at most, and a step that were cut there would have to hand all its activations over.
 */
const retiredShare = 1 / 4;

/** Traces of this many nodes are remembered in search of a period, as a multiple of the limit. */
const memory = 4;

/**
 * Decides when a trace is run though nothing has been read: long ones compile slowly, and hold on to memory.
 *
 * A loop that reads nothing, say a training loop that looks at its loss only now and then, would be cut at another
 * place in every turn, and each piece compiled anew. So when a trace has grown too long, the policy looks for the
 * loop's period in what was recorded, and cuts at whole periods from then on: the pieces become the same programs.
 */
export class FlushPolicy {
  #limit: number;
  #retiredBytes = 0;
  #maxRetiredBytes: number;
  #history: number[] = [];
  #period = 0;
  #position = 0;

  readonly #maxNodes: number;
  readonly #minRetiredBytes: number;

  constructor(maxNodes: number, minRetiredBytes = leastRetiredBytes) {
    this.#maxNodes = maxNodes;
    this.#minRetiredBytes = minRetiredBytes;
    this.#limit = maxNodes;
    this.#maxRetiredBytes = minRetiredBytes;
  }

  /** True if the trace should be run before anything more is recorded. */
  isFull(trace: Trace): boolean {
    if (trace.nodes.length >= this.#limit) return true;
    if (this.#retiredBytes <= this.#maxRetiredBytes) return false;
    this.#maxRetiredBytes = Math.max(this.#minRetiredBytes, retiredShare * computedBytes(trace.nodes));
    return this.#retiredBytes > this.#maxRetiredBytes;
  }

  /** Notes that an array of a disposed tensor stays in memory because the open trace reads it. */
  retire(bytes: number): void {
    this.#retiredBytes += bytes;
  }

  /** Notes that a trace is run because a value is read: reads cut a loop well by themselves. */
  onRead(): void {
    this.#forgetRetired();
    this.#history = [];
    this.#period = 0;
    this.#limit = this.#maxNodes;
  }

  /** Notes that a trace is run because it is full, and sets the length of the next. */
  onFull(trace: Trace): void {
    this.#forgetRetired();
    for (const node of trace.nodes) this.#history.push(keyOf(node));
    this.#history = this.#history.slice(-memory * this.#maxNodes);
    const period = periodOf(this.#history);
    this.#position = period === this.#period ? (this.#position + trace.nodes.length) % Math.max(1, period) : 0;
    this.#period = period;
    this.#limit = this.#nextLength();
  }

  #forgetRetired(): void {
    this.#retiredBytes = 0;
    this.#maxRetiredBytes = this.#minRetiredBytes;
  }

  /** As many whole periods as fit, or else the period in pieces of nearly equal length. */
  #nextLength(): number {
    const period = this.#period;
    const position = this.#position;
    const maxNodes = this.#maxNodes;
    if (period === 0) return maxNodes;
    if (period <= maxNodes) return Math.floor(maxNodes / period) * period;
    const piece = Math.ceil(period / Math.ceil(period / maxNodes));
    return Math.min(piece, period - position);
  }
}

/** A number that is the same for the same operator and output shape (and seldom for others: here that is enough). */
function keyOf({ operator, outputs }: Node): number {
  let key = operator.length;
  for (let i = 0; i < operator.length; i++) key = Math.imul(key, 31) + operator.charCodeAt(i);
  for (const size of outputs[0]!.shape) key = Math.imul(key, 31) + size;
  return key;
}

/**
 * The period with which a sequence ends: the one that reaches furthest back and is seen at least twice; 0 if there is
 * none. (The prefix function of Knuth, Morris and Pratt, over the reversed sequence.)
 */
export function periodOf(sequence: readonly number[]): number {
  const reversed = [...sequence].reverse();
  const border = new Int32Array(reversed.length);
  let found = 0;
  for (let i = 1; i < reversed.length; i++) {
    let length = border[i - 1]!;
    while (length > 0 && reversed[i] !== reversed[length]) length = border[length - 1]!;
    if (reversed[i] === reversed[length]) length++;
    border[i] = length;
    const period = i + 1 - length;
    if (i + 1 >= 2 * period) found = period;
  }
  return found;
}
