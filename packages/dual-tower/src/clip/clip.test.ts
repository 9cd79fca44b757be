import { describeImageText } from '../describe-image-text';

describeImageText('clip');
