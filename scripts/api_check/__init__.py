"""The parts of `scripts/check-api`."""
