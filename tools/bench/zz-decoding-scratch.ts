import { readFileSync } from 'node:fs';
const s = performance.now();
const { useBackend } = await import('/work/main/packages/core/src');
const { causalLanguageModels, generateTokens } = await import('/work/main/packages/encoder-text/src');
const { loadPretrained } = await import('/work/main/packages/hub/src');
await useBackend('onnx');
const l = performance.now();
const { model } = await loadPretrained(causalLanguageModels, '/tmp/decoding/work');
const b = readFileSync('/tmp/decoding/work/input_ids.bin'); const ids = new Int32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
for (let r = 0; r < 3; r++) {
  const c = process.cpuUsage(), q = performance.now(); const o: number[] = []; const ts: number[] = [];
  let p = q;
  for await (const [{ id }] of generateTokens(model, [ids], { maxNewTokens: 64, minNewTokens: 64 })) { o.push(id); const n = performance.now(); ts.push(n - p); p = n; }
  const u = process.cpuUsage(c); const first = ts[0]; ts.sort((x, y) => x - y);
  console.log('ours', r, 'wall/token', ((performance.now() - q) / 64).toFixed(1), 'cpu/token', ((u.user + u.system) / 64000).toFixed(1), 'median step', ts[32].toFixed(1), 'prefill', first.toFixed(0), 'max', ts[63].toFixed(0), r === 0 ? 'first ' + (performance.now() - l).toFixed(0) : '', o.slice(0, 6).join(), (process.resourceUsage().maxRSS / 1024).toFixed(0));
}
