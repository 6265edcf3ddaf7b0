# The criterion that each of lme4's optimisers reaches (allFit) on the designs in a folder.
#
#   Rscript all_fit.R FOLDER OUT.json [some]
#
# FOLDER holds the designs as JSON, written by record.py. With `some`, only bobyqa and nlminbwrap are
# tried. A design that lme4 refuses has its error instead.
suppressMessages(library(lme4))
library(jsonlite)

read_column <- function(column) {
  values <- as.character(unlist(lapply(column$values, function(v) if (is.null(v)) NA else v)))
  if (column$kind == "number") return(as.numeric(values))
  factor(values, levels = unlist(column$levels), ordered = column$kind == "ordered")
}
meta <- data.frame(
  optimizer = c("bobyqa", "Nelder_Mead", "nlminbwrap", "nmkbw", "optimx", "nloptwrap", "nloptwrap"),
  method = c("", "", "", "", "L-BFGS-B", "NLOPT_LN_NELDERMEAD", "NLOPT_LN_BOBYQA")
)
arguments <- commandArgs(TRUE)
if ("some" %in% arguments) meta <- meta[c(1, 3), ]
exact <- function(x) sprintf("%.17g", as.numeric(x))
quietly <- function(x) suppressWarnings(suppressMessages(x))

tried <- function(file) {
  design <- fromJSON(file, simplifyVector = FALSE)
  data <- as.data.frame(lapply(design$columns, read_column), optional = TRUE)
  names(data) <- names(design$columns)
  data$weight <- if (nzchar(design$weights)) data[[design$weights]] else 1
  formula <- as.formula(design$formula)
  environment(formula) <- environment()
  first <- quietly(lmer(
    formula, data, REML = design$reml, weights = weight,
    control = lmerControl(  # in the call itself, where allFit looks for it
      check.nobs.vs.nlev = "ignore", check.nobs.vs.nRE = "ignore", check.nlev.gtr.1 = "ignore",
      check.nobs.vs.rankZ = "ignore", check.scaleX = "ignore", calc.derivs = FALSE
    )
  ))
  found <- quietly(allFit(first, meth.tab = meta, verbose = FALSE,
                          maxfun = 1e5, catch.errs = TRUE))
  criterion <- sapply(found, function(fit) {
    if (inherits(fit, "merMod")) -2 * as.numeric(logLik(fit)) else NA
  })
  list(
    formula = unbox(design$formula), md5 = unbox(unname(tools::md5sum(file))),
    best = unbox(exact(min(criterion, na.rm = TRUE))),
    by_optimizer = as.list(setNames(exact(criterion), names(criterion)))
  )
}
files <- sort(Sys.glob(file.path(arguments[1], "*.json")))
designs <- lapply(files, function(file) {
  tryCatch(tried(file), error = function(e) list(error = unbox(conditionMessage(e))))
})
names(designs) <- sub("\\.json$", "", basename(files))
version <- function(package) unbox(as.character(packageVersion(package)))
writeLines(toJSON(list(
  provenance = list(
    R = unbox(R.version.string), lme4 = version("lme4"), script = unbox("all_fit.R"),
    optimizers = paste0(meta$optimizer, ifelse(nzchar(meta$method), ":", ""), meta$method)
  ),
  designs = designs
), auto_unbox = TRUE, pretty = TRUE), arguments[2])
