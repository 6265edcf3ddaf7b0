"""Profile likelihoods: one parameter held at a value, everything else at its best."""
