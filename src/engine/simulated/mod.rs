//! A simulated engine for tests: deterministic, in memory, behind the same traits as the real one.
