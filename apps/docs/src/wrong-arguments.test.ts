import * as core from '@polymodal/core';
import * as files from '@polymodal/core/files';
import * as node from '@polymodal/core/node';
import * as audio from '@polymodal/encoder-audio';
import * as pretrainedAudio from '@polymodal/encoder-audio/pretrained';
import * as text from '@polymodal/encoder-text';
import * as pretrainedImage from '@polymodal/encoder-vision/pretrained';
import * as generation from '@polymodal/generation';
import * as headText from '@polymodal/head-text';
import * as heads from '@polymodal/heads';
import * as hub from '@polymodal/hub';
import * as trainer from '@polymodal/trainer';
import { describe, expect, it } from 'vitest';

const { PolymodalError } = core;

/** What people call, by its package; parts of models and functions of tensors are for the authors of parts. */
const called: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>, readonly string[]]>> = {
  core: [
    core,
    [
      ...[
        'composeModel',
        'composeUnchecked',
        'checkModelConfig',
        'createRegistry',
        'decodeSafetensors',
        'encodeSafetensors',
      ],
      ...['initialize', 'initializeModel', 'readParameters', 'setTrainable', 'writeParameters'],
    ],
  ],
  'core/node': [
    node,
    [
      ...['acquireLock', 'discoverPlugins', 'fileChecksum', 'holdFolder', 'loadModel', 'makeFolder', 'openRegularFile'],
      ...['readSafetensors', 'replaceFile', 'requireModelPlace', 'saveModel', 'writeDurably'],
    ],
  ],
  'core/files': [files, ['readRegularFile', 'readRegularFileSync']],
  trainer: [
    trainer,
    [
      ...['calibrate', 'confusionMatrix', 'evaluate', 'evaluateSubsets', 'lineChart', 'renderReport', 'runStatus'],
      ...['table', 'train', 'wilsonInterval', 'writeReport'],
    ],
  ],
  hub: [
    hub,
    [
      ...['composePretrained', 'createFromConfig', 'download', 'embed', 'loadParameters', 'loadPretrained'],
      ...[
        'openCheckpoint',
        'openPretrained',
        'pretrainedPart',
        'pretrainedWhole',
        'saveCheckpoint',
        'saveParameters',
        'savePretrained',
      ],
      'writeSafetensorsFile',
    ],
  ],
  'head-text': [headText, ['cider']],
  heads: [heads, ['retrievalRecall', 'zeroShot']],
  'encoder-text': [text, ['FileTokenizer']],
  generation: [generation, ['generateFrames', 'generateTokens']],
  'encoder-vision/pretrained': [pretrainedImage, ['pretrainedImageProcessor']],
  'encoder-audio': [audio, ['decodeAudio', 'mixToMono', 'readRecording', 'resample']],
  'encoder-audio/pretrained': [pretrainedAudio, ['PretrainedAudioProcessor']],
};

const wrong = [undefined, null, {}, [], '', Number.NaN, Symbol('none')];

describe.each(Object.entries(called))('%s', (_, [exported, names]) => {
  it.each(names)('%s refuses what is no argument of its kind, and throws nothing else', async (name) => {
    for (const value of wrong) {
      for (const count of [1, 2, 3]) {
        const error = await thrown(exported[name], new Array(count).fill(value));
        if (error !== undefined && !PolymodalError.isInstance(error))
          expect.fail(`${count} × ${String(value)}: ${error}`);
      }
    }
    expect(PolymodalError.isInstance(await thrown(exported[name], []))).toBe(true);
  });
});

async function thrown(called: unknown, args: unknown[]): Promise<unknown> {
  try {
    const isClass = String(called).startsWith('class ');
    const result: unknown = isClass
      ? Reflect.construct(called as never, args)
      : Reflect.apply(called as never, null, args);
    await (isGenerator(result) ? result.next() : result);
    return undefined;
  } catch (error) {
    return error ?? 'nothing';
  }
}

function isGenerator(value: unknown): value is AsyncGenerator {
  return typeof value === 'object' && value !== null && 'next' in value;
}
