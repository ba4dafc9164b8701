//! Quantiles, from `statrs`: its own where they hold to 1e-9, and what is done where they do not.
//!
//! Against scipy 1.17, `statrs` 0.19 has the normal and Student's quantiles to 1e-12. Its gamma
//! quantile stops at a step of about 1e-9, so that only some 9 digits are sure, and steps by a
//! density that overflows for shapes from some 141 to 160. Its distribution function sums a series
//! of some `sqrt(shape)` terms, from a logarithm that loses as many digits as the shape has: at a
//! shape of 1e12, 3 of its digits are left, and the quantile takes a second.

use statrs::{
    distribution::{Continuous, ContinuousCDF, Gamma, Normal, StudentsT},
    function::gamma::checked_gamma_ur,
};

use super::{LEVEL, TAIL};

/// From this shape on, the gamma quantile is its expansion, whose first term left out is there
/// 1e-14 of the value.
const EXPANSION_SHAPE_MIN: f64 = 10_000.0;
/// Newton steps from the answer of `statrs`; each doubles the digits.
const POLISHING_STEPS: usize = 2;

/// What is below a one-sided test of [`LEVEL`], or below a two-sided interval's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantile {
    /// The lower end of a two-sided interval: 2.5 %.
    Lower,
    /// The upper end: 97.5 %.
    Upper,
    /// What a one-sided test compares with: 95 %.
    OneSided,
}

impl Quantile {
    /// The probability below it.
    const fn below(self) -> f64 {
        match self {
            Self::Lower => TAIL,
            Self::Upper => 1.0 - TAIL,
            Self::OneSided => LEVEL,
        }
    }

    /// The probability above it.
    const fn above(self) -> f64 {
        match self {
            Self::Lower => 1.0 - TAIL,
            Self::Upper => TAIL,
            Self::OneSided => 1.0 - LEVEL,
        }
    }
}

/// The quantile of the standard normal distribution.
pub(super) fn normal(quantile: Quantile) -> f64 {
    Normal::standard().inverse_cdf(quantile.below())
}

/// Half the width of a two-sided interval, in standard errors: 1.96.
pub(super) fn z() -> f64 {
    normal(Quantile::Upper)
}

/// The square of the two-sided quantile of Student's distribution: the [`LEVEL`] quantile of
/// Fisher's with one degree of freedom over so many.
pub(super) fn fisher_one_over(degrees: f64) -> Option<f64> {
    let t = StudentsT::new(0.0, 1.0, degrees)
        .ok()?
        .inverse_cdf(Quantile::Upper.below());
    Some(t * t)
}

/// The quantile of the chi-squared distribution with so many degrees of freedom.
pub(super) fn chi_squared(degrees: f64, quantile: Quantile) -> f64 {
    2.0 * gamma(degrees / 2.0, quantile)
}

/// The quantile of the gamma distribution of that shape and of scale 1; 0 of a shape that is none.
pub(super) fn gamma(shape: f64, quantile: Quantile) -> f64 {
    if shape >= EXPANSION_SHAPE_MIN {
        return expanded(shape, normal(quantile));
    }
    let Ok(distribution) = Gamma::new(shape, 1.0) else {
        return 0.0;
    };
    let mut x = distribution.inverse_cdf(quantile.below());
    for _ in 0..POLISHING_STEPS {
        // The upper tail is the small one of the two that are asked for above.
        let excess = if quantile == Quantile::Lower {
            distribution.cdf(x) - quantile.below()
        } else {
            quantile.above() - checked_gamma_ur(shape, x).unwrap_or(f64::NAN)
        };
        // Not its `pdf`, which is infinite for shapes from some 141 to 160.
        let next = x - excess / distribution.ln_pdf(x).exp();
        if next.is_finite() && next > 0.0 {
            x = next;
        }
    }
    x
}

/// The Cornish-Fisher expansion of the gamma quantile in the shape's square root, `z` being the
/// normal quantile: H. Goldberg, H. Levine, "Approximate formulas for the percentage points and
/// normalization of t and chi-squared", *Annals of Mathematical Statistics* 17 (1946), 216-225, of
/// chi-squared with twice as many degrees of freedom, halved.
fn expanded(shape: f64, z: f64) -> f64 {
    let root = shape.sqrt();
    let (z2, z3) = (z * z, z * z * z);
    let terms = (z2 - 1.0) / 3.0 + (z3 - 7.0 * z) / (36.0 * root)
        - (3.0 * z2 * z2 + 7.0 * z2 - 16.0) / (810.0 * shape)
        + (9.0 * z2 * z3 + 256.0 * z3 - 433.0 * z) / (38_880.0 * shape * root);
    shape + z * root + terms
}
