"""What a fit says about its own uncertainty: deviance functions, covariances, scores, influence."""
