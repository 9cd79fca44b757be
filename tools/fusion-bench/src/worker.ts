// A process that does one job, told by the one that starts it, and sends what comes of it. It ends when nothing is left to do.
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import * as tf from '@tensorflow/tfjs-core';
import type { Job } from './job';
import { type CostJob, measureCost } from './measure-cost';
import { runJob } from './run-job';

process.once('message', async (job: Job | CostJob) => {
  registerOnnxBackend();
  await tf.setBackend('onnx');
  if ('finished' in job) for await (const training of runJob(job)) process.send!(training);
  else process.send!(await measureCost(job));
});
