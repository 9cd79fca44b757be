export type { PictureQuestion } from './data/picture-question';
export { type EasyVqa, readEasyVqa } from './data/read-easy-vqa';
export { languageModelSizes } from './models/language-model-sizes';
export { pictureTower } from './models/picture-tower';
export type { VqaModel } from './models/vqa-model';
export { type Looking, withLanguageModel } from './models/with-language-model';
