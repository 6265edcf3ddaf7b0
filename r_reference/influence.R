# Influence values by bootmlm's jackknife over clusters, with what is needed to
# judge them: where each of R's refits stopped and the criterion it reached there.

statistics <- list(
  fixef = function(fit) lme4::fixef(fit),
  sigma = function(fit) c(sigma = stats::sigma(fit)),
  theta = function(fit) stats::setNames(fit@theta, paste0("theta", seq_along(fit@theta))),
  icc = function(fit) c(icc = 1 / (1 + fit@theta[1]^(-2))))

# Several at once, under their own names (not "fixef.Days").
statistic_of <- function(names) {
  function(fit) do.call(c, lapply(unname(statistics[names]), function(f) f(fit)))
}

# bootmlm calls the statistic once on the fit and then once for every deletion, in
# the order of the clusters' levels, so a statistic that notes what it sees
# knows all of its refits.
noting_statistic <- function(names) {
  seen <- list()
  compute <- statistic_of(names)
  list(
    call = function(fit) {
      criterion <- if (lme4::isREML(fit)) lme4::REMLcrit(fit) else stats::deviance(fit)
      seen[[length(seen) + 1]] <<- c(fit@theta, criterion)
      compute(fit)
    },
    refits = function() do.call(rbind, seen[-1]))
}

stopping_points <- function(statistic, clusters) {
  refits <- statistic$refits()
  rownames(refits) <- clusters
  list(theta = refits[, -ncol(refits), drop = FALSE], criterion = refits[, ncol(refits)])
}

quantity_empinf_merm <- function(m, inputs) {
  statistic <- noting_statistic(inputs$statistics)
  influence <- from_bootmlm("empinf_merm")(m$fit, statistic$call)
  dimnames(influence) <- list(levels(m$fit@flist[[1]]),
                              names(statistic_of(inputs$statistics)(m$fit)))
  stops <- stopping_points(statistic, rownames(influence))
  answer(influence, theta_deleted = stops$theta, criterion_deleted = stops$criterion)
}

# R counts `index` from 1, pybootmlm from 0: the case says it from 0.
quantity_empinf_mer <- function(m, inputs) {
  statistic <- noting_statistic(inputs$statistics)
  influence <- from_bootmlm("empinf_mer")(m$fit, statistic$call, index = inputs$index + 1)
  names(influence) <- levels(m$fit@flist[[1]])
  stops <- stopping_points(statistic, names(influence))
  answer(influence, theta_deleted = stops$theta, criterion_deleted = stops$criterion)
}
