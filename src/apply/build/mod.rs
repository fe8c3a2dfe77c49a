//! Building an image: what the file says under `build`, as the engine's own builder takes it.

mod context;
mod ignore;
mod image;
