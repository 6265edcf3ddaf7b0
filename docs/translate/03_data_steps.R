# Data steps of base R: subsets, group means, centring, factors, merging
library(lme4)

d <- sleepstudy
d <- subset(d, Days >= 2)
d$days <- d$Days - 2
d$mean_reaction <- ave(d$Reaction, d$Subject)
d$within <- d$Reaction - d$mean_reaction
d$z <- as.numeric(scale(d$Reaction))
d$pace <- ifelse(d$mean_reaction > 300, "slow", "fast")
d$pace <- factor(d$pace, levels = c("fast", "slow"))
d$pace <- relevel(d$pace, ref = "slow")
table(d$pace)

means <- aggregate(Reaction ~ Subject + pace, data = d, FUN = mean)
means <- means[order(-means$Reaction), ]
head(means, 4)
tapply(d$Reaction, d$pace, median)

first <- d[d$days == 0, c("Subject", "Reaction")]
names(first) <- c("Subject", "baseline")
last <- with(d, d[days == 7, c("Subject", "Reaction")])
change <- merge(first, last, by = "Subject")
change <- transform(change, gain = Reaction - baseline)
nrow(change)
cor(change$baseline, change$gain)
quantile(change$gain, c(0.1, 0.5, 0.9))

fit <- lmer(Reaction ~ days * pace + (days | Subject), data = d,
            contrasts = list(pace = "contr.sum"))
fixef(fit)
