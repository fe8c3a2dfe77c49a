//! Small values with a grammar of their own: one type a file, with its parser, its text and its tests.
