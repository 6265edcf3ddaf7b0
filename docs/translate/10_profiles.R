# Profile likelihood: limits of standard deviations and fixed effects
library(lme4)

fm <- lmer(Yield ~ 1 + (1 | Batch), Dyestuff2, REML = FALSE)
isSingular(fm)
fm <- lmer(strength ~ 1 + (1 | batch/cask), Pastes, REML = FALSE)
ngrps(fm)
pr <- profile(fm, which = c(".sig01", ".sigma"))
confint(pr)
confint(fm, parm = "(Intercept)")
confint(fm, level = 0.8, oldNames = FALSE)
rowSums(confint(fm, method = "Wald", parm = "beta_"))
