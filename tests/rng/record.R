# Makes recorded.json, beside this script:  Rscript record.R recorded.json
# Every case starts from its own set.seed; values are hexadecimal doubles, exact to the last bit.

mersenne <- "Mersenne-Twister"
lecuyer <- "L'Ecuyer-CMRG"
cases <- list()
case <- function(name, code, seed = 85957L, kind = mersenne, sample_kind = "Rejection") {
  suppressWarnings(RNGkind(kind, "Inversion", sample_kind))
  set.seed(seed)
  values <- as.double(eval(parse(text = code)))
  cases[[length(cases) + 1L]] <<- sprintf(
    '  {"name": "%s", "seed": %d, "kind": "%s", "sample_kind": "%s", "call": "%s",\n   "values": [%s]}',
    name, seed, kind, sample_kind, code,
    paste0('"', sprintf("%a", values), '"', collapse = ", "))
}

for (seed in c(85957L, 0L, -1L, -123456789L, .Machine$integer.max, -.Machine$integer.max)) {
  case("seed", ".Random.seed[1:6]", seed)
  case("seed", ".Random.seed[1:6]", seed, kind = lecuyer)
  case("runif", "runif(5)", seed)
  case("runif", "runif(5)", seed, kind = lecuyer)
}
case("rnorm", "rnorm(8)")
case("rnorm recycled", "rnorm(5, c(1, 2), c(0, 3))")
case("rexp", "rexp(6, 2)")
case("rgamma", "rgamma(6, 2.5, 3)")
case("rgamma small", "rgamma(6, 0.4)")
case("rchisq", "rchisq(6, 4)")
case("rbinom", "rbinom(8, 10, 0.3)")
case("rbinom btpe", "rbinom(8, 1000, 0.7)")
for (kind in c("Rejection", "Rounding")) {
  case("sample 10", "sample.int(10)", sample_kind = kind)
  case("sample 65537", "sample.int(65537, 6, TRUE)", sample_kind = kind)
  case("sample 1e10", "sample.int(1e10, 6, TRUE)", sample_kind = kind)
  case("sample hashed", "sample.int(2e7, 6)", sample_kind = kind)
  case("sample ties", "sample.int(5, 12, TRUE, c(2, 1, 2, 1, 2))", sample_kind = kind)
  case("sample ties out", "sample.int(5, 5, FALSE, c(2, 1, 2, 1, 2))", sample_kind = kind)
  case("sample alias", "sample.int(300, 8, TRUE, 1:300)", sample_kind = kind)
}
case("next stream", "parallel::nextRNGStream(.Random.seed)", kind = lecuyer)
case("next substream", "parallel::nextRNGSubStream(.Random.seed)", kind = lecuyer)

writeLines(c(
  "{",
  sprintf('"made_by": "record.R",\n"r_version": "%s",\n"platform": "%s",',
          as.character(getRversion()), R.version$platform),
  '"cases": [', paste(unlist(cases), collapse = ",\n"), "]", "}"),
  commandArgs(TRUE)[1])
