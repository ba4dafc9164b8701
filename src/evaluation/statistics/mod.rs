//! The statistical functions, pure: what an indicator's interval is made of.
