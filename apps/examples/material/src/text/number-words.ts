/** The words for 0 … 9 in one language. */
export interface NumberWords {
  /** BCP 47 tag. */
  readonly language: string;
  /** Rows of the usual keyboard, for the errors that fingers make; absent where words are not typed letter by letter. */
  readonly keyboard?: readonly string[];
  readonly words: readonly string[];
}

const qwerty = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const qwertz = ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnm'];
const azerty = ['azertyuiop', 'qsdfghjklm', 'wxcvbn'];
const turkishQ = ['qwertyuıopğü', 'asdfghjklşi', 'zxcvbnmöç'];
const spanish = ['qwertyuiop', 'asdfghjklñ', 'zxcvbnm'];
const portuguese = ['qwertyuiop', 'asdfghjklç', 'zxcvbnm'];
const russian = ['йцукенгшщзхъ', 'фывапролджэ', 'ячсмитьбю'];
const hebrew = ['קראטוןםפ', 'שדגכעיחלךף', 'זסבהנמצתץ'];
const arabic = ['ضصثقفغعهخحجد', 'شسيبلاتنمكط', 'ئءؤرىةوزظ'];

/** Number words in the spelling that native writers use, fourteen languages, six scripts, NFC. */
export const numberWords: readonly NumberWords[] = [
  row('en', 'zero one two three four five six seven eight nine', qwerty),
  row('de', 'null eins zwei drei vier fünf sechs sieben acht neun', qwertz),
  row('fr', 'zéro un deux trois quatre cinq six sept huit neuf', azerty),
  row('es', 'cero uno dos tres cuatro cinco seis siete ocho nueve', spanish),
  row('it', 'zero uno due tre quattro cinque sei sette otto nove', qwerty),
  row('pt', 'zero um dois três quatro cinco seis sete oito nove', portuguese),
  row('pl', 'zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć', qwerty),
  row('tr', 'sıfır bir iki üç dört beş altı yedi sekiz dokuz', turkishQ),
  row('ru', 'ноль один два три четыре пять шесть семь восемь девять', russian),
  row('ar', 'صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة', arabic),
  row('he', 'אפס אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע', hebrew),
  row('hi', 'शून्य एक दो तीन चार पाँच छह सात आठ नौ'),
  row('zh', '零 一 二 三 四 五 六 七 八 九'),
  row('ja', 'ゼロ いち に さん よん ご ろく なな はち きゅう'),
];

function row(language: string, words: string, keyboard?: readonly string[]): NumberWords {
  return { language, words: words.normalize('NFC').split(' '), keyboard };
}
