import '../backend/cpu-backend';
import * as tf from '@tensorflow/tfjs-core';

// Files share their worker: whatever the one before has chosen, each begins with plain JavaScript.
await tf.setBackend('cpu');
