import type { Writer } from '../writer';
import { hubCacheWriter } from './hub-cache';
import { modelWriter } from './model';
import { onnxWriter } from './onnx';
import { pretrainedWriter } from './pretrained';
import { reportWriter } from './report';
import { trainingWriter } from './training';

/** Every writer, by name. @param endpoint of a hub */
export const writers = {
  saveModel: modelWriter,
  savePretrained: () => pretrainedWriter(5e9),
  'savePretrained, in shards': () => pretrainedWriter(300_000),
  train: trainingWriter,
  exportOnnx: onnxWriter,
  writeReport: reportWriter,
  download: hubCacheWriter,
} satisfies Readonly<Record<string, (endpoint: string) => Writer | Promise<Writer>>>;

/** The name of a writer. */
export type WriterName = keyof typeof writers;
