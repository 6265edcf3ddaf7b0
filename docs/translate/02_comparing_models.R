# Which random effects, which fixed effects?
library(lme4)

m0 <- lmer(Reaction ~ 1 + (1 | Subject), sleepstudy, REML = FALSE)
m1 <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE)
m2 <- update(m1, . ~ . - (1 | Subject) + (Days | Subject))
anova(m0, m1, m2)
drop1(m2, test = "Chisq")

# The same test, step by step
chi <- as.numeric(2 * (logLik(m1) - logLik(m0)))
p <- pchisq(chi, df = 1, lower.tail = FALSE)
cat("chi-square", round(chi, 2), "\n")

fits <- list(none = m0, intercept = m1, slope = m2)
sapply(fits, AIC)
sapply(fits, BIC)
if (AIC(m2) < AIC(m1)) {
  best <- m2
} else {
  best <- m1
}
fixef(best)
