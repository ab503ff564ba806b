/** The numbers that JSON has no literal for; they are written `{"$number": "NaN"}`. */
export const namedNumbers = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-0": -0,
} as const;

export type NamedNumber = keyof typeof namedNumbers;

export function isNamedNumber(text: string): text is NamedNumber {
  return Object.hasOwn(namedNumbers, text);
}
