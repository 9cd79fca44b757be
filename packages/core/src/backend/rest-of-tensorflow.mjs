// What the Node build of TensorFlow.js's core leaves out, and publishes in modules that bundlers can read and Node cannot:
// the gradients of all kernels, and the operations as methods of tensors, which some gradients call.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
