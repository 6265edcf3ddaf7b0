# One stream through the script: R's draws are kept
library(lme4)

set.seed(42)
u <- runif(3)
z <- rnorm(5, mean = 10, sd = 2)
ids <- sample(unique(sleepstudy$Subject), 6)
coin <- sample(c("head", "tail"), 5, replace = TRUE)
dice <- sample.int(6, 10, replace = TRUE)
sub <- sleepstudy[sleepstudy$Subject %in% ids, ]
rows <- sleepstudy[sample(nrow(sleepstudy), 5), ]
rows

fit <- lmer(Reaction ~ Days + (1 | Subject), data = sub, REML = FALSE)
y <- simulate(fit, nsim = 2)
head(y, 3)
again <- refit(fit, y[[1]])
fixef(again)

set.seed(42)
u == runif(3)
