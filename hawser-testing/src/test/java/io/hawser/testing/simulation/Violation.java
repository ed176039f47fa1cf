package io.hawser.testing.simulation;

/** Something happened that must never happen. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String what) {
        super(what);
    }
}
