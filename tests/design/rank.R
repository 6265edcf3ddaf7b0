# Which columns R's qr(LAPACK = FALSE) keeps of deficient matrices.
#
# Writes rank.json beside itself:  Rscript rank.R
library(jsonlite)
set.seed(20240501)
exact <- function(v) paste(sprintf("%.17g", as.double(v)), collapse = " ")

one <- function(k) {
  n <- sample(3:14, 1)
  p <- sample(1:9, 1)
  X <- matrix(sample(-2:2, n * p, replace = TRUE), n, p)
  if (k %% 3 == 0 && p > 2) X[, p] <- X[, 1] + X[, 2]
  if (k %% 4 == 0 && p > 3) X[, 2] <- 3 * X[, 1]
  if (k %% 5 == 0) X[, sample(p, 1)] <- 0
  # Nearly dependent, on either side of the tolerance 1e-7.
  if (k %% 2 == 0 && p > 1) X[, p] <- X[, 1] + 10^-sample(5:9, 1) * rnorm(n)
  if (k %% 7 == 0) X <- sweep(X, 2, 10^sample(-9:9, p, replace = TRUE), "*")
  q <- qr(X, tol = 1e-7, LAPACK = FALSE)
  list(n = unbox(n), columns = I(apply(X, 2, exact)),
       kept = unbox(exact(q$pivot[seq_len(q$rank)] - 1)))
}
out <- list(provenance = list(R = unbox(R.version.string), script = unbox("rank.R")),
            cases = lapply(1:60, one))
write(toJSON(out, pretty = 1), "rank.json")
