# Likelihood-ratio tests: of random terms (lmerTest), exact ones (RLRsim), by a parametric
# bootstrap (pbkrtest).
#
# inputs: seed, nsim; smaller, alone: formulas of the other models; without: labels of terms.

# Another model of the same data, from a formula that is read as the model's own was.
other_fit <- function(m, text) {
  home <- where_fitted(m)
  form <- formula_read(text, names(home$data), home)
  eval(stats::update(m$fit, formula = form, evaluate = FALSE), home)
}

quantity_ranova <- function(m, inputs) {
  tested <- tested_fit(m)
  call <- as.call(list(lmerTest::ranova, tested, reduce.terms = inputs$reduce_terms))
  answer(table_of(eval(call, where_fitted(m))))
}

exact_answer <- function(found) {
  answer(c(statistic = unname(found$statistic), p = unname(found$p.value),
           numbered(found$sample)))
}

# With `smaller` and `alone`, of one variance of several.
quantity_exact_rlrt <- function(m, inputs) {
  several <- !is.null(inputs$smaller)
  tested <- if (several) other_fit(m, inputs$alone) else m$fit
  without <- if (several) other_fit(m, inputs$smaller)
  set.seed(inputs$seed)
  if (several) {
    exact_answer(RLRsim::exactRLRT(tested, m$fit, without, nsim = inputs$nsim))
  } else {
    exact_answer(RLRsim::exactRLRT(tested, nsim = inputs$nsim))
  }
}

quantity_exact_lrt <- function(m, inputs) {
  X <- lme4::getME(m$fit, "X")
  labels <- attr(stats::terms(m$fit), "term.labels")
  gone <- attr(X, "assign") %in% match(inputs$without, labels)
  y <- lme4::getME(m$fit, "y")
  X <- X[, !gone, drop = FALSE]
  set.seed(inputs$seed)
  exact_answer(RLRsim::exactLRT(m$fit, stats::lm(y ~ 0 + X), nsim = inputs$nsim))
}

# By maximum likelihood, as pbkrtest would make it, but where the data are.
fit_by_ml <- function(m, fit) {
  if (!lme4::isREML(fit)) return(fit)
  eval(stats::update(fit, REML = FALSE, evaluate = FALSE), where_fitted(m))
}

# Five tests, and the likelihood ratio of every replicate.
quantity_pb_modcomp <- function(m, inputs) {
  larger <- fit_by_ml(m, m$fit)
  smaller <- fit_by_ml(m, other_fit(m, inputs$smaller))
  set.seed(inputs$seed)
  found <- pbkrtest::PBmodcomp(larger, smaller, nsim = inputs$nsim)
  tests <- summary(found)$test
  cell <- function(row, column) tests[row, column]
  answer(c(LRT = cell("LRT", "stat"), df = cell("LRT", "df"), "LRT p" = cell("LRT", "p.value"),
           "PBtest p" = cell("PBtest", "p.value"), "Gamma p" = cell("Gamma", "p.value"),
           "Bartlett" = cell("Bartlett", "stat"), "Bartlett p" = cell("Bartlett", "p.value"),
           "F" = cell("F", "stat"), "F p" = cell("F", "p.value"),
           numbered(found$ref)))
}
