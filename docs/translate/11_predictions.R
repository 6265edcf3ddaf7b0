# Predictions for rows of one's own, with and without random effects
library(lme4)

fm <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE)
new <- expand.grid(Days = c(0, 5, 10), Subject = c("308", "335"))
new$known <- predict(fm, newdata = new)
new$mean <- predict(fm, newdata = new, re.form = NA)
new$shift <- new$known - new$mean
new

other <- data.frame(Days = 3, Subject = "somebody")
predict(fm, other, allow.new.levels = TRUE)
worst <- sleepstudy[which.max(abs(resid(fm))), ]
worst
cor(fitted(fm), sleepstudy$Reaction)^2
rmse <- function(m) sqrt(mean(resid(m)^2))
rmse(fm)
head(cooks.distance(lmer(Reaction ~ Days + (1 | Subject), sleepstudy)), 3)
