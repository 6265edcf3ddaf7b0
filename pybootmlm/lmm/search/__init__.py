"""The search for the minimum of the criterion."""
