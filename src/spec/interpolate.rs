//! Variables in the file's values, in Compose's grammar.
