export { type Emoji, readEmoji } from './emoji';
