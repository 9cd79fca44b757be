import { createHash, type Hash } from 'node:crypto';
import { type PreparedSample, SampleError, type Targets } from '@polymodal/core';
import { valueKey } from './value-key';

/** What a {@link DataFingerprint} has seen. */
export interface Fingerprint {
  readonly samples: number;
  /** How many samples in a row each line stands for: 1 unless there are very many. */
  readonly samplesPerLine: number;
  /** SHA-256 of the lines: of all features and targets, in their order. */
  readonly sha256: string;
}

/** What a line says. */
export interface SampleLine {
  /** A checksum for each slot. */
  readonly features: Readonly<Record<string, string>>;
  /** The targets of the one sample that the line stands for; in place of a long value, its checksum. */
  readonly targets?: Readonly<Record<string, unknown>>;
  /** In place of the targets of several samples, and of very many, their checksum. */
  readonly targetsSha256?: string;
}

/** A run's folder holds no more lines than these, whatever the size of the data. */
const mostLines = 65_536;

/** A target of up to this many letters of JSON is kept as it is, so that a difference can be told. */
const longestTarget = 60;

/** So many letters of targets a line may hold. */
const longestTargets = 1000;

/**
 * Knows data again: features and targets of every sample, in their order. It sees samples one after the other, keeps a short
 * line of each, and no features.
 */
export class DataFingerprint {
  readonly #lines: string[] = [];
  readonly #perLine: number;
  #group = new Group();

  readonly #samples: number;

  constructor(samples: number) {
    this.#samples = samples;
    this.#perLine = Math.max(1, Math.ceil(samples / mostLines));
  }

  /**
   * @param targets as they were given: a difference is told in these terms
   * @throws SampleError for targets that JSON cannot hold, since they refer to themselves
   */
  add(sample: PreparedSample, targets: Targets | undefined): void {
    this.#group.add(sample, targets);
    if (this.#group.size === this.#perLine) this.#endLine();
  }

  /** The lines, each a {@link SampleLine} as JSON. To be asked for when all samples have been added. */
  get lines(): readonly string[] {
    if (this.#group.size > 0) this.#endLine();
    return this.#lines;
  }

  get fingerprint(): Fingerprint {
    return { samples: this.#samples, samplesPerLine: this.#perLine, sha256: linesChecksum(this.lines) };
  }

  #endLine(): void {
    this.#lines.push(JSON.stringify(this.#group.line()));
    this.#group = new Group();
  }
}

/** The checksum of a fingerprint's lines. */
export function linesChecksum(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}

/** The samples of one line. */
class Group {
  size = 0;
  readonly #features = new Map<string, Hash>();
  readonly #targets: string[] = [];

  add({ features }: PreparedSample, targets: Targets | undefined): void {
    for (const [slot, own] of Object.entries(features)) {
      const hash = this.#features.get(slot) ?? createHash('sha256');
      this.#features.set(slot, hash);
      hash.update(`sample ${this.size} ${valueKey(own)}\n`); // which sample of the group has the slot, and what
    }
    this.#targets.push(targetsText(targets));
    this.size++;
  }

  line(): SampleLine {
    const features = Object.fromEntries([...this.#features].map(([slot, hash]) => [slot, shortDigest(hash)]));
    const [first, ...others] = this.#targets;
    const targets = others.length === 0 ? shortTargets(first) : undefined;
    if (targets) return { features, targets };
    const hash = createHash('sha256');
    for (const text of this.#targets) hash.update(`${text}\n`);
    return { features, targetsSha256: shortDigest(hash) };
  }
}

/** Targets with a checksum in place of every long one; undefined if there are very many. */
function shortTargets(text: string): SampleLine['targets'] {
  const targets = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (text.length <= longestTarget) return targets;
  const short = Object.fromEntries(Object.entries(targets).map(([name, value]) => [name, shortTarget(value)]));
  return JSON.stringify(short).length <= longestTargets ? short : undefined;
}

function shortTarget(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text.length <= longestTarget ? value : { sha256: shortDigest(createHash('sha256').update(text)) };
}

/** 64 bits: two samples that differ are never told apart with a chance of 2⁻⁶⁴. */
function shortDigest(hash: Hash): string {
  return hash.digest('hex').slice(0, 16);
}

/** Targets as JSON, their names in one order. */
function targetsText(targets: Targets | undefined): string {
  try {
    return JSON.stringify(targets ?? {}, plainValue);
  } catch (cause) {
    throw new SampleError({
      where: 'targets',
      expected: 'values that JSON can hold',
      received: `"${(cause as Error).message.slice(0, 100)}"`,
      cause,
    });
  }
}

/** For `JSON.stringify`: what JSON lacks, in its terms. */
function plainValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name} ${shortDigest(createHash('sha256').update(bytes))}`;
  }
  return isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
