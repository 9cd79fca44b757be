import { type HostTensor2D, processorOfOne } from '@polymodal/core';
import type { RawAudio } from '@polymodal/encoder-audio';
import { WhisperFeatureExtractor } from '@polymodal/encoder-audio/pretrained';
import { type PretrainedProcessor, parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import { hearRecording } from '../hear-recording';
import type { TranscribeOptions } from './transcribe-options';
import type { WhisperModel } from './whisper-model';

/** What is heard of a recording. */
export interface Sound {
  /** (N, bins); a short recording is filled up with silence. */
  readonly frames: HostTensor2D;
  /** How many of them the recording lasts. */
  readonly soundFrames: number;
}

/** What makes frames of whole recordings, as the files of a Whisper say. */
export function listenerOf(model: WhisperModel): WhisperFeatureExtractor {
  const { contents } = processorOfOne(model.processors.audio!) as PretrainedProcessor;
  const name = ['preprocessor_config.json', 'processor_config.json'].find((own) => contents.has(own))!;
  const content = parseJsonFile(
    contents.get(name)!,
    name,
    z.looseObject({ feature_extractor: z.unknown().optional() }),
  );
  return new WhisperFeatureExtractor(content.feature_extractor ?? content);
}

/**
 * The frames of a whole recording: mixed to mono, resampled, and as loud as its loudest moment makes them.
 *
 * @throws SampleError for what cannot be read, and for more than `maxSeconds`
 * @throws the reason of the signal, if it is aborted
 */
export async function listen(
  raw: RawAudio,
  listener: WhisperFeatureExtractor,
  { maxSeconds, signal }: Pick<TranscribeOptions, 'maxSeconds' | 'signal'>,
): Promise<Sound> {
  const { samplingRate } = listener;
  const samples = await hearRecording(raw, samplingRate, { maxSeconds, signal });
  const frames = await listener.extractWhole(samples, signal);
  return { frames, soundFrames: Math.min(frames.shape[0], listener.framesOf(samples.length)) };
}
