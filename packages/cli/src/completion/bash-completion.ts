import type { CommandWords, OptionWords } from './command-words';

/** A script by which bash completes `polymodal`. Where it knows no word, bash completes names of files. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const places = commands.map(({ place }) => place).filter((place) => place !== '');
  return `# Completion of polymodal for bash. In ~/.bashrc: eval "$(polymodal completion bash)"
_polymodal() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" place="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$place/$word" in
      ${places.join('|')}) place="$place/$word" ;;
    esac
  done
  case "$place $previous" in
${commands.flatMap((command) => command.options.filter(takesOneOf).map((option) => valueCase(command, option))).join('\n')}
  esac
  if [[ -z "$words" ]]; then
    case "$place" in
${commands.map(wordsCase).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _polymodal polymodal
`;
}

function takesOneOf({ choices }: OptionWords): boolean {
  return choices.length > 0;
}

function valueCase({ place }: CommandWords, { long, choices }: OptionWords): string {
  return `    "${place} ${long}") words="${choices.join(' ')}" ;;`;
}

/** Options where one is begun; else what a command has in the place of files. */
function wordsCase({ place, options, commands, choices }: CommandWords): string {
  const begun = options.map(({ long }) => long).join(' ');
  const others = [...commands.map(({ name }) => name), ...choices].join(' ');
  return `      "${place}") if [[ "$current" == -* ]]; then words="${begun}"; else words="${others}"; fi ;;`;
}
