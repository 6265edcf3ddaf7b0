# What bootmlm says of a fitted model. Its functions are called where they stand,
# in the installed package; those it does not export are taken from its namespace.

from_bootmlm <- function(name) utils::getFromNamespace(name, "bootmlm")

quantity_devfun_mer <- function(m, inputs) {
  points <- grid_points(m, inputs)
  points <- cbind(points, stats::sigma(m$fit) * inputs$sigma_scale)
  deviance_of <- from_bootmlm("devfun_mer")(m$fit)
  answer(numbered(apply(points, 1, deviance_of)), points = points)
}

quantity_devfun_mer2 <- function(m, inputs) {
  points <- grid_points(m, inputs)
  deviance_of <- from_bootmlm("devfun_mer2")(m$fit)
  answer(numbered(apply(points, 1, deviance_of)), points = points)
}

# Where an entry of theta is zero, numDeriv steps by 1e-4 only and the difference
# drowns in rounding; the witness takes a hundred times that step from zero.
quantity_vcov_theta <- function(m, inputs) {
  wide <- numDeriv::hessian(m$criterion, m$fit@theta, method.args = list(eps = 0.01))
  answer(as.matrix(from_bootmlm("vcov_theta")(m$fit)), wide_step = 2 * solve(wide))
}

# numDeriv's steps are a tenth of each component, which can lead out of the parameter space;
# the witness takes a hundredth.
quantity_vcov_vc <- function(m, inputs) {
  covariance <- as.matrix(from_bootmlm("vcov_vc")(m$fit, sd_cor = inputs$sd_cor))
  narrow <- tryCatch(suppressWarnings(narrow_vcov_vc(m$fit, inputs$sd_cor)),
                     error = function(e) NULL)
  if (is.null(narrow)) return(answer(covariance))
  dimnames(narrow) <- dimnames(covariance)
  answer(covariance, narrow_step = narrow)
}

narrow_vcov_vc <- function(fit, sd_cor) {
  deviance_of <- from_bootmlm("devfun_mer")(fit)
  table <- as.data.frame(lme4::VarCorr(fit), order = "lower.tri")
  at_components <- function(x) {
    sigma <- x[length(x)]
    if (!sd_cor) sigma <- sqrt(sigma)
    deviance_of(c(components_to_theta(x[-length(x)], lengths(fit@cnms), sd_cor) / sigma, sigma))
  }
  hessian <- numDeriv::hessian(at_components, if (sd_cor) table$sdcor else table$vcov,
                               method.args = list(d = 0.01))
  2 * solve(hessian)
}

# Lower triangles, term by term, of covariances (or standard deviations and correlations), to
# those of their Cholesky factors.
components_to_theta <- function(x, sizes, sd_cor) {
  used <- 0
  theta <- lapply(sizes, function(size) {
    lower <- lower.tri(diag(size), diag = TRUE)
    block <- diag(0, size)
    block[lower] <- x[used + seq_len(sum(lower))]
    used <<- used + sum(lower)
    if (sd_cor) {
      sd <- diag(block)
      diag(block) <- 1
      block <- block * outer(sd, sd)
    }
    full <- block + t(block) - diag(diag(block), size)
    t(chol(full))[lower]
  })
  unlist(theta)
}

quantity_scores_mer <- function(m, inputs) {
  scores <- as.matrix(from_bootmlm("scores_mer")(m$fit, level = inputs$level))
  if (is.null(rownames(scores))) rownames(scores) <- seq_len(nrow(scores))
  answer(scores)
}

# limits, and R's own profile deviance above its minimum at each of them
quantity_prof_ci_icc <- function(m, inputs) {
  limits <- from_bootmlm("prof_ci_icc")(m$fit, level = inputs$level)
  answer(limits, excess = profile_excess(m, limits),
         quantile = stats::qchisq(inputs$level, 1))
}

icc_to_theta <- function(icc) sqrt(icc / (1 - icc))

profile_excess <- function(m, icc) {
  deviance_of <- from_bootmlm("devfun_mer2")(m$fit)
  least <- deviance_of(m$fit@theta)
  vapply(icc_to_theta(icc), deviance_of, 0) - least
}

quantity_solve_eigen_sqrt <- function(m, inputs) {
  size <- sqrt(length(inputs$M))
  answer(from_bootmlm("solve_eigen_sqrt")(
    matrix(inputs$M, size), matrix(inputs$b, size)))
}
