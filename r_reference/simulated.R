# Simulated effects and intervals of predictions (arm, merTools): no numbers to be compared one by
# one, for they are drawn in another way; only what their distributions are.

# Standard deviations of draws (a column each), and how far in these the means are from where they
# should be.
moments_of <- function(draws, centre, names) {
  spread <- apply(draws, 2, stats::sd)
  values <- cbind(sd = spread, shift = (colMeans(draws) - centre) / spread)
  structure(values, dimnames = list(names, colnames(values)))
}

quantity_sim <- function(m, inputs) {
  set.seed(inputs$seed)
  drawn <- arm::sim(m$fit, inputs$nsim)
  modes <- lme4::ranef(m$fit, condVar = FALSE)
  parts <- list(moments_of(drawn@fixef, lme4::fixef(m$fit), names(lme4::fixef(m$fit))))
  for (group in names(modes)) {
    for (term in colnames(modes[[group]])) {
      names <- paste(group, rownames(modes[[group]]), term, sep = "|")
      draws <- matrix(drawn@ranef[[group]][, , term], inputs$nsim)
      parts <- c(parts, list(moments_of(draws, modes[[group]][[term]], names)))
    }
  }
  answer(do.call(rbind, parts))
}

quantity_re_sim <- function(m, inputs) {
  found <- merTools::REsim(m$fit, n.sims = inputs$nsim, seed = inputs$seed)
  modes <- as.data.frame(lme4::ranef(m$fit, condVar = FALSE))
  key <- function(group, level, term) paste(group, level, term, sep = "|")
  rows <- key(found$groupFctr, found$groupID, found$term)
  centre <- modes$condval[match(rows, key(modes$grpvar, modes$grp, modes$term))]
  values <- cbind(sd = found$sd, shift = (found$mean - centre) / found$sd,
                  middle = (found$median - centre) / found$sd)
  answer(structure(values, dimnames = list(rows, colnames(values))))
}

# How wide the intervals are, and the point in their middle.
quantity_predict_interval <- function(m, inputs) {
  found <- merTools::predictInterval(m$fit, which = inputs$which, level = inputs$level,
                                     n.sims = inputs$nsim, seed = inputs$seed,
                                     include.resid.var = inputs$resid_var)
  answer(cbind(width = found$upr - found$lwr, fit = found$fit))
}
