// Holds tokenizers against what tools/parity/tokenizer_fuzz.py wrote down of Python's:
//   npm run fuzz:tokenizers -- cases.jsonl [--show 20]
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Case, checkCase, type Verdict } from './check-case';

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { show: { type: 'string', default: '20' } },
  allowPositionals: true,
});
const [file] = positionals;
if (!file) throw new Error('Usage: npm run fuzz:tokenizers -- cases.jsonl');

const fixture = JSON.parse(readFileSync(new URL('../../../fixtures/sentence-piece.json', import.meta.url), 'utf8'));
const charsmap: string = fixture.normalizer.normalizers[0].precompiled_charsmap;
const verdicts = new Map<Verdict['outcome'], number>();
const reasons = new Map<string, number>();
const different: string[] = [];
let index = 0;
for await (const line of createInterface({ input: createReadStream(file) })) {
  const given: Case = JSON.parse(line);
  for (const { outcome, detail } of checkCase({ ...given, json: given.json.replaceAll('CHARSMAP', charsmap) })) {
    verdicts.set(outcome, (verdicts.get(outcome) ?? 0) + 1);
    if (outcome === 'different') different.push(`tokenizer ${index}: ${detail}`);
    if (outcome === 'refused here') reasons.set(detail, (reasons.get(detail) ?? 0) + 1);
  }
  index++;
}
for (const each of different.slice(0, Number(values.show))) console.log(each);
for (const [reason, count] of [...reasons].sort(([, a], [, b]) => b - a).slice(0, Number(values.show))) {
  console.log(`refused ${count} ×: ${reason}`);
}
console.log(`${index} tokenizers: ${[...verdicts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
process.exitCode = different.length > 0 ? 1 : 0;
