"""The domain: what is said, decided and recorded. No I/O, clock, randomness, async or logging."""
