"""The resampling schemes: one file each, what is random apart from what is computed."""
