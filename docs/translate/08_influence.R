# Influence of clusters, scores, asymptotic covariances
library(lme4)
library(bootmlm)

fm <- lmer(distance ~ age + (1 | Subject), data = nlme::Orthodont, REML = FALSE)
sds <- function(x) as.data.frame(VarCorr(x))[, "sdcor"]
head(empinf_merm(fm, sds), 3)
vcov_vc(fm, sd_cor = TRUE)
vcov_vc(fm, sd_cor = FALSE)
dd <- devfun_mer(fm)
dd(c(fm@theta, sigma(fm)))
scores <- scores_mer(fm)
colMeans(scores)

boo <- bootstrap_mer(fm, sds, nsim = 99, type = "case", seed = 3)
confint(boo, type = "perc")
boot::boot.ci(boo, index = 2, type = "bca", L = empinf_mer(fm, sds, 2))
