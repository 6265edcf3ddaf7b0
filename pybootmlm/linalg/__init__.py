"""Array kernels: arrays in, arrays out, no model in sight."""
