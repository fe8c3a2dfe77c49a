//! Every file in `examples/` applies, with busybox standing in for its images, and the plan afterwards is empty.
