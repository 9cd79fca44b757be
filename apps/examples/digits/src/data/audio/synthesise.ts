import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { resample } from '@polymodal/encoder-audio';
import { SpeechError } from './speech-error';
import { trimSilence } from './trim-silence';
import { sampleRate, type Utterance } from './utterance';
import { type Voice, voiceId } from './voices';

/** A process speaks so many voices, ten words each, and ends; fixed, since the samples depend on it. */
const voicesPerProcess = 35;

/** A process takes a few seconds; one that takes longer than this has run away. */
const timeLimit = 120_000;

interface SpokenWord {
  readonly position: number;
  readonly digit: number;
  readonly rate: number;
  readonly samples: Int16Array;
}

export interface SynthesisOptions {
  readonly signal?: AbortSignal;
  /** Called after each word. */
  readonly onUtterance?: () => void;
}

/**
 * Lets every voice say the digits 0 … 9 in English through eSpeak NG, in short-lived child processes, as many at once
 * as there are cores, four at most.
 *
 * @returns ten utterances a voice, in the order of `voices`
 * @throws SpeechError when the synthesiser fails; the reason of `signal` when that aborts
 */
export async function synthesise(voices: readonly Voice[], options: SynthesisOptions = {}): Promise<Utterance[]> {
  const batches: Voice[][] = [];
  for (let i = 0; i < voices.length; i += voicesPerProcess) batches.push(voices.slice(i, i + voicesPerProcess));
  const spoken: Utterance[][] = [];
  const failed = new AbortController(); // the first failure ends the other processes too
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  let next = 0;
  const workThrough = async () => {
    while (next < batches.length) {
      const batch = next++;
      spoken[batch] = await speakInProcess(batches[batch], { ...options, signal });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, workThrough));
  } finally {
    failed.abort();
  }
  return spoken.flat();
}

function speakInProcess(voices: readonly Voice[], { signal, onUtterance }: SynthesisOptions): Promise<Utterance[]> {
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
    child.on('message', (word: SpokenWord) => {
      utterances.push(toUtterance(word, voices[word.position]));
      onUtterance?.();
    });
    child.on('error', (cause) => reject(signal?.aborted ? signal.reason : failure(String(cause), cause)));
    child.on('close', (code, killer) => {
      if (signal?.aborted) reject(signal.reason);
      else if (code === 0 && utterances.length === 10 * voices.length) resolve(utterances);
      else reject(failure(`${code ?? killer} after ${utterances.length} words: ${complaints.join('').trim()}`));
    });
    child.send(voices);
  });
}

function toUtterance({ digit, rate, samples }: SpokenWord, voice: Voice): Utterance {
  const wave = new Float32Array(samples).map((value) => value / 32768);
  return { digit, voice: voiceId(voice), samples: trimSilence(resample(wave, rate, sampleRate), sampleRate) };
}

function failure(received: string, cause?: unknown): SpeechError {
  return new SpeechError({
    where: '@echogarden/espeak-ng-emscripten',
    expected: 'a process that speaks and exits with code 0',
    received,
    hint: 'Install the packages again, or use recordings: --speech <folder>.',
    cause,
  });
}
