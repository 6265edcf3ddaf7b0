"""What can be asked of a fit, a file each; `LmerFit` takes its methods from here."""
