//! Plans and applies against a simulated engine, with faults at every call.
//!
//! `house` is what every scenario needs; each other file shows one thing.

mod adoption;
mod blocked;
mod came_back;
mod chance;
mod create;
mod engine_away;
mod faults;
mod guard;
mod hooks;
mod house;
mod in_place;
mod networks;
mod projects;
mod random;
mod recovery;
mod replace;
mod replicas;
mod restarts;
mod stop;
mod two;
mod volumes;
