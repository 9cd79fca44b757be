import { ConfigError, type Model, parseConfig, RandomKey, requireArgument, SampleError } from '@polymodal/core';
import type { RawAudio } from '@polymodal/encoder-audio';
import type { AttendedTokens } from '@polymodal/head-text';
import * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import { type frameOptions, transcribeFrames, writesFrames } from '../ctc/transcribe-frames';
import { namedFault } from '../named-fault';
import { alignTokens } from './align-tokens';
import { cutSegments } from './cut-segments';
import { detectLanguages } from './detect-languages';
import { encodeWindows } from './encode-windows';
import { Heard } from './heard';
import { listen, listenerOf } from './listen';
import { selectAttended } from './select-attended';
import { type TranscribeOptions, transcribeOptions } from './transcribe-options';
import { requireWhisper, type WhisperModel } from './whisper-model';
import { writeWindows } from './write-windows';

/** A word of what is said, with the punctuation that belongs to it. */
export interface TranscribedWord {
  readonly text: string;
  /** Seconds from the beginning of the recording. */
  readonly start: number;
  readonly end: number;
}

/** A part of what is said. */
export interface TranscribedSegment {
  /** In which of the recordings, from 0. */
  readonly recording: number;
  /** Seconds from its beginning. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Its tokens, those of times among them. */
  readonly ids: Int32Array;
  /** The code of the language, of a checkpoint that knows several. */
  readonly language?: string;
  /** Where they are asked for. */
  readonly words?: readonly TranscribedWord[];
}

/** All that is said in a recording. */
export interface Transcript {
  readonly text: string;
  readonly language?: string;
  readonly segments: readonly TranscribedSegment[];
}

/** What may be asked of {@link transcribe}. */
export type Transcription = z.input<typeof transcribeOptions> | z.input<typeof frameOptions>;

/**
 * Writes what is said in recordings of any length. A Whisper does so as `generate` of Python's: a window of 30 seconds after the other, each from
 * where the last one ended by what it wrote (Radford et al. 2023, section 4.5). Several recordings are heard at a time. A model whose head `text`
 * writes by CTC hears windows that overlap, as Python's `pipeline` with `chunk_length_s`, and a segment is a word.
 *
 * ```ts
 * const { model } = await loadPretrained(speechFamilies, 'openai/whisper-tiny');
 * const [{ text, segments }] = await transcribe(model, ['lecture.mp3'], { language: 'de' });
 * ```
 *
 * @param recordings paths, bytes of files, or samples: of any sample rate and number of channels
 * @throws SampleError for a recording that cannot be read, is empty, or too long, with its index
 * @throws ConfigError, UnknownNameError for options, and for what the checkpoint cannot do
 */
export async function transcribe(
  model: Model,
  recordings: Iterable<RawAudio> | AsyncIterable<RawAudio>,
  options: Transcription = {},
): Promise<Transcript[]> {
  requireRecordings(recordings);
  const found: TranscribedSegment[][] = [];
  const count = { recordings: 0 };
  for await (const segment of transcribeStream(model, counted(recordings, count), options)) {
    found[segment.recording] = [...(found[segment.recording] ?? []), segment];
  }
  return Array.from({ length: count.recordings }, (_, index) => {
    const segments = found[index] ?? [];
    const { language } = segments[0] ?? {};
    return {
      text: segments
        .map(({ text }) => text)
        .join(writesFrames(model) ? ' ' : '')
        .trim(),
      ...(language && { language }),
      segments,
    };
  });
}

/** As {@link transcribe}, segment by segment while recordings are heard: in order for each, those of several between one another. */
export async function* transcribeStream(
  model: Model,
  recordings: Iterable<RawAudio> | AsyncIterable<RawAudio>,
  given: Transcription = {},
): AsyncGenerator<TranscribedSegment, void, undefined> {
  if (writesFrames(model)) {
    requireRecordings(recordings);
    yield* transcribeFrames(model, recordings, given);
    return;
  }
  requireWhisper(model);
  requireRecordings(recordings);
  const options = parseConfig(transcribeOptions, given, 'transcribe');
  requireTimes(model, options);
  const coming = heardRecordings(model, recordings, options);
  const open: Heard[] = [];
  const key = RandomKey.from(options.seed);
  try {
    for (let turn = 0; ; turn++) {
      options.signal?.throwIfAborted();
      while (open.length < options.batchSize) {
        const next = await coming.next();
        if (next.done) break;
        open.push(next.value);
      }
      if (open.length === 0) return;
      for (const segments of await hearWindows(model, open, options, key.fold(turn))) yield* segments;
      for (let row = open.length - 1; row >= 0; row--) if (open[row]!.isOver) open.splice(row, 1);
    }
  } finally {
    await coming.return(); // and so closes what recordings come from
  }
}

/** Writes the next window of each recording. */
async function hearWindows(
  model: WhisperModel,
  open: readonly Heard[],
  options: TranscribeOptions,
  key: RandomKey,
): Promise<TranscribedSegment[][]> {
  const head = model.heads.text;
  const windows = open.map((heard) => heard.window());
  const attended = await encodeWindows(model, windows, options.signal);
  try {
    await chooseLanguages(model, open, attended);
    const prompts = open.map((heard) => heard.prompt());
    const written = await writeWindows(
      head,
      attended,
      open.map((heard, row) => ({ ...prompts[row]!, timestamps: heard.timestamps })),
      { options, key },
    );
    const told: TranscribedSegment[][] = [];
    for (const [row, heard] of open.entries()) {
      const { ids, temperature, isSilent } = written[row]!;
      if (isSilent) told.push(heard.pass());
      else {
        const steps = options.words
          ? await alignTokens(model, attended, row, prompts[row]!.ids, ids, heard.heardFrames)
          : undefined;
        told.push(heard.add(cutSegments(ids, head.firstTime, heard.frames), temperature, steps));
      }
    }
    return told;
  } finally {
    tf.dispose({ ...attended });
  }
}

/** Asks of those recordings that begin in which language they are. */
async function chooseLanguages(
  { heads: { text } }: WhisperModel,
  open: readonly Heard[],
  attended: AttendedTokens,
): Promise<void> {
  const rows = [...open.keys()].filter((row) => open[row]!.isOfUnknownLanguage);
  if (rows.length === 0) return;
  const own = rows.length === open.length ? attended : selectAttended(attended, rows);
  const { decoder, dispose } = text.writing(own);
  try {
    const ids = await detectLanguages(decoder, rows.length, text.target.startTokenId, text.tokens);
    rows.forEach((row, index) => {
      open[row]!.languageId = ids[index]!;
    });
  } finally {
    dispose();
    if (own !== attended) tf.dispose({ ...own });
  }
}

/** Recordings in their order, each read when there is room for it. */
async function* heardRecordings(
  model: WhisperModel,
  recordings: Iterable<RawAudio> | AsyncIterable<RawAudio>,
  options: TranscribeOptions,
): AsyncGenerator<Heard, void, undefined> {
  const listener = listenerOf(model);
  let index = 0;
  for await (const raw of recordings) {
    const where = `recording ${index}`;
    const heard = await namedFault(where, async () => {
      const sound = await listen(raw, listener, options);
      if (options.timestamps === false && sound.frames.shape[0] > listener.frames) throw needsTimes(listener.seconds);
      return new Heard(model, index, sound, options);
    });
    yield heard;
    index++;
  }
}

function requireRecordings(recordings: unknown): void {
  const isList =
    typeof recordings === 'object' &&
    recordings !== null &&
    !ArrayBuffer.isView(recordings) &&
    (Symbol.iterator in recordings || Symbol.asyncIterator in recordings);
  requireArgument(isList, 'transcribe, recordings', 'a list of recordings', recordings);
}

async function* counted<T>(values: Iterable<T> | AsyncIterable<T>, count: { recordings: number }): AsyncGenerator<T> {
  for await (const value of values) {
    count.recordings++;
    yield value;
  }
}

function needsTimes(seconds: number): SampleError {
  return new SampleError({
    expected: `at most ${seconds} seconds without timestamps, by which longer recordings are cut into windows`,
    received: 'a longer recording',
    hint: 'Leave timestamps out.',
  });
}

/** @throws ConfigError for what a checkpoint without tokens of times cannot do, for options that lack others, and for a prompt that is more than text */
function requireTimes({ heads: { text } }: WhisperModel, options: TranscribeOptions): void {
  const { tokens, target } = text;
  const refuse = (where: string, expected: string) => {
    throw new ConfigError({
      where: `transcribe.${where}`,
      expected,
      received: JSON.stringify(options[where as 'prompt']),
    });
  };
  if (options.timestamps && tokens.noTimestampsTokenId === undefined) {
    refuse('timestamps', 'a checkpoint that says which token stands for no timestamps (no_timestamps_token_id)');
  }
  const knowsEarlier = tokens.previousTokenId !== undefined;
  if (options.prompt !== undefined && !knowsEarlier) refuse('prompt', 'a checkpoint with prev_sot_token_id');
  // These tokens lie behind those of texts, and would tell of other tasks and times.
  if (options.prompt !== undefined && target.codec.encode(options.prompt).some((id) => id >= target.endTokenId!))
    refuse('prompt', 'a text without special tokens in it');
  if (options.conditionOnPrevious && !knowsEarlier)
    refuse('conditionOnPrevious', 'a checkpoint with prev_sot_token_id');
  if (options.words && tokens.alignmentHeads === undefined)
    refuse('words', 'a checkpoint that says which of its heads follow what is said (alignment_heads)');
  if (options.promptFor === 'all' && !options.conditionOnPrevious) {
    refuse('promptFor', '"first", unless windows go on behind what was written before (conditionOnPrevious)');
  }
  if (options.noSpeechThreshold !== undefined && options.logprobThreshold === undefined) {
    refuse('noSpeechThreshold', 'a logprobThreshold beside it: silence is looked for where a text is unlikely');
  }
}
