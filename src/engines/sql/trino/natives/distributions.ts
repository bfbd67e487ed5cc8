/** Probability distributions, entropy, histograms of numbers. Formulas: Abramowitz and Stegun; Numerical Recipes, 6.4. */
import { invalidArgument, type Native, native } from './native.ts'

/** Lanczos' approximation, g = 7. */
function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const z = x - 1
  const t = z + 7.5
  const sum = c.slice(1).reduce((total, value, i) => total + value / (z + i + 1), c[0] as number)
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** The regularized incomplete beta function, by its continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x))
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return h
}

/** Complementary error function by the incomplete gamma function's series and fraction. */
function normalBelow(z: number): number {
  const x = (z * z) / 2
  const lower = x < 1.5 ? gammaSeries(x) : 1 - gammaFraction(x)
  return z >= 0 ? 0.5 * (1 + lower) : 0.5 * (1 - lower)
}

function gammaSeries(x: number): number {
  if (x === 0) return 0
  let term = 2
  let sum = term
  for (let n = 1; n < 500 && Math.abs(term) > 1e-17 * sum; n++) {
    term *= x / (0.5 + n)
    sum += term
  }
  return sum * Math.exp(-x + 0.5 * Math.log(x) - logGamma(0.5))
}

function gammaFraction(x: number): number {
  let b = x + 0.5
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let i = 1; i < 500; i++) {
    const an = -i * (i - 0.5)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return h * Math.exp(-x + 0.5 * Math.log(x) - logGamma(0.5))
}

/** The argument at which an increasing function of [low, high] reaches p. */
function bisect(f: (x: number) => number, p: number, low: number, high: number): number {
  let [a, b] = [low, high]
  for (let i = 0; i < 200 && b - a > Number.EPSILON * Math.max(1, Math.abs(a)); i++) {
    const middle = (a + b) / 2
    if (f(middle) < p) a = middle
    else b = middle
  }
  return (a + b) / 2
}

function inverseNormal(mean: number, deviation: number, p: number): number {
  if (!(p > 0 && p < 1)) throw invalidArgument('p must be 0 > p > 1')
  if (!(deviation > 0)) throw invalidArgument('sd must be > 0')
  return mean + deviation * bisect(normalBelow, p, -40, 40)
}

function wilson(successes: bigint, trials: bigint, z: number, side: 1 | -1): number {
  if (successes < 0n) throw invalidArgument('number of successes must not be negative')
  if (trials <= 0n) throw invalidArgument('number of trials must be positive')
  if (successes > trials) throw invalidArgument('number of successes must not be larger than number of trials')
  if (z < 0) throw invalidArgument('z-score must not be negative')
  const [s, n] = [Number(successes), Number(trials)]
  const p = s / n
  return (p + (z * z) / (2 * n) + side * z * Math.sqrt((p * (1 - p) + (z * z) / (4 * n)) / n)) / (1 + (z * z) / n)
}

function entropy(counts: (number | null)[]): number {
  const known = counts.filter((count): count is number => count !== null)
  if (known.some((count) => count < 0)) throw invalidArgument('Entropy count argument must be non-negative')
  const total = known.reduce((sum, count) => sum + count, 0)
  if (total === 0) return 0
  return known.filter((count) => count > 0).reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0)
}

const earthRadiusKilometres = 6371.01

/** Vincenty's formula on a sphere. */
function greatCircle(latitude1: number, longitude1: number, latitude2: number, longitude2: number): number {
  for (const latitude of [latitude1, latitude2])
    if (!(Math.abs(latitude) <= 90)) throw invalidArgument('Latitude must be between -90 and 90')
  for (const longitude of [longitude1, longitude2])
    if (!(Math.abs(longitude) <= 180)) throw invalidArgument('Longitude must be between -180 and 180')
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const [sin1, cos1] = [Math.sin(radians(latitude1)), Math.cos(radians(latitude1))]
  const [sin2, cos2] = [Math.sin(radians(latitude2)), Math.cos(radians(latitude2))]
  const between = radians(longitude1) - radians(longitude2)
  const across = cos2 * Math.sin(between)
  const along = cos1 * sin2 - sin1 * cos2 * Math.cos(between)
  const ahead = sin1 * sin2 + cos1 * cos2 * Math.cos(between)
  return Math.atan2(Math.sqrt(across * across + along * along), ahead) * earthRadiusKilometres
}

export const distributionNatives: readonly Native[] = [
  native('great_circle_distance', ['DOUBLE', 'DOUBLE', 'DOUBLE', 'DOUBLE'], 'DOUBLE', greatCircle),
  native('normal_cdf', ['DOUBLE', 'DOUBLE', 'DOUBLE'], 'DOUBLE', (mean, deviation, value) => {
    if (!(deviation > 0)) throw invalidArgument('standardDeviation must be > 0')
    return normalBelow((value - mean) / deviation)
  }),
  native('inverse_normal_cdf', ['DOUBLE', 'DOUBLE', 'DOUBLE'], 'DOUBLE', inverseNormal),
  native('beta_cdf', ['DOUBLE', 'DOUBLE', 'DOUBLE'], 'DOUBLE', (a, b, value) => {
    if (!(a > 0 && b > 0)) throw invalidArgument('a, b must be > 0')
    if (value < 0 || value > 1) throw invalidArgument('value must be 0 <= v <= 1')
    return incompleteBeta(value, a, b)
  }),
  native('inverse_beta_cdf', ['DOUBLE', 'DOUBLE', 'DOUBLE'], 'DOUBLE', (a, b, p) => {
    if (!(a > 0 && b > 0)) throw invalidArgument('a, b must be > 0')
    if (p < 0 || p > 1) throw invalidArgument('p must be 0 >= p >= 1')
    return bisect((x) => incompleteBeta(x, a, b), p, 0, 1)
  }),
  native('t_cdf', ['DOUBLE', 'DOUBLE'], 'DOUBLE', (value, freedom) => {
    const tail = incompleteBeta(freedom / (freedom + value * value), freedom / 2, 0.5) / 2
    return value > 0 ? 1 - tail : tail
  }),
  native('t_pdf', ['DOUBLE', 'DOUBLE'], 'DOUBLE', (value, freedom) =>
    Math.exp(
      logGamma((freedom + 1) / 2) -
        logGamma(freedom / 2) -
        0.5 * Math.log(freedom * Math.PI) -
        ((freedom + 1) / 2) * Math.log(1 + (value * value) / freedom),
    ),
  ),
  native('wilson_lower', ['BIGINT', 'BIGINT', 'DOUBLE'], 'DOUBLE', (successes, trials, z) =>
    wilson(successes, trials, z, -1),
  ),
  native('wilson_upper', ['BIGINT', 'BIGINT', 'DOUBLE'], 'DOUBLE', (successes, trials, z) =>
    wilson(successes, trials, z, 1),
  ),
  native('entropy', ['DOUBLE[]'], 'DOUBLE', entropy),
]
