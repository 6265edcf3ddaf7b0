# A first model: how reaction times grow over days without sleep
library(lme4)

str(sleepstudy)
fm <- lmer(Reaction ~ Days + (Days | Subject), data = sleepstudy)
summary(fm)

fixef(fm)
VarCorr(fm)
head(ranef(fm)$Subject, 3)
sigma(fm)

# Wald limits by hand, and by confint()
se <- sqrt(diag(vcov(fm)))
fixef(fm)["Days"] + c(-1, 1) * qnorm(0.975) * se[2]
confint(fm, parm = "beta_", method = "Wald")
