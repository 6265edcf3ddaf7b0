"""Long work: any number of workers, one BLAS thread each, and files that survive a kill."""
