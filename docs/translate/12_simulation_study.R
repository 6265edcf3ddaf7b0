# A small simulation study: does a Wald interval cover?
library(lme4)

fm <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE)
truth <- fixef(fm)[["Days"]]

covers <- function(m, value, level = 0.95) {
  se <- sqrt(vcov(m)[2, 2])
  z <- qnorm(1 - (1 - level) / 2)
  low <- fixef(m)[[2]] - z * se
  high <- fixef(m)[[2]] + z * se
  if (value < low) {
    return(0)
  }
  if (value > high) 0 else 1
}

set.seed(2024)
nsim <- 8
est <- numeric(nsim)
hits <- 0
for (i in 1:nsim) {
  y <- simulate(fm)[[1]]
  m <- refit(fm, y)
  est[i] <- fixef(m)[["Days"]]
  hits <- hits + covers(m, truth)
}
round(est, 3)
bias <- mean(est) - truth
cat(sprintf("bias %.3f, coverage %.2f\n", bias, hits / nsim))
