//! What engines answered once, read again without one: captured answers and labels, and answers that nobody has seen yet.

mod captured;
mod ground;
mod meanings;
mod never_taken;
mod server;
mod unknown;
