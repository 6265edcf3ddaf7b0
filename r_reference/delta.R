# The delta method by hand: numDeriv's derivatives of a statistic of (beta, theta, sigma), and of
# the criterion for the covariance of (theta, sigma).

# The criterion as a function of theta and sigma, the fixed effects profiled out; from the parts
# of lme4's own deviance function. (The weights' part does not depend on either.)
joint_criterion <- function(m) {
  parts <- environment(m$criterion)
  reml <- lme4::isREML(m$fit)
  df <- stats::nobs(m$fit) - if (reml) length(lme4::fixef(m$fit)) else 0
  function(at) {
    sigma <- at[length(at)]
    m$criterion(at[-length(at)])
    determinants <- parts$pp$ldL2() + if (reml) parts$pp$ldRX2() else 0
    determinants + (parts$resp$wrss() + parts$pp$sqrL(1)) / sigma^2 + df * log(2 * pi * sigma^2)
  }
}

# Statistics as functions of the parameters: bootmlm's users' own, written out.
statistics_of_parameters <- list(
  var_corr_sd = function(m, beta, theta, sigma) {
    components <- lme4::mkVarCorr(sigma, m$fit@cnms, lengths(m$fit@cnms), theta,
                                  names(m$fit@cnms))
    fit <- structure(components, useSc = TRUE, class = "VarCorr.merMod")
    as.data.frame(fit, order = "lower.tri")$sdcor
  },
  icc = function(m, beta, theta, sigma) theta^2 / (1 + sum(theta^2)),
  r2 = function(m, beta, theta, sigma) {
    fixed <- stats::var(as.vector(lme4::getME(m$fit, "X") %*% beta))
    covariances <- lme4::mkVarCorr(sigma, m$fit@cnms, lengths(m$fit@cnms), theta,
                                   names(m$fit@cnms))
    random <- sum(mapply(function(Z, covariance) mean(rowSums((Z %*% covariance) * Z)),
                         lme4::getME(m$fit, "mmList"), covariances))
    c(fixed, fixed + random) / (fixed + random + sigma^2)
  })

quantity_delta_method <- function(m, inputs) {
  beta <- lme4::fixef(m$fit)
  theta <- m$fit@theta
  sigma <- stats::sigma(m$fit)
  split <- function(at) {
    list(beta = at[seq_along(beta)], theta = at[length(beta) + seq_along(theta)],
         sigma = at[length(at)])
  }
  statistic <- function(at) {
    at <- split(at)
    statistics_of_parameters[[inputs$statistic]](m, at$beta, at$theta, at$sigma)
  }
  here <- c(unname(beta), theta, sigma)
  jacobian <- numDeriv::jacobian(statistic, here)
  covariance <- matrix(0, length(here), length(here))
  fixed <- seq_along(beta)
  covariance[fixed, fixed] <- as.matrix(stats::vcov(m$fit))
  covariance[-fixed, -fixed] <- 2 * solve(numDeriv::hessian(joint_criterion(m), c(theta, sigma)))
  error <- sqrt(diag(jacobian %*% covariance %*% t(jacobian)))
  answer(cbind("Std. Error" = error, Estimate = statistic(here)))
}
