//! A use case without the right evidence does not compile.

#[test]
fn a_use_case_without_its_proof_does_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
