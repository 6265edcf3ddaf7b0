# Bootstraps, replicate by replicate: the estimates at which each refit stopped.
#
# inputs: type, its option, seed, nsim; `statistics` or `r_statistic` for more (statistic.R).

# lme4's own deviance function for the data of a (re)fit, at the refit's theta. It is built anew
# from the refit's parts, because refit() of lme4 before 1.1-33 reports another criterion.
criterion_at_stop <- function(fit, theta = fit@theta) {
  frame <- stats::model.frame(fit)
  frame[[1]] <- lme4::getME(fit, "y")
  parts <- c("Zt", "Lambdat", "Lind", "theta", "lower", "flist", "cnms")
  terms <- stats::setNames(lapply(parts, function(part) lme4::getME(fit, part)), parts)
  terms$Lambdat@x <- terms$Lambdat@x + 0 # a copy: lme4 writes theta into it in place
  deviance_of <- lme4::mkLmerDevfun(frame, lme4::getME(fit, "X"), terms,
                                    REML = lme4::isREML(fit))
  deviance_of(theta)
}

replicate_statistics <- function(inputs) {
  extra <- extra_statistic(inputs)
  function(fit) {
    reported <- if (lme4::isREML(fit)) lme4::REMLcrit(fit) else stats::deviance(fit)
    c(statistics$theta(fit), statistics$fixef(fit), extra(fit), statistics$sigma(fit),
      criterion = criterion_at_stop(fit), reported = unname(reported))
  }
}

answer_replicates <- function(m, boot, ...) {
  t <- matrix(boot$t, nrow = nrow(boot$t), dimnames = list(NULL, names(boot$t0)))
  reported <- colnames(t) == "reported"
  estimates <- t[, !reported, drop = FALSE]
  if (!all(nzchar(colnames(estimates)))) colnames(estimates) <- NULL
  do.call(answer, c(list(estimates, reported = t[, reported], rows = stats::nobs(m$fit)), ...))
}

quantity_boot_mer <- function(m, inputs) {
  set.seed(inputs$seed)
  answer_replicates(m, lme4::bootMer(m$fit, replicate_statistics(inputs), nsim = inputs$nsim,
                                     use.u = FALSE, type = "parametric"))
}

run_bootstrap_mer <- function(fit, statistic, inputs) {
  bootstrap <- from_bootmlm("bootstrap_mer")
  set.seed(inputs$seed)
  bootstrap(fit, statistic, nsim = inputs$nsim, type = inputs$type,
            corrected_trans = isTRUE(inputs$corrected_trans),
            lv1_resample = isTRUE(inputs$lv1_resample),
            reb_scale = isTRUE(inputs$reb_scale))
}

quantity_bootstrap_mer <- function(m, inputs) {
  answer_replicates(m, run_bootstrap_mer(m$fit, replicate_statistics(inputs), inputs),
                    delicate_pools(m, inputs))
}

quantity_bootstrap_case <- quantity_bootstrap_mer

# set.seed(seed), then a bootstrap that is told `seed = NULL`, twice: 1 if they are the same.
quantity_seed_null <- function(m, inputs) {
  bootstrap <- from_bootmlm("bootstrap_mer")
  once <- function(...) {
    set.seed(inputs$seed)
    as.vector(bootstrap(m$fit, statistics$sigma, nsim = 2, type = "residual", ...)$t)
  }
  answer(as.numeric(identical(once(seed = NULL), once(seed = NULL))),
         without_it = as.numeric(identical(once(), once())))
}
