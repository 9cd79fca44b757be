import { ConfigError, suggestNames, UnknownNameError } from '@polymodal/core';
import type { SpeechTokens } from './speech-tokens';

/** What is asked of what is written. */
export interface SpeechTask {
  /** The code of the language that is spoken, `de`, or its English name. Detected where the checkpoint knows several. */
  readonly language?: string | undefined;
  /** To write what is said, or an English translation of it. */
  readonly task?: string | undefined;
  readonly timestamps: boolean;
}

/**
 * The tokens behind the first by which Whisper is told what to write (as `generate` of HF puts them together); undefined in the place of a
 * language that is to be detected.
 *
 * @throws ConfigError for a language or task of a checkpoint that knows English alone, UnknownNameError for one that there is not
 */
export function firstTokens(tokens: SpeechTokens, asked: SpeechTask): (number | undefined)[] {
  const language = asked.language ?? tokens.language;
  const task = asked.task ?? tokens.task;
  const { languages, tasks, noTimestampsTokenId } = tokens;
  const hasLanguages = Object.keys(languages).length > 0;
  if (!hasLanguages && (asked.language ?? asked.task) !== undefined) throw englishAlone(asked);
  const isForced = language === undefined && task === undefined;
  const first: (number | undefined)[] = isForced ? tokens.forcedIds.map((id) => id ?? undefined) : [];
  if (language !== undefined && hasLanguages) first[0] = languageId(languages, language);
  else if (hasLanguages && first.length === 0) first[0] = undefined;
  if (task !== undefined && hasLanguages) first.push(taskId(tasks, task));
  else if (language !== undefined && tasks.transcribe !== undefined) first.push(tasks.transcribe);
  const isTimeless = first.at(-1) === noTimestampsTokenId && noTimestampsTokenId !== undefined;
  if (asked.timestamps && isTimeless) return first.slice(0, -1);
  return asked.timestamps || isTimeless || noTimestampsTokenId === undefined ? first : [...first, noTimestampsTokenId];
}

/** The code of a language, from that or its English name. */
function languageId(languages: SpeechTokens['languages'], asked: string): number {
  const wanted = asked.toLowerCase();
  const codes = Object.keys(languages);
  const names = new Intl.DisplayNames('en', { type: 'language' });
  const found = codes.find((code) => code === wanted || names.of(code)?.toLowerCase() === wanted);
  if (found !== undefined) return languages[found]!;
  throw new UnknownNameError({
    where: 'language',
    expected: 'a language that the checkpoint knows',
    received: `"${asked}"`,
    hint: suggestNames(asked, codes),
  });
}

function taskId(tasks: SpeechTokens['tasks'], asked: string): number {
  const id = tasks[asked];
  if (id !== undefined) return id;
  throw new UnknownNameError({
    where: 'task',
    expected: 'a task that the checkpoint knows',
    received: `"${asked}"`,
    hint: suggestNames(asked, Object.keys(tasks)),
  });
}

function englishAlone({ language, task }: SpeechTask): ConfigError {
  return new ConfigError({
    where: language === undefined ? 'task' : 'language',
    expected: 'none, of a checkpoint that writes English alone',
    received: JSON.stringify(language ?? task),
  });
}
