# R's own random numbers: what its generators give at a seed.

drawing_functions <- list(
  runif = stats::runif, rnorm = stats::rnorm, rexp = stats::rexp, rgamma = stats::rgamma,
  rchisq = stats::rchisq, rbinom = stats::rbinom, sample_int = base::sample.int)

# A column for every seed.
quantity_stream <- function(m, inputs) {
  on.exit(reference_settings())
  reference_kinds(inputs)
  columns <- lapply(inputs$seeds, function(seed) {
    set.seed(seed)
    do.call(drawing_functions[[inputs$draw]], inputs$arguments)
  })
  answer(matrix(unlist(columns), ncol = length(columns),
                dimnames = list(NULL, as.character(inputs$seeds))))
}

# The state of the generator: after seeding, after jumps, and after some draws from there.
quantity_random_seed <- function(m, inputs) {
  on.exit(reference_settings())
  reference_kinds(inputs)
  set.seed(inputs$seed)
  for (jump in inputs$jumps) {
    move <- switch(jump, stream = parallel::nextRNGStream,
                   substream = parallel::nextRNGSubStream)
    assign(".Random.seed", move(get(".Random.seed", globalenv())), envir = globalenv())
  }
  if (inputs$draws > 0) stats::runif(inputs$draws)
  answer(get(".Random.seed", globalenv()))
}

reference_kinds <- function(inputs) {
  kind <- if (is.null(inputs$kind)) "Mersenne-Twister" else inputs$kind
  sampling <- if (is.null(inputs$sample_kind)) "Rejection" else inputs$sample_kind
  suppressWarnings(RNGkind(kind, "Inversion", sampling))
}
