# The packaged data sets, from the R packages that publish them.
#
#   Rscript r_reference/datasets.R OUTDIR
#
# writes one CSV (or, above a megabyte, one gzip'ed CSV) per data set into OUTDIR, and prints what
# pybootmlm/datasets/provenance.toml has to say about it: dimensions, kinds of column, levels.
# `source()` it instead to have `reference_dataset(name)`: the same frame, for use from R.
# Only lme4 and nlme are needed.

LME4 <- c("Dyestuff", "Dyestuff2", "sleepstudy", "Penicillin", "Pastes", "cake", "InstEval")
NLME <- c("Oxide", "Orthodont")

from_package <- function(name, package) {
  shelf <- new.env()
  utils::data(list = name, package = package, envir = shelf)
  frame <- as.data.frame(shelf[[name]])
  class(frame) <- "data.frame" # nlme's are groupedData, which print and subset in their own way
  attributes(frame) <- attributes(frame)[c("names", "row.names", "class")]
  frame
}

# High School and Beyond: nlme's pupils with their school's sector. nlme orders the levels of
# School by mean achievement and marks them as ordered; here `id` is a plain factor in the order of
# the school numbers, as as.factor() makes it of the numeric id in HLM's own file. That is also the
# order in which the schools appear in the rows.
school_and_beyond <- function() {
  pupils <- from_package("MathAchieve", "nlme")
  schools <- from_package("MathAchSchool", "nlme")
  number <- as.integer(as.character(pupils$School))
  row <- match(number, as.integer(as.character(schools$School)))
  stopifnot(!anyNA(row), identical(pupils$MEANSES, schools$MEANSES[row]))
  data.frame(
    id = factor(number), minority = pupils$Minority, sex = pupils$Sex, ses = pupils$SES,
    mathach = pupils$MathAch, meanses = pupils$MEANSES, sector = schools$Sector[row]
  )
}

reference_dataset <- function(name) {
  if (name %in% LME4) return(from_package(name, "lme4"))
  if (name %in% NLME) return(from_package(name, "nlme"))
  if (name == "hsb") return(school_and_beyond())
  stop("no R package publishes '", name, "'; from R: ", toString(c(LME4, NLME, "hsb")))
}

# The shortest of 15, 16 and 17 significant digits that R reads back as the same double.
exact_text <- function(x) {
  text <- sprintf("%.15g", x)
  for (digits in c("%.16g", "%.17g")) {
    short <- as.numeric(text) != x
    text[short] <- sprintf(digits, x[short])
  }
  stopifnot(is.finite(x), as.numeric(text) == x)
  text
}

as_text <- function(column) {
  if (is.double(column)) exact_text(column) else as.character(column)
}

write_dataset <- function(name, folder) {
  frame <- reference_dataset(name)
  stopifnot(!anyNA(frame))
  lines <- c(paste(names(frame), collapse = ","), do.call(paste, c(lapply(frame, as_text), sep = ",")))
  stopifnot(!grepl("\"", lines, fixed = TRUE))
  large <- sum(nchar(lines) + 1) > 2^20
  path <- file.path(folder, paste0(name, ".csv"))
  target <- if (large) gzfile(paste0(path, ".gz"), "wb", compression = 9) else file(path, "wb")
  writeLines(lines, target)
  close(target)
  describe(name, frame)
}

# Levels that stand in the order of their numbers, and are many, are not listed but counted.
describe_levels <- function(x) {
  number <- suppressWarnings(as.integer(levels(x)))
  if (nlevels(x) > 30 && !is.unsorted(number)) return(sprintf("\"by number\", n = %d", nlevels(x)))
  sprintf("[%s]", paste0("\"", levels(x), "\"", collapse = ", "))
}

describe <- function(name, frame) {
  kinds <- c(double = "numeric", integer = "integer")
  cat("\n[", name, "]\nrows = ", nrow(frame), "\n\n[", name, ".columns]\n", sep = "")
  for (column in names(frame)) {
    x <- frame[[column]]
    entry <- if (is.factor(x)) {
      sprintf("kind = \"%s\", levels = %s", if (is.ordered(x)) "ordered" else "factor", describe_levels(x))
    } else {
      sprintf("kind = \"%s\"", kinds[[typeof(x)]])
    }
    cat(column, " = { ", entry, " }\n", sep = "")
  }
}

if (sys.nframe() == 0L) {
  arguments <- commandArgs(trailingOnly = TRUE)
  if (length(arguments) != 1L) stop("usage: Rscript datasets.R OUTDIR")
  folder <- arguments[[1]]
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  version <- function(package) utils::packageDescription(package)$Version
  cat("# R ", format(getRversion()), ", lme4 ", version("lme4"), ", nlme ", version("nlme"), "\n", sep = "")
  for (name in c(LME4, NLME, "hsb")) write_dataset(name, folder)
}
