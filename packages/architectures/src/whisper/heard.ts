import { type HostTensor2D, hostTensor } from '@polymodal/core';
import type { CutWindow } from './cut-segments';
import { firstTokens } from './first-tokens';
import type { Sound } from './listen';
import { splitWords } from './split-words';
import type { TranscribedSegment, TranscribedWord } from './transcribe';
import type { TranscribeOptions } from './transcribe-options';
import type { WhisperModel } from './whisper-model';

/** A frame of sound and a step of time, in seconds. */
const frameSeconds = 0.01;
const stepSeconds = 0.02;

/** Below it, what was drawn is certain enough for what comes to go on behind it. */
const certainTemperature = 0.5;

/** What a window is written behind. */
export interface WindowPrompt {
  readonly ids: Int32Array;
  /** How many of them were said before the window. */
  readonly earlier: number;
}

/** A recording that is being heard, window by window. */
export class Heard {
  readonly timestamps: boolean;
  readonly #model: WhisperModel;
  readonly #index: number;
  readonly #frames: HostTensor2D;
  readonly #soundFrames: number;
  readonly #options: TranscribeOptions;
  /** Of a prompt, behind the token that says so. */
  readonly #asked: readonly number[];
  readonly #first: (number | undefined)[];
  /** What was written so far, by segments, and of the beginning what was asked. */
  readonly #written: (readonly number[])[] = [];
  #goesOn: boolean;
  /** In frames. */
  #place = 0;

  constructor(model: WhisperModel, index: number, { frames, soundFrames }: Sound, options: TranscribeOptions) {
    const { tokens, target } = model.heads.text;
    this.#model = model;
    this.#index = index;
    this.#frames = frames;
    this.#soundFrames = soundFrames;
    this.#options = options;
    this.timestamps = options.timestamps ?? frames.shape[0] > this.#windowLength;
    this.#first = firstTokens(tokens, { ...options, timestamps: this.timestamps });
    this.#goesOn = options.conditionOnPrevious;
    this.#asked = options.prompt === undefined ? [] : [...target.codec.encode(` ${options.prompt.trim()}`)];
    if (this.#asked.length > 0 && options.promptFor === 'first') this.#written.push(this.#asked);
  }

  /** Whether its language is still to be detected. */
  get isOfUnknownLanguage(): boolean {
    return this.#first.includes(undefined);
  }

  set languageId(id: number) {
    this.#first[this.#first.indexOf(undefined)] = id;
  }

  get isOver(): boolean {
    return this.#place >= this.#frames.shape[0];
  }

  /** How many frames of the next window belong to it. */
  get frames(): number {
    return Math.min(this.#windowLength, this.#frames.shape[0] - this.#place);
  }

  /** How many of them the recording lasts: a short one is filled up. */
  get heardFrames(): number {
    return Math.min(this.frames, this.#soundFrames - this.#place);
  }

  /** The frames of the next window, with nothing behind the end. */
  window(): HostTensor2D {
    const [, bins] = this.#frames.shape;
    const filled = new Float32Array(this.#windowLength * bins);
    filled.set(this.#frames.data.subarray(this.#place * bins, (this.#place + this.frames) * bins));
    return hostTensor(filled, [this.#windowLength, bins]);
  }

  /** What the next window is written behind. */
  prompt(): WindowPrompt {
    const { tokens, target } = this.#model.heads.text;
    const earlier = tokens.previousTokenId === undefined ? [] : this.#earlier(tokens.previousTokenId);
    const own = [target.startTokenId, ...this.#first.map((id) => id!)];
    return { ids: Int32Array.of(...earlier, ...own), earlier: earlier.length };
  }

  /** Goes on to the next window, with what was written of this one. @param steps of its tokens, where words are asked for */
  add(
    { segments, advance }: CutWindow,
    temperature: number,
    steps: ArrayLike<number> | undefined,
  ): TranscribedSegment[] {
    const { languages } = this.#model.heads.text.tokens;
    const [languageId] = this.#first;
    const language = Object.keys(languages).find((code) => languages[code] === languageId);
    const { target } = this.#model.heads.text;
    const offset = this.#place * frameSeconds;
    const told = segments.map(({ start, end, tokens, from }) => ({
      recording: this.#index,
      start: offset + (start ?? 0) * stepSeconds,
      end: offset + end * stepSeconds,
      text: target.decode(tokens.filter((id) => id < target.endTokenId!)),
      ids: Int32Array.from(tokens),
      ...(language !== undefined && { language }),
      ...(steps && { words: this.#words(tokens, from, steps, language) }),
    }));
    this.#written.push(...segments.map(({ tokens }) => tokens));
    this.#goesOn = this.#options.conditionOnPrevious && temperature < certainTemperature;
    this.#place += advance;
    return told;
  }

  /** Goes on to the next window, of which nothing is kept. */
  pass(): TranscribedSegment[] {
    this.#place += this.frames;
    return [];
  }

  /** The words of a segment of this window: each begins where the token before it comes to its end. */
  #words(
    tokens: readonly number[],
    from: number,
    steps: ArrayLike<number>,
    language: string | undefined,
  ): TranscribedWord[] {
    const { target } = this.#model.heads.text;
    const places = [...tokens.keys()].filter((place) => tokens[place]! < target.endTokenId!);
    const ids = places.map((place) => tokens[place]!);
    const seconds = (place: number) => this.#place * frameSeconds + (steps[place] ?? 0) * stepSeconds;
    return splitWords(ids, (own) => target.decode(own), language).map(({ text, first, last }) => ({
      text,
      start: seconds(from + places[first]! - 1),
      end: seconds(from + places[last]!),
    }));
  }

  /** What was said before the next window: what was written, or the prompt alone. */
  #earlier(previousTokenId: number): number[] {
    const { promptFor } = this.#options;
    const before = [previousTokenId, ...(promptFor === 'all' ? this.#asked : [])];
    if (this.#goesOn && this.#written.length > 0) return [...before, ...this.#lastWritten()];
    return this.#asked.length > 0 ? [previousTokenId, ...this.#asked] : [];
  }

  /** The end of what was written, in half of the positions. */
  #lastWritten(): number[] {
    const { decoder, firstTime } = this.#model.heads.text;
    const isTime = (id: number | undefined) => id !== undefined && id >= firstTime;
    const all = this.#written.flatMap((own) => (own.length > 2 && isTime(own.at(-2)) ? own.slice(0, -1) : own));
    return all.slice(-(Math.floor(decoder.maxPositionEmbeddings / 2) - 1));
  }

  /** In frames. */
  get #windowLength(): number {
    return 2 * this.#model.encoders.audio!.tokenCount!({}); // a token is two frames
  }
}
