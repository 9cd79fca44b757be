// Waits for an interruption, for a test of interruptSignal.
import { interruptSignal } from '../run/interrupt-signal';

const signal = interruptSignal();
signal.addEventListener('abort', () => console.log('aborted'));
setTimeout(() => {}, 20_000);
console.log('ready');
