# Predictions for new rows by lme4, with what they are made of.
#
# Writes newdata.json beside itself, from the data in model_matrices.json:  Rscript newdata.R
suppressMessages(library(lme4))
library(jsonlite)
source_record <- fromJSON("model_matrices.json", simplifyVector = TRUE)
numbers <- function(text) as.numeric(strsplit(text, " ")[[1]])
exact <- function(v) paste(sprintf("%.17g", as.double(v)), collapse = " ")
data <- as.data.frame(lapply(source_record$data, function(column) {
  switch(column$kind,
    factor = factor(column$levels[numbers(column$codes) + 1], levels = column$levels),
    ordered = factor(column$levels[numbers(column$codes) + 1], levels = column$levels,
                     ordered = TRUE),
    text = column$values,
    logical = as.logical(numbers(column$values)),
    integer = as.integer(numbers(column$values)),
    numbers(column$values))
}), check.names = FALSE)

fresh <- data.frame(
  x = c(-1, 0.5, 9), z = c(3, 12, 0.5), pos = c(1, 2, 7),
  a = c("r", "p", "p"), b = c("u", "u", "v"), s = c("gamma", "alpha", "alpha"),
  o = factor(c("max", "low", "mid"), levels = levels(data$o), ordered = TRUE),
  l = c(TRUE, TRUE, FALSE), g = c("g2", "new", "g6"), h = c("A", "D", "D"), t = c("c2", "c1", "c1"),
  stringsAsFactors = FALSE)

formulas <- c(
  "y ~ x + (x | g)", "y ~ poly(x, 2) * b + (1 | g)", "y ~ scale(x) + log(pos) + (scale(x) || g)",
  "y ~ a * l + (1 | h)", "y ~ o + s + (1 | t:h)", "y ~ 0 + a + I(x^2) + (l | g) + (1 | h)",
  "y ~ a:x + offset(z) + (1 | t/h)", "y ~ x + I(2 * x) + poly(z, 3) + (1 | g)")

record <- function(formula) {
  m <- suppressWarnings(suppressMessages(lmer(
    as.formula(formula), data,
    control = lmerControl(check.nobs.vs.nRE = "ignore", check.rankX = "silent.drop.cols"))))
  list(formula = unbox(formula), beta = unbox(exact(fixef(m))),
       b = unbox(exact(getME(m, "b"))),
       fixed = unbox(exact(predict(m, fresh, re.form = NA))),
       full = unbox(exact(predict(m, fresh, allow.new.levels = TRUE))))
}
out <- list(
  provenance = list(R = unbox(R.version.string), lme4 = unbox(as.character(packageVersion("lme4"))),
                    script = unbox("newdata.R"), collation = unbox("C")),
  newdata = lapply(fresh, function(v) if (is.factor(v)) as.character(v) else v),
  cases = lapply(formulas, record))
write(toJSON(out, pretty = 1, digits = NA), "newdata.json")
