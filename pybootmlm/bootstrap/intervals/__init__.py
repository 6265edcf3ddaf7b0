"""Bootstrap confidence intervals, as R's package boot defines them."""
