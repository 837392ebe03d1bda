//! The catalogue of problems is what is committed.

use api::ProblemType;

use crate::golden::assert_golden;

#[test]
fn the_catalogue_is_the_committed_one() {
    assert_golden("docs/errors.md", &ProblemType::documentation());
}

#[test]
fn codes_are_unique_and_plain() {
    let mut codes: Vec<_> = ProblemType::ALL
        .iter()
        .map(|problem| problem.code())
        .collect();
    assert!(
        codes
            .iter()
            .all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    );
    codes.sort_unstable();
    let all = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), all);
}
