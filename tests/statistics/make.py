#!/usr/bin/env python3
"""Makes the tables that `tests/statistics` holds our functions against: nothing here is ours.

Every figure comes from scipy, statsmodels or numpy. Made with Python 3.11 and

    numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0

To make them again, outside of the repository's tree (other versions may change last digits):

    python3 -m venv /tmp/statistics
    /tmp/statistics/bin/pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0
    /tmp/statistics/bin/python tests/statistics/make.py

Floats are written by `repr`, so that they are read back to the last bit. An empty cell is "nothing
can be said". A list is separated by spaces, its pairs by a colon.
"""

import csv
import pathlib
import random
import warnings
from fractions import Fraction

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

HERE = pathlib.Path(__file__).parent
LARGEST = 10**12
ALPHA = 0.05
REPLICATES = 2000
draw = random.Random(20261123)


def table(name, header, rows):
    with open(HERE / f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        for row in rows:
            out.writerow([cell(value) for value in row])
    print(f"{name}.csv: {len(rows)} rows")


def cell(value):
    if value is None:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, (list, tuple)):
        return " ".join(":".join(map(str, v)) if isinstance(v, tuple) else str(v) for v in value)
    return str(value)


def log_uniform(low, high):
    return min(high, int(low * (high / low) ** draw.random()))


def close(a, b):
    assert abs(a - b) <= 1e-11 * max(abs(a), abs(b)), (a, b)


# Shares.

def wilson(successes, trials):
    if trials == 0 or successes > trials:
        return None, None
    lower, upper = proportion_confint(successes, trials, alpha=ALPHA, method="wilson")
    # Two libraries must agree before either is believed (scipy's takes machine integers).
    other = stats.binomtest(successes, trials).proportion_ci(1 - ALPHA, method="wilson") \
        if trials < 10**5 else None
    if other is not None:
        assert abs(other.low - lower) < 1e-12 and abs(other.high - upper) < 1e-12
    return float(lower), float(upper)


def wilson_cases():
    cases = [(0, 0), (1, 0), (3, 2), (0, 1), (1, 1), (18, 20), (27, 30), (79, 79), (0, 79)]
    for trials in (2, 5, 10, 100, 10**4, 10**6, 10**9, LARGEST):
        cases += [(0, trials), (1, trials), (trials // 2, trials), (trials - 1, trials), (trials, trials)]
    for _ in range(400):
        trials = draw.randint(1, 500)
        cases.append((draw.randint(0, trials), trials))
    for _ in range(400):
        trials = log_uniform(1, LARGEST)
        cases.append((draw.randint(0, trials), trials))
    for _ in range(200):
        trials = log_uniform(100, LARGEST)
        few = log_uniform(1, min(trials, 1000))
        cases.append((few if draw.random() < 0.5 else trials - few, trials))
    return cases


# Counts.

def garwood(count):
    lower = float(stats.chi2.ppf(ALPHA / 2, 2 * count) / 2) if count else 0.0
    upper = float(stats.chi2.isf(ALPHA / 2, 2 * count + 2) / 2)
    # And again as quantiles of the gamma distribution, which must agree, and as tails of Poisson's.
    close(upper, float(stats.gamma.isf(ALPHA / 2, count + 1)))
    if count:
        close(lower, float(stats.gamma.ppf(ALPHA / 2, count)))
    if count < 10**6:
        assert abs(stats.poisson.cdf(count, upper) - ALPHA / 2) < 1e-9
        assert abs(stats.poisson.sf(count - 1, lower) - ALPHA / 2) < 1e-9 or count == 0
    return lower, upper


def garwood_cases():
    cases = list(range(0, 301)) + [79, 9_998, 9_999, 10_000, 10_001, 10**5, 10**6, 10**7, 10**8]
    cases += [10**9, 10**10, 10**11, LARGEST - 1, LARGEST]
    cases += [log_uniform(1, LARGEST) for _ in range(500)]
    cases += [log_uniform(300, 30_000) for _ in range(300)]
    return cases


def rate_cases():
    cases = [(79, 29 / 7), (0, 1.0), (0, 29 / 7), (5, 0.0), (5, -1.0), (5, float("inf")), (5, float("nan"))]
    for _ in range(60):
        cases.append((log_uniform(1, 10**6), draw.uniform(0.001, 1000)))
    return cases


def overdispersed(counts):
    if len(counts) < 2 or sum(counts) == 0:
        return False
    statistic = (len(counts) - 1) * np.var(counts, ddof=1) / np.mean(counts)
    quantile = stats.chi2.isf(ALPHA, len(counts) - 1)
    assert abs(statistic - quantile) > 1e-9 * quantile, counts
    return bool(statistic > quantile)


def scattered(length, mean, dispersion):
    """Counts of that mean; as Poisson's, or with a variance of so many means."""
    seed = np.random.default_rng(draw.getrandbits(32))
    if dispersion <= 1:
        return [int(n) for n in seed.poisson(mean, length)]
    return [int(n) for n in seed.negative_binomial(np.broadcast_to(mean, length) / (dispersion - 1), 1 / dispersion)]


def overdispersed_cases():
    cases = [[], [0], [7], [0, 0, 0], [0, 0, 12], [5, 5, 5], [1, 2], [LARGEST, 0], [LARGEST, LARGEST - 10**6]]
    for _ in range(200):
        cases.append(scattered(draw.randint(2, 60), draw.uniform(0.5, 30), draw.choice([1, 1, 1.3, 1.7, 3])))
    return cases


# The bootstrap: numpy's PCG64, set to where rand_pcg's Pcg64 starts, and our own index of it.

STATE = 0xCAFEF00DD15EA5E5
STREAM = 0x0A02BDBF7BB3C0A7AC28FA16A64ABF96
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
WORD = 2**128


def generator():
    increment = (STREAM << 1 | 1) % WORD
    state = ((STATE + increment) * MULTIPLIER + increment) % WORD
    bits = np.random.PCG64()
    bits.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": increment},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return bits


def high_product(raw, lengths):
    """(raw * length) >> 64, for lengths below 2^32."""
    lengths = lengths.astype(np.uint64)
    low = (raw & np.uint64(0xFFFFFFFF)) * lengths >> np.uint64(32)
    return ((raw >> np.uint64(32)) * lengths + low >> np.uint64(32)).astype(np.int64)


def percentiles(replicates):
    if len(replicates) == 0:
        return None, None
    return tuple(float(q) for q in np.quantile(replicates, [ALPHA / 2, 1 - ALPHA / 2]))


def ratio(pairs):
    n = len(pairs)
    if n < 2 or sum(y for _, y in pairs) == 0:
        return None, None
    ordered = sorted(pairs)
    x = np.array([p[0] for p in ordered], dtype=np.int64)
    y = np.array([p[1] for p in ordered], dtype=np.int64)
    if n > 2000:
        r = x.sum() / y.sum()
        variance = np.var(x - r * y, ddof=1) / (n * y.mean() ** 2)
        half = stats.norm.isf(ALPHA / 2) * np.sqrt(variance)
        return max(0.0, float(r - half)), float(r + half)
    raw = generator().random_raw(n * REPLICATES)
    index = high_product(raw, np.full(n * REPLICATES, n)).reshape(REPLICATES, n)
    above, below = x[index].sum(axis=1), y[index].sum(axis=1)
    kept = below > 0
    return percentiles(above[kept] / below[kept])


def ratio_cases():
    cases = [[], [(3, 4)], [(0, 0), (0, 0)], [(1, 0), (2, 0)], [(0, 5), (0, 7)], [(2, 4), (1, 2), (3, 6)]]
    cases += [[(1, 0), (2, 3)], [(0, 1)] * 30 + [(5, 1)], [(9, 0)] * 40 + [(1, 1)]]
    cases += [[(LARGEST, 1), (1, LARGEST)], [(LARGEST, LARGEST - 1), (3, 7), (LARGEST // 3, 11)]]
    for _ in range(120):
        n = draw.choice([2, 3, 5, 10, 20, 40])
        pairs = []
        for _ in range(n):
            served = draw.randint(0, 9) if draw.random() < 0.8 else 0
            minutes = 0 if draw.random() < 0.1 else draw.choice([60, 120, 180, 240])
            pairs.append((served, 1) if draw.random() < 0.3 else (min(served * draw.randint(8, 40), 400), minutes))
        cases.append(pairs)
    return cases


# Long lists are not written out: session i of n is (i * i * a + i * b) mod p, and i mod q.
LONG = [
    (700, 3, 5, 11, 4), (700, 7, 1, 13, 2), (1999, 5, 3, 17, 6), (2000, 1, 4, 9, 5),
    (2001, 1, 4, 9, 5), (2001, 0, 0, 5, 3), (5000, 7, 2, 101, 7), (20000, 11, 3, 23, 1), (20000, 11, 3, 23, 9),
]


def long_pairs(n, a, b, p, q):
    return [((i * i * a + i * b) % p, i % q) for i in range(n)]


def displacement(lists):
    if any(len(counts) == 0 for counts in lists) or sum(lists[0]) == 0 or sum(lists[2]) == 0:
        return None, None, None
    arrays = [np.array(sorted(counts), dtype=np.int64) for counts in lists]
    means = [a.mean() for a in arrays]
    seen = (means[1] / means[0] - 1) - (means[3] / means[2] - 1)
    lengths = np.concatenate([np.full(len(a), len(a)) for a in arrays])
    raw = generator().random_raw(len(lengths) * REPLICATES)
    index = high_product(raw, np.tile(lengths, REPLICATES)).reshape(REPLICATES, len(lengths))
    drawn, start = [], 0
    for a in arrays:
        drawn.append(a[index[:, start:start + len(a)]].mean(axis=1))
        start += len(a)
    kept = (drawn[0] > 0) & (drawn[2] > 0)
    hub, zone = drawn[1][kept] / drawn[0][kept], drawn[3][kept] / drawn[2][kept]
    lower, upper = percentiles(hub - zone)
    if lower is None:
        return None, None, None
    return float(seen), lower, upper


def displacement_cases():
    cases = [
        ([], [1], [1], [1]), ([1], [], [1], [1]), ([1], [1], [], [1]), ([1], [1], [1], []),
        ([0, 0], [1], [1], [1]), ([1], [1], [0], [1]), ([4], [3], [5], [5]), ([4, 4], [4], [9, 9, 9], [9]),
        ([0, 0, 0, 3], [1, 2], [5, 7], [6]), ([5, 6], [0, 0], [5, 7], [0]),
    ]
    for _ in range(110):
        lengths = [draw.choice([2, 4, 8, 13]) for _ in range(4)]
        cases.append(tuple(scattered(n, draw.choice([0.7, 8, 40, 300]), draw.choice([1, 2])) for n in lengths))
    return cases


# Non-response.

def worst_case(successes, answers, asked):
    if asked == 0 or successes > answers or answers > asked:
        return None, None
    return float(Fraction(successes, asked)), float(Fraction(successes + asked - answers, asked))


def worst_case_cases():
    cases = [(27, 30, 79), (0, 0, 0), (0, 0, 5), (5, 5, 5), (0, 5, 5), (6, 5, 9), (2, 9, 5), (0, 0, LARGEST)]
    for _ in range(120):
        asked = log_uniform(1, draw.choice([100, LARGEST]))
        answers = draw.randint(0, asked)
        cases.append((draw.randint(0, answers), answers, asked))
    return cases


# Weeks.

def regression(counts, x, scale):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.GLM(np.array(counts, dtype=float), sm.add_constant(np.array(x, dtype=float)),
                       family=sm.families.Poisson())
        return model.fit(scale=scale, tol=1e-13, tol_criterion="params", maxiter=200)


def trend(counts):
    held = [week for week, count in enumerate(counts) if count]
    # Without any count, or with all of them in the first or the last week, no slope fits best.
    if len(counts) < 3 or not held or max(held) == 0 or min(held) == len(counts) - 1:
        return None, None, None
    if len(set(counts)) == 1:
        # No slope, and no scatter to scale an error by: statsmodels divides by it.
        return 0.0, 0.0, 0.0
    fit = regression(counts, range(len(counts)), "X2")
    lower, upper = fit.conf_int(alpha=ALPHA)[1]
    return float(fit.params[1]), float(lower), float(upper)


def growing(n, start, times, flat, dispersion):
    weeks = np.minimum(np.arange(n), flat)
    return scattered(n, start * np.exp(np.log(times) * weeks / max(flat, 1)), dispersion)


def trend_cases():
    cases = [[], [5], [5, 6], [0, 0, 0], [0, 0, 5], [5, 0, 0], [0, 5, 0], [5, 5, 5], [1, 2, 4, 8, 16], [16, 8, 4, 2, 1]]
    cases += [[0, 0, 1, 1000], [1000, 1, 0, 0], [0, 0, 0, 1, 10**6], [LARGEST - 10**9, LARGEST - 2 * 10**9, LARGEST]]
    cases += [[1, 1000, 10**6, 2 * 10**9, LARGEST]]
    for _ in range(250):
        n = draw.choice([3, 4, 6, 8, 13, 26, 52, 104])
        cases.append(growing(n, draw.choice([0.5, 3, 10, 50, 1000]), draw.uniform(0.3, 4), n, draw.choice([1, 1, 2, 4])))
    return cases


def stick(counts, k):
    """Deviance, slope and Pearson's chi-squared of log mean = a + b min(week, k)."""
    held = [min(week, k) for week, count in enumerate(counts) if count]
    y = np.array(counts, dtype=float)
    x = np.minimum(np.arange(len(counts)), k)
    if len(set(held)) == 1 and held[0] in (0, k):
        # The limit of an ever steeper slope: nothing at other x, and the mean there.
        there = y[x == held[0]]
        mean = np.full(len(there), there.mean())
        deviance = sm.families.Poisson().deviance(there, mean)
        return deviance, np.inf if held[0] else -np.inf, ((there - mean) ** 2 / mean).sum()
    fit = regression(counts, x, 1.0)
    return fit.deviance, fit.params[1], fit.pearson_chi2


def plateau(counts):
    n = len(counts)
    if n < 4 or len(set(counts)) == 1:
        return None
    straight, _, _ = stick(counts, n - 1)
    sticks = [(k, *stick(counts, k)) for k in range(1, n - 1)]
    k, deviance, slope, pearson = min(sticks, key=lambda stick: stick[1])
    fall, needed = straight - deviance, stats.f.isf(ALPHA, 1, n - 3) * pearson / (n - 3)
    return k if slope > 0 and fall >= needed else None


def plateau_cases():
    cases = [[], [1, 2, 2], [0] * 8, [7] * 8, [1, 2, 4, 8, 8, 8, 8, 8], [1, 2, 4, 8, 16, 32], [8, 8, 8, 4, 2, 1]]
    cases += [[0, 0, 5, 5, 5, 5], [0, 0, 0, 0, 0, 5], [5, 0, 0, 0, 0], [0, 5, 5, 5, 5, 5], [8, 1, 1, 1, 1, 1]]
    cases += [[2, 4, 6, 8, 8, 8, 8, 8, 8], [2, 9, 10, 11, 9, 10, 10, 9, 11, 10]]
    for _ in range(200):
        n = draw.choice([4, 6, 8, 13, 26])
        flat = draw.choice([n, max(1, n // 4), max(1, n // 2)])
        cases.append(growing(n, draw.choice([1, 5, 20]), draw.choice([1, 2, 4, 8, 0.4]), flat, draw.choice([1, 1, 2])))
    return cases


def median_cases():
    cases = [[], [3], [3, 4], [-5, 5], [-1, -2, -3, -4], [LARGEST, -LARGEST, 1]]
    return cases + [[draw.randint(-1000, 10**6) for _ in range(draw.randint(1, 40))] for _ in range(60)]


def main():
    table("wilson", ["successes", "trials", "lower", "upper"], [(*c, *wilson(*c)) for c in wilson_cases()])
    table("garwood", ["count", "lower", "upper"], [(c, *garwood(c)) for c in garwood_cases()])
    table("rate", ["count", "exposure", "lower", "upper"], [
        (c, e, *(bound / e for bound in garwood(c))) if 0 < e < float("inf") else (c, e, None, None)
        for c, e in rate_cases()
    ])
    table("overdispersed", ["counts", "overdispersed"], [(c, overdispersed(c)) for c in overdispersed_cases()])
    table("ratio", ["pairs", "lower", "upper"], [(c, *ratio(c)) for c in ratio_cases()])
    table("ratio-long", ["n", "a", "b", "p", "q", "lower", "upper"], [(*c, *ratio(long_pairs(*c))) for c in LONG])
    table("displacement", ["hub_before", "hub_after", "zone_before", "zone_after", "change", "lower", "upper"],
          [(*c, *displacement(c)) for c in displacement_cases()])
    table("worst-case", ["successes", "answers", "asked", "lower", "upper"],
          [(*c, *worst_case(*c)) for c in worst_case_cases()])
    table("trend", ["counts", "slope", "lower", "upper"], [(c, *trend(c)) for c in trend_cases()])
    table("plateau", ["counts", "week"], [(c, plateau(c)) for c in plateau_cases()])
    table("median", ["values", "median"], [(c, float(np.median(c)) if c else None) for c in median_cases()])


if __name__ == "__main__":
    main()
