//! A file that uses every attribute: the plan after its apply is empty, and a change of one of them shows as exactly that.
