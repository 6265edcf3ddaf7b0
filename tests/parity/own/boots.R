# Writes the bootstraps that tests/parity/test_r_boots.py reads, and what they hold (boots.json):
# R_LIBS=<library with bootmlm> Rscript boots.R
suppressMessages({
  library(lme4)
  library(boot)
  library(bootmlm)
})
exact <- function(x) sprintf("%.17g", as.vector(x))
quoted <- function(x) paste0("[", paste0("\"", x, "\"", collapse = ","), "]")
keep <- function(name, b) {
  saveRDS(b, paste0("boot_", name, ".rds"))
  sprintf("\"%s\": {\"t0\": %s, \"names\": %s, \"t\": %s}", name, quoted(exact(b$t0)),
          if (is.null(names(b$t0))) "null" else quoted(names(b$t0)), quoted(exact(b$t)))
}
fit <- lmer(Yield ~ 1 + (1 | Batch), Dyestuff, REML = FALSE)
set.seed(1)
calls <- 0
failing <- function(x) {
  calls <<- calls + 1
  if (calls == 3) stop("no such replicate")
  c(mean = unname(fixef(x)), sigma = sigma(x))
}
lines <- c(
  keep("bootmlm", bootstrap_mer(fit, function(x) c(fixef(x), sigma(x)), 5, type = "residual")),
  keep("bootmlm_case", bootstrap_mer(fit, function(x) sigma(x), 4, type = "case")),
  keep("lme4", suppressWarnings(bootMer(fit, failing, 6))),
  keep("boot", boot(Dyestuff$Yield, function(x, i) c(mean(x[i]), sd(x[i])), R = 7)))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "boots.json")
