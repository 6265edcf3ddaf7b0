# What R makes of many numbers and names: format() and abbreviate().
#
# Writes formats.json beside itself, or to the file named:  Rscript formats.R [FILE]
# Numbers are text with 17 significant digits, so no bit is lost.
library(jsonlite)
suppressWarnings(RNGversion("4.0.0"))
set.seed(20261121)

number <- function(n) {
  signs <- sample(c(-1, 1, 1), n, TRUE)
  size <- runif(1, 0, 6)
  x <- signs * 10^runif(n, -size, size)
  if (runif(1) < 0.5) x <- signif(x, sample(1:5, 1))
  if (runif(1) < 0.2) x <- round(x, sample(0:4, 1))
  if (runif(1) < 0.1) x[sample(n, 1)] <- sample(c(0, NaN, Inf, -Inf), 1)
  if (runif(1) < 0.05) x <- x * 10^sample(c(-150, -90, 95, 150), 1)
  x
}

formatted <- lapply(1:600, function(i) {
  x <- number(sample(c(1, 1, 2, 3, 6), 1))
  digits <- sample(c(2, 3, 4, 5, 7), 1)
  nsmall <- sample(c(0, 0, 0, 1, 3), 1)
  list(
    x = sprintf("%.17g", x), digits = unbox(digits), nsmall = unbox(nsmall),
    text = format(x, digits = digits, nsmall = nsmall)
  )
})

syllables <- c(
  "temp", "era", "ture", "Sex", "Female", "recipe", "poly(", ", 2)", ":", "I(", "^2)", "log(",
  "mean", "ses", "a", "B", "Site", "2", ".", "_", "sector", "Catholic", " ", "io", "str", "x1"
)
abbreviated <- lapply(1:250, function(i) {
  names <- unique(replicate(sample(1:8, 1), paste(sample(syllables, sample(1:6, 1), TRUE), collapse = "")))
  names <- unique(trimws(names))
  names <- names[nzchar(names)]
  if (length(names) == 0) names <- "(Intercept)"
  minlength <- sample(c(3, 6, 11), 1)
  list(names = names, minlength = unbox(minlength),
       short = unname(suppressWarnings(abbreviate(names, minlength))))
})

rounded <- lapply(0:5, function(digits) {
  x <- c(round(runif(60, -30, 30), digits + 1), runif(20, -1e3, 1e3), 0.15, 2.675, -0.5)
  list(x = sprintf("%.17g", x), digits = unbox(digits), rounded = sprintf("%.17g", round(x, digits)))
})

target <- commandArgs(TRUE)
if (length(target) == 0) target <- "formats.json"
writeLines(toJSON(list(
  provenance = list(R = unbox(R.version.string), script = unbox("formats.R")),
  format = formatted, abbreviate = abbreviated, round = rounded
)), target)
