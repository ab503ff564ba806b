/**
 * For each of 16 parts of [0.7, 1.4) a number c near its centre, as 1 / c and log c; the part that
 * holds 1 has c = 1, so that log 1 is exact. The figures are those of ARM's optimized routines
 * (logf, 2017), by which C libraries on Linux compute logarithms of floats.
 */
export const centres: readonly (readonly [inverse: number, logarithm: number])[] = [
  [1.398907162146528, -0.33569133332882284],
  [1.3403141896637998, -0.2929040563774074],
  [1.286432210124115, -0.2518726580937369],
  [1.2367150214269895, -0.21245868807117255],
  [1.1906977166711752, -0.17453945183745634],
  [1.1479821020556429, -0.1380057072319758],
  [1.1082251448272158, -0.10275976698545139],
  [1.0711297413057381, -0.06871392447020525],
  [1.036437278977283, -0.0357891387398228],
  [1, 0],
  [0.9492859795739057, 0.05204517742929496],
  [0.8951049428609004, 0.11081431298787942],
  [0.8476821620351103, 0.1652495223695143],
  [0.8050314851692001, 0.21687389031699977],
  [0.7664671008843108, 0.2659635028121397],
  [0.731428603316328, 0.3127556664073557],
];

/** Of r^4, r^3 and r^2 in log(1 + r), |r| < 1/24. */
export const [quartic, cubic, quadratic] = [
  -0.25089342214237154, 0.333456765744066, -0.4999997485802103,
];

/** The bits of the lower end of part 0, just below 0.7. */
export const lowest = 0x3f330000;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * The natural logarithm of a positive, finite float32 that is not subnormal, as a float32: of
 * x = 2^k z with z in [0.7, 1.4) it is k log 2 + log c + log(1 + r), r = z / c - 1, computed in
 * double precision. The nearest float in 98 of 100 cases, else its neighbour: samples that shall be
 * those of a program that calls `logf` follow it.
 */
export function logOfFloat(x: number): number {
  float[0] = x;
  const whole = bits[0] ?? 0;
  const above = (whole - lowest) | 0;
  const k = above >> 23;
  bits[0] = whole - (k << 23);
  const z = float[0];
  const [inverse, logarithm] = centres[(above >> 19) & 15] ?? [1, 0];
  const r = z * inverse - 1;
  const square = r * r;
  const tail = quartic * square + (cubic * r + quadratic);
  return Math.fround(tail * square + (logarithm + k * Math.LN2 + r));
}
