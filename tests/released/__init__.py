"""What each released version left in its data directory: recorded with it, upgraded by ours."""
