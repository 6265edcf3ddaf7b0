# What lme4 makes of models with several grouping factors: its deviance function at given thetas,
# numDeriv's gradient and Hessian of it, and its estimates.
#
# Writes several.json beside itself, or to the file named:  Rscript several.R [FILE]
# Numbers are text with 17 significant digits, so no bit is lost.
suppressMessages(library(lme4))
library(jsonlite)

# Park and Miller's generator, in integers that doubles hold: the same numbers in any language.
uniforms <- function(n, seed) {
  out <- numeric(n)
  for (i in seq_len(n)) {
    seed <- (16807 * seed) %% 2147483647
    out[i] <- seed / 2147483647
  }
  out
}
normals <- function(n, seed) rowSums(matrix(uniforms(12 * n, seed), n, byrow = TRUE)) - 6
made <- function() {
  n <- 288
  i <- seq_len(n) - 1
  a <- (i * 5) %% 48
  groups <- list(a = a, b = a %% 24, c = a %% 12, d = a %% 4, item = (i * 7 + i %/% 48) %% 9)
  # Partially crossed: every level of `a` meets a few of these only.
  groups$rater <- (a + (i %/% 48) %/% 3) %% 16
  x <- normals(n, 11)
  y <- 1 + 0.5 * x + normals(n, 12)
  for (k in seq_along(groups)) {
    levels <- max(groups[[k]]) + 1
    y <- y + 0.8 * normals(levels, 20 + k)[groups[[k]] + 1]
    y <- y + 0.5 * x * normals(levels, 40 + k)[groups[[k]] + 1]
  }
  data.frame(lapply(groups, function(g) factor(sprintf("g%02d", g))), x = x, y = y,
             w = 0.5 + 2 * uniforms(n, 13))
}
made_data <- made()

models <- list(
  list("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", FALSE),
  list("Pastes", "strength ~ 1 + (1 | batch / cask)", FALSE),
  list("made", "y ~ x + (1 | a) + (1 | item)", FALSE),
  list("made", "y ~ x + (1 | a) + (1 | rater) + (1 | item)", FALSE),
  list("made", "y ~ x + (1 | d / c / b / a)", FALSE),
  list("made", "y ~ x + (x | a) + (1 + x | item)", FALSE),
  list("made", "y ~ x + (x | b) + (x || d) + (1 | item)", FALSE),
  list("made", "y ~ x + (x | d / c)", TRUE),
  list("made", "y ~ x + (x | a) + (1 | rater)", TRUE),
  list("made", "y ~ 1 + (1 | d / c / b) + (0 + x | item)", TRUE)
)
exact <- function(x) sprintf("%.17g", as.numeric(x))
sharp <- lmerControl(
  optimizer = "bobyqa", calc.derivs = FALSE,
  optCtrl = list(rhoend = 1e-9, maxfun = 1e5)
)
described <- lapply(models, function(model) lapply(c(TRUE, FALSE), function(reml) {
  data <- if (model[[1]] == "made") made_data else get(model[[1]])
  data$weight <- if (model[[3]]) data$w else 1
  formula <- as.formula(model[[2]])
  fit <- suppressWarnings(suppressMessages(
    lmer(formula, data, REML = reml, weights = weight, control = sharp)
  ))
  devfun <- lmer(formula, data, REML = reml, weights = weight, devFunOnly = TRUE)
  theta <- getME(fit, "theta")
  at <- lapply(1:2, function(k) {
    point <- 0.2 + uniforms(length(theta), 100 + k)
    list(theta = exact(point), criterion = exact(devfun(point)),
         gradient = exact(numDeriv::grad(devfun, point)),
         hessian = exact(numDeriv::hessian(devfun, point)))
  })
  devfun(theta)
  list(
    data = unbox(model[[1]]), formula = unbox(model[[2]]), weights = unbox(model[[3]]),
    reml = unbox(reml), at = at, theta = exact(theta), criterion = exact(devfun(theta)),
    beta = exact(fixef(fit)), sigma = exact(sigma(fit)),
    effects = exact(unlist(lapply(ranef(fit, condVar = FALSE), function(b) colSums(b^2))))
  )
}))
target <- commandArgs(TRUE)
if (length(target) == 0) target <- "several.json"
writeLines(toJSON(list(
  provenance = list(
    R = unbox(R.version.string), lme4 = unbox(as.character(packageVersion("lme4"))),
    numDeriv = unbox(as.character(packageVersion("numDeriv"))), script = unbox("several.R")
  ),
  made = lapply(made_data, function(x) if (is.factor(x)) as.character(x) else exact(x)),
  models = do.call(c, described)
)), target)
