//! The law of the project, on the simulated engine: after an apply the plan is empty, whatever the file says.

mod changes;
mod drift;
mod ground;
mod law;
mod random;
mod real;
mod specification;

mod values;
