/** What a pattern asks for that is not done here. */
export class UnsupportedPattern extends Error {}

/** How it is called, by the node that the parser makes of it. */
export const unsupportedNames: Readonly<Record<string, string>> = {
  AbsenceFunction: '(?~…)',
  Backreference: 'a backreference',
  NamedCallout: 'a callout',
  Subroutine: '\\g<…>',
  text_segment: '\\X',
};
