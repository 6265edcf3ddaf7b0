"""Which whole numbers R holds as integers; -2^31 is its NA."""

INTEGER = range(-(2**31) + 1, 2**31)
