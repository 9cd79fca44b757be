import type { CommandWords, OptionWords } from './command-words';

/** A script by which zsh completes `polymodal`. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const places = commands.map(({ place }) => place).filter((place) => place !== '');
  return `#compdef polymodal
# Completion of polymodal for zsh. In ~/.zshrc, behind compinit: eval "$(polymodal completion zsh)"
_polymodal() {
  local place="" word
  local -a described
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$place/$word" in
      ${places.join('|')}) place="$place/$word" ;;
    esac
  done
  case "$place \${words[CURRENT-1]}" in
${commands.flatMap((command) => command.options.filter(({ choices }) => choices.length > 0).map((option) => valueCase(command, option))).join('\n')}
${commands.flatMap((command) => command.options.filter(takesFile).flatMap((option) => fileCases(command, option))).join('\n')}
  esac
  case "$place" in
${commands.map(wordsCase).join('\n')}
  esac
}
compdef _polymodal polymodal
`;
}

function takesFile({ takesValue, choices }: OptionWords): boolean {
  return takesValue && choices.length === 0;
}

function valueCase({ place }: CommandWords, { long, choices }: OptionWords): string {
  return `    "${place} ${long}") compadd -- ${choices.join(' ')}; return ;;`;
}

function fileCases({ place }: CommandWords, { long, short }: OptionWords): string[] {
  return [long, short].filter(Boolean).map((flag) => `    "${place} ${flag}") _files; return ;;`);
}

function wordsCase({ place, options, commands, choices }: CommandWords): string {
  const begun = options.map(({ long, description }) => described(long, description)).join(' ');
  const inner = commands.map(({ name, description }) => described(name, description)).join(' ');
  const other =
    inner !== ''
      ? `described=(${inner}); _describe 'command' described`
      : choices.length > 0
        ? `compadd -- ${choices.join(' ')}`
        : '_files';
  return `    "${place}") if [[ "\${words[CURRENT]}" == -* ]]; then described=(${begun}); _describe -o 'option' described; else ${other}; fi ;;`;
}

/** `word:what it does`, in single quotes. */
function described(word: string, description: string): string {
  return `'${`${word}:${description.replaceAll(':', '\\:')}`.replaceAll("'", "'\\''")}'`;
}
