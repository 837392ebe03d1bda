//! Files that hold what was agreed; `UPDATE_GOLDEN=1` writes them anew.

use std::{fs, path::PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("invariant: the package lies in the workspace")
        .to_owned()
}

/// Compares a text with its file.
pub(crate) fn assert_golden(path: &str, actual: &str) {
    let file = root().join(path);
    if update() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    let first = expected
        .lines()
        .zip(actual.lines())
        .position(|(a, b)| a != b);
    assert!(
        expected == actual,
        "{path} is not what the code says (first difference at line {:?}): run the tests with \
         UPDATE_GOLDEN=1 and review the change",
        first.map(|line| line + 1)
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not of the product"
)]
fn update() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1")
}
