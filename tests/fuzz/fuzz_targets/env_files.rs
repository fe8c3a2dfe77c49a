#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| evenkeel_fuzz::env_files(text));
