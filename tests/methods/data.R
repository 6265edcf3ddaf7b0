# Data frames of the tests of methods, the same as data.py makes them, and how numbers are written.
suppressMessages(library(lme4))
library(jsonlite)
data(Oxide, Orthodont, package = "nlme")

prepared <- function(name) {
  if (name == "sleep+") {
    d <- sleepstudy
    i <- seq_len(nrow(d))
    d$w <- 1 + i %% 3
    d$off <- (i %% 7) / 2
    d$sex <- factor(ifelse(as.integer(d$Subject) %% 2 == 0, "f", "m"))
    d
  } else if (name == "sleep NA") {
    d <- prepared("sleep+")
    d$Days[c(5, 20)] <- NA
    d$Reaction[33] <- NA
    d
  } else {
    as.data.frame(get(name))
  }
}

# Text with 17 significant digits: no bit is lost.
exact <- function(x) sprintf("%.17g", as.vector(x))

fitted_model <- function(case) {
  d <- prepared(case$data)
  arguments <- list(as.formula(case$formula), data = d, REML = case$reml)
  if (!is.null(case$weights)) arguments$weights <- d[[case$weights]]
  if (!is.null(case$offset)) arguments$offset <- d[[case$offset]]
  if (!is.null(case$na)) arguments$na.action <- get(paste0("na.", case$na))
  suppressWarnings(suppressMessages(do.call(lmer, arguments)))
}

described <- function(case, fit) {
  list(data = unbox(case$data), formula = unbox(case$formula), reml = unbox(case$reml),
       weights = if (is.null(case$weights)) NULL else unbox(case$weights),
       offset = if (is.null(case$offset)) NULL else unbox(case$offset),
       na = if (is.null(case$na)) NULL else unbox(case$na),
       theta = exact(getME(fit, "theta")))
}

write_record <- function(name, contents) {
  target <- commandArgs(TRUE)
  if (length(target) == 0) target <- paste0(name, ".json")
  provenance <- list(R = unbox(R.version.string),
                     lme4 = unbox(as.character(packageVersion("lme4"))),
                     script = unbox(paste0(name, ".R")))
  writeLines(toJSON(c(list(provenance = provenance), contents), null = "null", na = "string"),
             target)
}
