# The intraclass correlation: BCa, studentised and transformed intervals
library(lme4)
library(boot)
library(bootmlm)

m0 <- lmer(Yield ~ (1 | Batch), data = Dyestuff, REML = FALSE)
icc <- function(x) 1 / (1 + x@theta^(-2))
(icc0 <- icc(m0))

set.seed(840)
boo <- bootstrap_mer(m0, icc, nsim = 199, type = "residual_cgr")
inf_val <- empinf_mer(m0, icc, index = 1)
boo_ci <- boot::boot.ci(boo, type = c("norm", "basic", "perc", "bca"), index = 1L, L = inf_val)
boo_ci
tail(boo_ci$bca[1, ], 2)

# With its variance by the delta method, for studentised intervals
icc_var <- function(x) {
  th <- x@theta
  est <- 1 / (1 + th^(-2))
  th_var <- vcov_theta(x)
  c(est, (2 * th^(-3) / (1 + th^(-2))^2)^2 * th_var[1, 1])
}
two <- bootstrap_mer(m0, icc_var, nsim = 99, type = "residual")
two$t0
