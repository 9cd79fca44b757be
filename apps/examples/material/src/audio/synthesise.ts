import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { resample } from '@polymodal/encoder-audio';
import { SpeechError } from './speech-error';
import { trimSilence } from './trim-silence';
import { type Voice, voiceId } from './voices';

/** Samples a second of everything that is spoken: a telephone's band. */
export const sampleRate = 8000;

/** A sentence spoken without noise, at {@link sampleRate}, silence trimmed. */
export interface Utterance {
  /** Position in the list of what was to be spoken. */
  readonly sentence: number;
  readonly voice: string;
  readonly samples: Float32Array;
}

/** A process speaks about so many sentences and ends; fixed, since the samples depend on it. */
const sentencesPerProcess = 350;

/** A process takes a few seconds; one that takes longer than this has run away. */
const timeLimit = 120_000;

interface SpokenSentence {
  readonly position: number;
  readonly sentence: number;
  readonly rate: number;
  readonly samples: Int16Array;
}

export interface SynthesisOptions {
  readonly signal?: AbortSignal;
  /** Called after each sentence. */
  readonly onUtterance?: () => void;
}

/**
 * Lets every voice say every sentence through eSpeak NG, in short-lived child processes, as many at once as there are cores, four at
 * most.
 *
 * @returns the utterances of the first voice, in the order of `sentences`, then those of the others
 * @throws SpeechError when the synthesiser fails; the reason of `signal` when that aborts
 */
export async function synthesise(
  voices: readonly Voice[],
  sentences: readonly string[],
  options: SynthesisOptions = {},
): Promise<Utterance[]> {
  const batches: Voice[][] = [];
  const voicesPerProcess = Math.max(1, Math.floor(sentencesPerProcess / sentences.length));
  for (let i = 0; i < voices.length; i += voicesPerProcess) batches.push(voices.slice(i, i + voicesPerProcess));
  const spoken: Utterance[][] = [];
  const failed = new AbortController(); // the first failure ends the other processes too
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  let next = 0;
  const workThrough = async () => {
    while (next < batches.length) {
      const batch = next++;
      spoken[batch] = await speakInProcess(batches[batch], sentences, { ...options, signal });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, workThrough));
  } finally {
    failed.abort();
  }
  return spoken.flat();
}

function speakInProcess(
  voices: readonly Voice[],
  sentences: readonly string[],
  { signal, onUtterance }: SynthesisOptions,
): Promise<Utterance[]> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const utterances: Utterance[] = [];
    const complaints: string[] = [];
    const child = fork(fileURLToPath(new URL('./speaking-process.mjs', import.meta.url)), {
      serialization: 'advanced', // typed arrays as they are
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: timeLimit,
      killSignal: 'SIGKILL',
      signal,
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
    child.on('message', (spoken: SpokenSentence) => {
      utterances.push(toUtterance(spoken, voices[spoken.position]));
      onUtterance?.();
    });
    child.on('error', (cause) => reject(signal?.aborted ? signal.reason : failure(String(cause), cause)));
    child.on('close', (code, killer) => {
      if (signal?.aborted) reject(signal.reason);
      else if (code === 0 && utterances.length === sentences.length * voices.length) resolve(utterances);
      else reject(failure(`${code ?? killer} after ${utterances.length} sentences: ${complaints.join('').trim()}`));
    });
    child.send({ voices, sentences });
  });
}

function toUtterance({ sentence, rate, samples }: SpokenSentence, voice: Voice): Utterance {
  const wave = new Float32Array(samples).map((value) => value / 32768);
  return { sentence, voice: voiceId(voice), samples: trimSilence(resample(wave, rate, sampleRate), sampleRate) };
}

/** The synthesiser with its version: what is spoken depends on it. */
export function synthesiserVersion(): string {
  return `${synthesiser}@${createRequire(import.meta.url)(`${synthesiser}/package.json`).version}`;
}

const synthesiser = '@echogarden/espeak-ng-emscripten';

function failure(received: string, cause?: unknown): SpeechError {
  return new SpeechError({
    where: synthesiser,
    expected: 'a process that speaks and exits with code 0',
    received,
    hint: 'Install the packages again, or use recordings: --speech <folder>.',
    cause,
  });
}
