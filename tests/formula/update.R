# What R's update() makes of mixed-model formulas.
#
# Writes update.json beside itself, or to the file named:  Rscript update.R [FILE]
library(jsonlite)
pairs <- list(
  c("y ~ x + offset(z) + (1 | g)", ". ~ . + w"), c("y ~ a * b + (1 | g) + a:c", ". ~ . - a:b"),
  c("y ~ a * b + (a | g)", ". ~ . - (a | g) + (1 | g)"), c("y ~ a * b + (a || g)", "log(.) ~ . + 0"),
  c("y ~ a + b + (1 | g)", ". ~ . - 1 + I(a^2) + poly(b, 2)"), c("y ~ a + b + (1 | g)", "~ . - a"),
  c("y ~ a + b + (1 | g)", "z ~ a + (1 | g)"), c("y ~ 0 + a + b + (1 | g)", ". ~ . + 1"),
  c("y ~ 1 + (1 | g)", ". ~ ."), c("y ~ (1 | g)", ". ~ . + x + (1 | h)"),
  c("y ~ 1 + a * b * c + (1 | g)", ". ~ . - a:b:c"), c("y ~ (a + b + c)^2 + (1 | g)", ". ~ . - a"),
  c("y ~ a %in% b + (1 | g)", ". ~ . + b"), c("y ~ a + b + (1 | g)", ". ~ . - 1"),
  c("y ~ 0 + a + (1 | g)", ". ~ . - a"), c("y ~ a + (1 | g)", ". ~ . + offset(w) + x"),
  c("y ~ a + (1 + a | g)", ". ~ . - (1 + a | g) + (0 + a | g:h)"), c("y ~ a + (1 | g)", ". ~ . + (a + b)"),
  c("y ~ a + (1 | g)", ". ~ . - 1 + 1"), c("sqrt(y) ~ a + (1 | g)", "log(.) ~ ."),
  c("y ~ a + b + a:b + (1 | g)", ". ~ . - b"), c("y ~ poly(x, 2) + (x + I(x^2) | g)", ". ~ . - poly(x, 2)"),
  c("y ~ a + (1 | g/h)", ". ~ . - (1 | g/h) + (1 | g) + (1 | h:g)"), c("y ~ a/b + (1 | g)", ". ~ . - a"),
  c("y ~ a.b + x_1 + (1 | g)", ". ~ . - a.b + log(x_1)"), c("y ~ x + (x | g) + (1 | h)", ". ~ . - (1 | h)"),
  c("y ~ x + (1 | g)", "I(. / 10) ~ . + I(x / 2)"), c("y ~ x + z + (1 | g)", ". ~ x * z + (1 | g)"),
  c("y ~ 1 | g", ". ~ . + x"), c("y ~ 1 | a/b", "log(.) ~ . + (1 | h)")
)
target <- commandArgs(TRUE)
if (length(target) == 0) target <- "update.json"
writeLines(toJSON(list(
  provenance = list(R = unbox(R.version.string), script = unbox("update.R")),
  cases = lapply(pairs, function(pair) {
    found <- update(as.formula(pair[1]), as.formula(pair[2]))
    list(old = unbox(pair[1]), new = unbox(pair[2]),
         text = unbox(paste(deparse(found, width.cutoff = 500), collapse = " ")))
  })
), pretty = TRUE), target)
