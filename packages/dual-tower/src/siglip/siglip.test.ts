import { describeImageText } from '../describe-image-text';

describeImageText('siglip');
