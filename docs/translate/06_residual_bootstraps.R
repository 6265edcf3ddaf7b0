# bootmlm's bootstraps of residuals and of whole clusters, in one stream
library(lme4)
library(boot)
library(bootmlm)

m0 <- lmer(Reaction ~ Days + (1 | Subject), data = sleepstudy, REML = FALSE)
est <- function(x) c(getME(x, "beta"), sigma(x))

set.seed(85957)
types <- c("residual", "residual_cgr", "residual_trans", "reb")
boo_res <- bootstrap_mer(m0, est, nsim = 99L, type = "residual")
boo_cgr <- bootstrap_mer(m0, est, nsim = 99L, type = "residual_cgr")
boo_tra <- bootstrap_mer(m0, est, nsim = 99L, type = "residual_trans", corrected_trans = TRUE)
boo_reb <- bootstrap_mer(m0, est, nsim = 99L, type = "reb", reb_scale = TRUE)
boo_cas <- bootstrap_mer(m0, est, nsim = 99L, type = "case", lv1_resample = TRUE)

boos <- list(boo_res, boo_cgr, boo_tra, boo_reb, boo_cas)
ses <- sapply(boos, function(b) sd(b$t[, 2]))
round(ses, 3)
for (b in boos) {
  print(boot.ci(b, index = 2, type = "perc"))
}
