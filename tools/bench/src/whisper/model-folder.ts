import { copyFileSync, existsSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A folder with the files of a Whisper in the layout of Hugging Face, and with what some lack: the generation_config.json without which nobody
 * knows the tokens of times, by the names that published vocabularies give these tokens, and what transformers.js asks for: `is_encoder_decoder` and a tokenizer_config.json.
 *
 * @param from folder of the model
 * @param to   an empty folder
 */
export function completeFolder(from: string, to: string): void {
  for (const name of readdirSync(from)) if (name !== 'config.json') linkOrCopy(join(from, name), join(to, name));
  const read = (name: string) => JSON.parse(readFileSync(join(from, name), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(to, 'config.json'), JSON.stringify({ is_encoder_decoder: true, ...read('config.json') }));
  if (!existsSync(join(to, 'generation_config.json'))) {
    const { eos_token_id, decoder_start_token_id, pad_token_id, max_target_positions } = read('config.json');
    const { added_tokens } = read('tokenizer.json') as { added_tokens: { id: number; content: string }[] };
    const idOf = (content: string) => {
      const found = added_tokens.find((own) => own.content === content);
      if (found) return found.id;
      throw new RangeError(
        `${from}/tokenizer.json has no token ${content}; a folder with a generation_config.json needs none.`,
      );
    };
    const [timeless, previous] = [idOf('<|notimestamps|>'), idOf('<|startofprev|>')];
    if (added_tokens.some(({ content }) => content === '<|de|>') && idOf('<|endoftext|>') === 50257)
      throw new RangeError(
        `${from} writes several languages, and has no generation_config.json that names their tokens.`,
      );
    const config = {
      ...{
        eos_token_id,
        decoder_start_token_id,
        pad_token_id,
        bos_token_id: eos_token_id,
        max_length: max_target_positions,
      },
      ...{ no_timestamps_token_id: timeless, prev_sot_token_id: previous, max_initial_timestamp_index: 50 },
      ...{ is_multilingual: false, return_timestamps: false, begin_suppress_tokens: [220, eos_token_id] },
      suppress_tokens: [decoder_start_token_id, previous, timeless - 1],
    };
    writeFileSync(join(to, 'generation_config.json'), JSON.stringify(config));
  }
  if (!existsSync(join(to, 'tokenizer_config.json')))
    writeFileSync(join(to, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'WhisperTokenizer' }));
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // on another disk
  }
}
