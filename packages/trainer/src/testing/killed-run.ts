// A training that a test may kill at any moment: node killed-run.ts <directory>.
import * as tf from '@tensorflow/tfjs';
import { train } from '../train';
import { tinyModel } from './tiny-model';
import { tinyRun } from './tiny-run';

await tf.setBackend('cpu');
await train(tinyModel({ noise: 0.1 }), { ...tinyRun, directory: process.argv[2], progress: false });
