# Tests of fixed effects with degrees of freedom: lmerTest, pbkrtest, emmeans.
#
# inputs: ddf as lmerTest spells it; L, the rows of contrasts one after the other; level; specs,
# the column whose means are asked for.

# lmerTest tests fits of a class of its own, and evaluates the call again to make one: where the
# data are.
where_fitted <- function(m) environment(stats::formula(m$fit))

tested_fit <- function(m) {
  eval(as.call(list(lmerTest::as_lmerModLmerTest, m$fit)), where_fitted(m))
}

# Numbers only: tables are data frames whose rows are named or numbered.
table_of <- function(found, rows = rownames(found)) {
  table <- as.matrix(as.data.frame(found))
  dimnames(table) <- list(rows, colnames(found))
  table
}

quantity_coefficient_tests <- function(m, inputs) {
  answer(stats::coef(summary(tested_fit(m), ddf = inputs$ddf)))
}

quantity_term_tests <- function(m, inputs) {
  answer(table_of(stats::anova(tested_fit(m), type = inputs$type, ddf = inputs$ddf)))
}

contrasts_of <- function(m, inputs) {
  matrix(inputs$L, ncol = length(lme4::fixef(m$fit)), byrow = TRUE)
}

# One F test of all contrasts, or a t-test of each.
quantity_contest <- function(m, inputs) {
  L <- contrasts_of(m, inputs)
  # t-tests all have the same right-hand side; F tests one for each contrast.
  rhs <- if (inputs$joint) rep(inputs$rhs, nrow(L)) else inputs$rhs
  found <- lmerTest::contest(tested_fit(m), L, joint = inputs$joint, ddf = inputs$ddf, rhs = rhs,
                             level = inputs$level)
  answer(table_of(found, NULL))
}

quantity_vcov_adj <- function(m, inputs) answer(as.matrix(pbkrtest::vcovAdj(m$fit)))

quantity_kr_modcomp <- function(m, inputs) {
  found <- pbkrtest::KRmodcomp(m$fit, contrasts_of(m, inputs))
  parts <- c(F = "Fstat", NumDF = "ndf", DenDF = "ddf", scale = "F.scaling", p = "p.value")
  answer(vapply(parts, function(part) as.numeric(pbkrtest::getKR(found, part)), 0))
}

quantity_ls_means <- function(m, inputs) {
  found <- lmerTest::ls_means(tested_fit(m), which = inputs$specs, level = inputs$level,
                              ddf = inputs$ddf, pairwise = inputs$pairwise)
  rows <- found$levels
  found <- as.data.frame(found)[c("Estimate", "Std. Error", "df", "t value", "lower", "upper",
                                  "Pr(>|t|)")]
  answer(table_of(found, rows))
}

quantity_emmeans <- function(m, inputs) {
  home <- where_fitted(m)
  at <- if (is.null(inputs$at)) NULL else stats::setNames(list(inputs$at), inputs$at_column)
  grid <- emmeans::emmeans(m$fit, inputs$specs, at = at, lmer.df = tolower(inputs$ddf),
                           level = inputs$level, data = home$data)
  if (inputs$pairwise) {
    found <- as.data.frame(emmeans::contrast(grid, "pairwise", adjust = "tukey"))
    columns <- c(estimate = "Estimate", SE = "Std. Error", df = "df", t.ratio = "t value",
                 p.value = "Pr(>|t|)")
    rows <- as.character(found$contrast)
  } else {
    found <- as.data.frame(grid)
    columns <- c(emmean = "Estimate", SE = "Std. Error", df = "df", lower.CL = "lower",
                 upper.CL = "upper")
    rows <- do.call(paste, lapply(found[inputs$specs], as.character))
  }
  found <- stats::setNames(found[names(columns)], columns)
  answer(table_of(found, rows))
}
