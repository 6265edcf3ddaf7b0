# Intervals of R's package boot, and bootmlm's confint, from bootmlm's replicates.
#
# inputs: what run_bootstrap_mer takes, statistic, conf, scale.

# Each with a variance, which studentised intervals need.
interval_statistics <- list(
  intercept = function(fit) c(lme4::fixef(fit)[1], variance = as.matrix(stats::vcov(fit))[1, 1]),
  slope = function(fit) c(lme4::fixef(fit)[2], variance = as.matrix(stats::vcov(fit))[2, 2]),
  sigma = function(fit) {
    c(statistics$sigma(fit), variance = stats::sigma(fit)^2 / (2 * stats::nobs(fit)))
  })

interval_scales <- list(
  identity = list(h = function(t) t, hdot = function(t) rep(1, length(t)), hinv = function(t) t),
  log = list(h = log, hdot = function(t) 1 / t, hinv = exp),
  log_only = list(h = log, hdot = function(t) 1 / t, hinv = function(t) t),
  square_root = list(h = sqrt, hdot = function(t) 0.5 / sqrt(t), hinv = function(t) t^2))

interval_parts <- c(norm = "normal", basic = "basic", stud = "student", perc = "percent",
                    bca = "bca")

quantity_boot_ci <- function(m, inputs) {
  statistic <- interval_statistics[[inputs$statistic]]
  run <- run_bootstrap_mer(m$fit, statistic, inputs)
  L <- as.vector(from_bootmlm("empinf_mer")(m$fit, statistic, index = 1))
  scale <- interval_scales[[inputs$scale]]
  limits <- lapply(names(interval_parts), function(kind) {
    found <- boot::boot.ci(run, conf = inputs$conf, type = kind, index = 1:2, L = L,
                           h = scale$h, hdot = scale$hdot, hinv = scale$hinv)
    rows <- found[[interval_parts[[kind]]]]
    rows <- rows[, ncol(rows) - 1:0, drop = FALSE]
    dimnames(rows) <- list(paste(kind, inputs$conf), c("lower", "upper"))
    rows
  })
  answer(do.call(rbind, limits), t = unname(run$t), t0 = unname(run$t0), L = L)
}

# bootmlm's method for confint: several statistics at once.
quantity_confint <- function(m, inputs) {
  statistic <- statistic_of(inputs$statistics)
  run <- run_bootstrap_mer(m$fit, statistic, inputs)
  limits <- from_bootmlm("confint.boot")(run, level = inputs$level, type = inputs$type_of_interval)
  answer(limits, t = unname(run$t), t0 = unname(run$t0))
}

# With `type = "bca"` and a matrix L, one column a statistic.
quantity_confint_bca <- function(m, inputs) {
  statistic <- statistic_of(inputs$statistics)
  run <- run_bootstrap_mer(m$fit, statistic, inputs)
  L <- unname(as.matrix(from_bootmlm("empinf_merm")(m$fit, statistic)))
  limits <- from_bootmlm("confint.boot")(run, level = inputs$level, type = "bca", L = L)
  by_column <- t(vapply(seq_len(ncol(L)), function(k) {
    boot::boot.ci(run, conf = inputs$level, type = "bca", index = k, L = L[, k])$bca[4:5]
  }, numeric(2)))
  answer(limits, t = unname(run$t), t0 = unname(run$t0), L = L, by_column = by_column)
}

# Limits of one statistic of several, by its number.
quantity_confint_parm <- function(m, inputs) {
  statistic <- statistic_of(inputs$statistics)
  run <- run_bootstrap_mer(m$fit, statistic, inputs)
  answer(from_bootmlm("confint.boot")(run, parm = inputs$parm + 1, level = inputs$level,
                                      type = "perc"))
}
