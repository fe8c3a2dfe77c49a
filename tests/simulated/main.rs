//! The law of the project on the simulated engine: after an apply the plan is empty, whatever the file says and whatever
//! goes wrong on the way.

mod faults;
mod ground;
mod specifications;
