import { logAdd } from './align-labels';
import type { WrittenLabel } from './ctc-vocabulary';

/** The likeliest way of some, and the last label in it, behind which those before hang. */
interface Way {
  readonly score: number;
  readonly last: LabelOfWay | undefined;
}

interface LabelOfWay extends WrittenLabel {
  readonly before: LabelOfWay | undefined;
}

/** The ways to write some labels in the frames so far, by what they end in. */
interface Ways {
  readonly inBlank: number;
  readonly inLabel: number;
  readonly bestInBlank: Way;
  readonly bestInLabel: Way;
}

const impossible: Way = { score: Number.NEGATIVE_INFINITY, last: undefined };
const none: Ways = {
  ...{ inBlank: Number.NEGATIVE_INFINITY, inLabel: Number.NEGATIVE_INFINITY },
  ...{ bestInBlank: impossible, bestInLabel: impossible },
};

/** Labels that are written so far in a search, with the sums of the ways to write them in the frames so far, and the likeliest of these. */
export class Prefix {
  #now: Ways = none;
  #next: { -readonly [K in keyof Ways]: Ways[K] } = { ...none };
  readonly #longer = new Map<number, Prefix>();
  #total = Number.NEGATIVE_INFINITY;

  private constructor(
    readonly parent: Prefix | undefined,
    readonly id: number,
    /** What `scoreLabel` gave for all of its labels. */
    readonly known: number,
  ) {}

  /** Before the first frame. */
  static empty(blank: number): Prefix {
    const prefix = new Prefix(undefined, blank, 0);
    prefix.#now = { ...none, inBlank: 0, bestInBlank: { score: 0, last: undefined } };
    prefix.#total = 0;
    return prefix;
  }

  get isEmpty(): boolean {
    return this.parent === undefined;
  }

  get inBlank(): number {
    return this.#now.inBlank;
  }

  get total(): number {
    return this.#total;
  }

  get score(): number {
    return this.#total + this.known;
  }

  /** Behind the next frame. */
  get nextScore(): number {
    return logAdd(this.#next.inBlank, this.#next.inLabel) + this.known;
  }

  /** In the frames of the likeliest way. */
  get labels(): WrittenLabel[] {
    const labels: WrittenLabel[] = [];
    for (let label = this.#best.last; label; label = label.before) {
      const { id, startFrame, endFrame } = label;
      labels.push({ id, startFrame, endFrame });
    }
    return labels.reverse();
  }

  get #best(): Way {
    const { bestInBlank, bestInLabel } = this.#now;
    return bestInLabel.score > bestInBlank.score ? bestInLabel : bestInBlank;
  }

  /** The next frame is a blank, or the last label again. */
  stay(blank: number, again: number, frame: number): void {
    const { inLabel, bestInLabel } = this.#now;
    const [next, best] = [this.#next, this.#best];
    next.inBlank = this.#total + blank;
    next.bestInBlank = { score: best.score + blank, last: best.last };
    next.inLabel = logAdd(next.inLabel, inLabel + again);
    const { score, last } = bestInLabel;
    if (last && score + again > next.bestInLabel.score)
      next.bestInLabel = { score: score + again, last: { ...last, endFrame: frame + 1 } };
  }

  /** The next frame is its last label, behind the labels before it. @param ways of all ways, the label among them */
  enter(from: Prefix, ways: number, label: number, frame: number): void {
    const [next, before] = [this.#next, this.id === from.id ? from.#now.bestInBlank : from.#best];
    next.inLabel = logAdd(next.inLabel, ways);
    if (!(before.score + label > next.bestInLabel.score)) return;
    const last = { id: this.id, startFrame: frame, endFrame: frame + 1, before: before.last };
    next.bestInLabel = { score: before.score + label, last };
  }

  /** What it becomes by a label more, if that is known: each is one, whichever way leads to it. */
  longer(id: number): Prefix | undefined {
    return this.#longer.get(id);
  }

  extend(id: number, known: number): Prefix {
    const longer = new Prefix(this, id, known);
    this.#longer.set(id, longer);
    return longer;
  }

  /** Goes on to the next frame. */
  advance(): void {
    this.#now = this.#next;
    this.#next = { ...none };
    this.#total = logAdd(this.#now.inBlank, this.#now.inLabel);
  }

  /** Its ways so far are followed no further. It stays where longer ones are kept, so that it may be come to again and be the same. */
  drop(): void {
    [this.#now, this.#next, this.#total] = [none, { ...none }, Number.NEGATIVE_INFINITY];
    if (this.#longer.size > 0 || !this.parent) return;
    this.parent.#longer.delete(this.id);
    if (this.parent.#total === Number.NEGATIVE_INFINITY) this.parent.drop();
  }
}
