//! Contract and whole-product tests; the suites are the files beside this one.
