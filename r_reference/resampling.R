# What bootmlm and lme4 resample from, and what they resample, at a seed.
#
# inputs: type, its option, seed, nsim.

resampled_responses <- function(fit, inputs) {
  set.seed(inputs$seed)
  drawn <- if (inputs$type == "reb") {
    from_bootmlm(".reb_resample")(fit, inputs$nsim, scale = isTRUE(inputs$reb_scale))
  } else {
    from_bootmlm(".resid_resample")(fit, inputs$nsim, type = inputs$type,
                                    corrected = isTRUE(inputs$corrected_trans))
  }
  matrix(unlist(drawn), ncol = inputs$nsim,
         dimnames = list(rownames(stats::model.frame(fit)), NULL))
}

quantity_responses <- function(m, inputs) {
  do.call(answer, c(list(resampled_responses(m$fit, inputs)), delicate_pools(m, inputs)))
}

# The effects and errors that are drawn from, where they may be R's alone: rescaled effects of a
# singular fit, least-squares effects of clusters that cannot tell their columns apart.
delicate_pools <- function(m, inputs) {
  delicate <- switch(inputs$type,
    residual_cgr = length(m$fit@cnms) == 1 && lme4::isSingular(m$fit),
    reb = any(cluster_ranks(m$fit) < sum(lengths(m$fit@cnms))),
    FALSE)
  if (!delicate) return(list())
  list(effects = quantity_effect_pool(m, inputs)$value,
       errors = quantity_error_pool(m, inputs)$value)
}

cluster_ranks <- function(fit) {
  Z <- do.call(cbind, lme4::getME(fit, "mmList"))
  rows <- split(seq_len(nrow(Z)), fit@flist[[1]])
  vapply(rows, function(rows) qr(Z[rows, , drop = FALSE])$rank, 0L)
}

# Data sets of resampled clusters, one after the other: the response and the new cluster.
resampled_cases <- function(fit, inputs) {
  set.seed(inputs$seed)
  data <- from_bootmlm(".case_resample")(fit, inputs$nsim,
                                         lv1_resample = isTRUE(inputs$lv1_resample))
  group <- names(fit@flist)[1]
  rows <- do.call(rbind, lapply(data, function(d) cbind(d[[1]], as.numeric(d[[group]]))))
  dimnames(rows) <- list(NULL, c("response", "cluster"))
  rows
}

quantity_case_rows <- function(m, inputs) answer(resampled_cases(m$fit, inputs))

simulated <- function(fit, inputs) {
  set.seed(inputs$seed)
  y <- as.matrix(stats::simulate(fit, nsim = inputs$nsim, use.u = FALSE))
  dimnames(y) <- list(rownames(stats::model.frame(fit)), NULL)
  y
}

quantity_simulate <- function(m, inputs) answer(simulated(m$fit, inputs))

# Everything that a function returns while `expr` runs, as it is called by others, in order:
# R's own draws, caught on their way to the bootstrap.
caught_returns <- list()

with_caught <- function(name, where, expr) {
  caught_returns <<- list()
  catch <- quote(caught_returns <<- c(caught_returns, list(returnValue())))
  suppressMessages(trace(name, exit = catch, print = FALSE, where = where))
  on.exit(suppressMessages(untrace(name, where = where)))
  value <- expr
  list(value = value, draws = unlist(caught_returns), lengths = lengths(caught_returns))
}

quantity_replayed <- function(m, inputs) {
  resample <- if (inputs$type == "case") resampled_cases else resampled_responses
  caught <- with_caught("sample.int", baseenv(), resample(m$fit, inputs))
  answer(caught$value, draws = caught$draws, lengths = caught$lengths)
}

quantity_replayed_normals <- function(m, inputs) {
  caught <- with_caught("rnorm", asNamespace("lme4"), simulated(m$fit, inputs))
  answer(caught$value, draws = caught$draws, lengths = caught$lengths)
}

# The effects and the errors that are drawn from.

quantity_effect_pool <- function(m, inputs) {
  pools <- switch(inputs$type,
    residual = from_bootmlm("get_reflate_b")(m$fit),
    residual_cgr = from_bootmlm("get_reflate_b_cgr")(m$fit),
    reb = reb_pools(m$fit, inputs)$ml)
  answer(numbered(unlist(lapply(pools, as.matrix))))
}

quantity_error_pool <- function(m, inputs) {
  fit <- m$fit
  errors <- switch(inputs$type,
    residual = from_bootmlm("get_reflate_e")(fit),
    residual_cgr = from_bootmlm("get_reflate_e_cgr")(fit),
    residual_trans = from_bootmlm("get_zeta")(marginal_residuals(fit), marginal_root(fit, inputs)),
    # in the order of the levels
    reb = unlist(reb_pools(fit, inputs)$el))
  answer(numbered(as.vector(errors)))
}

reb_pools <- function(fit, inputs) {
  from_bootmlm("get_reb_resid")(fit, lme4::getME(fit, "Zt"), marginal_residuals(fit),
                                scale = isTRUE(inputs$reb_scale))
}

marginal_residuals <- function(fit) {
  as.vector(lme4::getME(fit, "y") - lme4::getME(fit, "X") %*% lme4::fixef(fit))
}

# Cholesky factor of the variance of y, or of the residuals (zeros kept), over sigma^2.
marginal_root <- function(fit, inputs) {
  V <- from_bootmlm("get_V")(fit)
  if (isTRUE(inputs$corrected_trans)) {
    X <- lme4::getME(fit, "X")
    estimated <- X %*% as.matrix(stats::vcov(fit)) %*% t(X) / stats::sigma(fit)^2
    V <- methods::as((V - estimated) * (V != 0), "symmetricMatrix")
  }
  Matrix::chol(V)
}
