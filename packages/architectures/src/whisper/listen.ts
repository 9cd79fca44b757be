import { type HostTensor2D, processorOfOne, SampleError } from '@polymodal/core';
import { mixToMono, type RawAudio, readRecording, resample } from '@polymodal/encoder-audio';
import { WhisperFeatureExtractor } from '@polymodal/encoder-audio/pretrained';
import { type PretrainedProcessor, parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';
import type { WhisperModel } from './whisper-model';

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
 * The frames of a whole recording: mixed to mono, resampled, and as loud as its loudest moment makes them (N, bins).
 *
 * @throws SampleError for what cannot be read, and for more than `maxSeconds`
 */
export async function listen(
  raw: RawAudio,
  listener: WhisperFeatureExtractor,
  maxSeconds: number,
): Promise<HostTensor2D> {
  const { samplingRate } = listener;
  const recording = await readRecording(raw, (rate) => Math.ceil((maxSeconds + 1) * rate));
  const mono = mixToMono(recording);
  if (mono.length > maxSeconds * recording.sampleRate) {
    throw new SampleError({
      expected: `a recording of at most ${maxSeconds} seconds`,
      received: 'a longer one',
      hint: 'Raise maxSeconds, or cut it into parts.',
    });
  }
  return listener.extractWhole(resample(mono, recording.sampleRate, samplingRate));
}
