//! The word that was probably meant.

/// The known word that is nearest to a misspelt one, if one is near: at most a third of its letters are wrong.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_lowercase().replace('-', "_");
    // Words of up to 64 letters: nobody misspells a longer one, and distances grow with the square of the length.
    known
        .filter(|_| word.len() <= 64)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance <= (candidate.chars().count().max(lower.chars().count()) / 3).max(1)
        })
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let known = [
            "image",
            "ports",
            "environment",
            "env",
            "volumes",
            "mem_limit",
        ];
        for (word, near) in [
            ("imgae", Some("image")),
            ("port", Some("ports")),
            ("enviroment", Some("environment")),
            ("Volumes", Some("volumes")),
            ("mem-limit", Some("mem_limit")),
            ("levitate", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), near, "{word}");
        }
    }
}
