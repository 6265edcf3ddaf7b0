# lme4's bootstrap with a statistic of one's own, and boot's intervals
library(lme4)
library(boot)

fm <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE)
icc <- function(x) {
  v <- as.data.frame(VarCorr(x))[, "vcov"]
  v[1] / sum(v)
}
icc(fm)

set.seed(101)
boo <- bootMer(fm, icc, nsim = 199)
boo
sd(boo$t[, 1])
quantile(boo$t[, 1], c(0.025, 0.975))
boot.ci(boo, type = c("norm", "basic", "perc"), conf = c(0.9, 0.95))

# On the scale of the logit, carried back
boot.ci(boo, type = "norm", h = qlogis, hdot = function(u) 1 / (u - u^2), hinv = plogis)

# A seed given to bootMer() begins the stream anew
both <- bootMer(fm, function(x) c(fixef(x), sigma(x)), nsim = 99, seed = 7)
apply(both$t, 2, sd)
confint(fm, method = "boot", nsim = 99, boot.type = "basic")
