// Adapters of PEFT here, and ours for PEFT: node tools/run.mjs tools/parity/peft-roundtrip.ts <folder>. What Python makes of that,
// peft_roundtrip.py says, which starts it.
import { peftRoundtrip } from '../../packages/adapters/src/testing/peft-roundtrip';

const target = process.argv[2];
if (target === undefined) throw new Error('Usage: node tools/run.mjs tools/parity/peft-roundtrip.ts <folder>');
await peftRoundtrip(target);
