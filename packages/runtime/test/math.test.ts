import { mod, rint, roundHalfAway, sigmoid, sign } from "../src/math/elementary.js";
import { erf, erfc, erfinv } from "../src/math/erf.js";
import { gamma } from "../src/math/gamma.js";
import { lgamma } from "../src/math/logGamma.js";
import { polygamma } from "../src/math/polygamma.js";
import { power } from "../src/math/power.js";

// Reference values: 40 digits of mpmath 1.3, rounded to double.
const tables: [string, (x: number) => number, [number, number][]][] = [
  [
    "erf",
    erf,
    [
      [-3, -0.9999779095030014],
      [-1.5, -0.9661051464753108],
      [-0.1, -0.1124629160182849],
      [1e-300, 1.1283791670955126e-300],
      [0.25, 0.27632639016823696],
      [0.46875, 0.49261347321793797],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [3.5, 0.9999992569016276],
      [5, 0.9999999999984626],
    ],
  ],
  [
    "erfc",
    erfc,
    [
      [-4, 1.999999984582742],
      [-0.3, 1.3286267594591274],
      [0.2, 0.7772974107895215],
      [0.5, 0.4795001221869535],
      [2.5, 0.0004069520174449589],
      [4, 1.541725790028002e-8],
      [4.5, 1.9661604415428876e-10],
      [10, 2.088487583762545e-45],
      [26.5, 2.2109076642637343e-307],
    ],
  ],
  [
    "erfinv",
    erfinv,
    [
      [-0.999, -2.3267537655135246],
      [-1e-5, -8.862269254759594e-6],
      [1e-12, 8.86226925452758e-13],
      [0.1, 0.08885599049425769],
      [0.5, 0.4769362762044699],
      [0.9, 1.1630871536766743],
      [0.99999, 3.123413274341571],
      [1 - 2 ** -40, 5.05125408524939],
      [1 - 2 ** -53, 5.8635847487551676],
    ],
  ],
  [
    "gamma",
    gamma,
    [
      [-170.5, -3.3127395215386074e-308],
      [-30.25, -7.120020598361713e-33],
      [-2.5, -0.9453087204829419],
      [-1.000001, 999999.5772993434],
      [-0.5, -3.544907701811032],
      [1e-300, 9.999999999999999e299],
      [0.1, 9.51350769866873],
      [0.5, 1.772453850905516],
      [1.4616, 0.885603194853648],
      [10.5, 1133278.3889487856],
      [100.5, 9.320963104082716e156],
      [171.5, 9.4833675668248e307],
    ],
  ],
  [
    "lgamma",
    lgamma,
    [
      [-100.25, -363.4009232278215],
      [-2.5, -0.056243716497674054],
      [-0.5, 1.2655121234846454],
      [-1e-10, 23.025850929998178],
      [1e-300, 690.7755278982137],
      [0.1, 2.252712651734206],
      [0.9999999, 5.772157468444193e-8],
      [1.5, -0.12078223763524522],
      [2.0000001, 4.227843666532498e-8],
      [3.25, 0.9358019311087253],
      [9.75, 12.242204940050762],
      [10.25, 13.368023671476045],
      [1e5, 1051287.7089736569],
      [1e305, 7.012884533631839e307],
    ],
  ],
];

const polygammas: [number, number, number][] = [
  [0, -3.7, -0.8450768588704194],
  [0, -0.5, 0.03648997397857652],
  [0, 1e-5, -100000.57719921567],
  [0, 0.5, -1.9635100260214235],
  [0, 1, -0.5772156649015329],
  [0, 9.9, 2.2411803166063815],
  [0, 1e5, 11.512920464961896],
  [1, -2.5, 9.539246644989124],
  [1, 0.25, 17.19732915450711],
  [1, 1, 1.6449340668482264],
  [1, 30.5, 0.03333024811280161],
  [2, -0.75, -124.58699919679619],
  [2, 7.25, -0.02182895229519774],
  [3, -1.25, 1558.2209125348506],
  [5, 0.3, 164634.84609922304],
  [5, 12.5, 9.562271597107644e-5],
  [10, 1.5, -42108.85876897549],
];

/** Relative error; the difference itself where zero is expected. */
function errorOf(received: number, expected: number): number {
  return Math.abs(received - expected) / Math.abs(expected || 1);
}

describe.each(tables)("%s is accurate in double precision", (_name, f, rows) => {
  test.each(rows)("at %d", (x, expected) => {
    expect(errorOf(f(x), expected)).toBeLessThan(1e-14);
  });
});

test.each(polygammas)("polygamma(%d, %d) is accurate in double precision", (n, x, expected) => {
  expect(errorOf(polygamma(n, x), expected)).toBeLessThan(2e-14);
});

test.each<[string, number, number]>([
  ["gamma(5) is exactly 4!", gamma(5), 24],
  ["gamma(23) is exactly 22!", gamma(23), Number(1124000727777607680000n)],
  ["gamma(0)", gamma(0), Infinity],
  ["gamma(-0)", gamma(-0), -Infinity],
  ["gamma(-2)", gamma(-2), NaN],
  ["gamma(172)", gamma(172), Infinity],
  ["gamma(-200.5) underflows with its sign", gamma(-200.5), -0],
  ["gamma(-inf)", gamma(-Infinity), NaN],
  ["lgamma(1)", lgamma(1), 0],
  ["lgamma(2)", lgamma(2), 0],
  ["lgamma(-3)", lgamma(-3), Infinity],
  ["lgamma(-inf)", lgamma(-Infinity), Infinity],
  ["lgamma(NaN)", lgamma(NaN), NaN],
  ["erf(inf)", erf(Infinity), 1],
  ["erf(-inf)", erf(-Infinity), -1],
  ["erf(NaN)", erf(NaN), NaN],
  ["erfc(30) underflows", erfc(30), 0],
  ["erfc(-inf)", erfc(-Infinity), 2],
  ["erfinv(1)", erfinv(1), Infinity],
  ["erfinv(-1)", erfinv(-1), -Infinity],
  ["erfinv(1.5)", erfinv(1.5), NaN],
  ["digamma at a pole", polygamma(0, -1), NaN],
  ["trigamma at a pole", polygamma(1, 0), Infinity],
  ["digamma just below a pole", polygamma(0, -5e-324), Infinity],
  ["trigamma just below a pole", polygamma(1, -5e-324), Infinity],
  ["polygamma of a fraction", polygamma(0.5, 1), NaN],
  ["digamma(inf)", polygamma(0, Infinity), Infinity],
  ["trigamma(inf)", polygamma(1, Infinity), 0],
  ["sign(NaN) is 0, as in MXNet", sign(NaN), 0],
  ["sigmoid(-800) does not overflow", sigmoid(-800), 0],
  ["sigmoid(800)", sigmoid(800), 1],
  ["round(2.5) is away from zero", roundHalfAway(2.5), 3],
  ["round(-2.5) is away from zero", roundHalfAway(-2.5), -3],
  ["round of the double below a half", roundHalfAway(0.49999999999999994), 0],
  ["round of an odd integer near 2^53", roundHalfAway(2 ** 53 - 1), 2 ** 53 - 1],
  ["rint(2.5) goes down", rint(2.5), 2],
  ["rint(3.5) goes down", rint(3.5), 3],
  ["rint(-2.5) goes down", rint(-2.5), -3],
  ["rint of the double above minus a half", rint(-0.49999999999999994), -0],
  ["rint of an odd integer above 2^52", rint(2 ** 52 + 1), 2 ** 52 + 1],
  ["mod takes the sign of the divisor", mod(-7, 3), 2],
  ["mod with a negative divisor", mod(7, -3), -2],
  ["mod by zero is 0", mod(7, 0), 0],
  ["1 to the power NaN, as in C", power(1, NaN), 1],
  ["-1 to the power inf, as in C", power(-1, Infinity), 1],
  ["NaN to the power 0", power(NaN, 0), 1],
])("%s", (_name, received, expected) => {
  expect(received).toBe(expected);
});
