# What has no Python that is sure to mean the same stays, as a comment
library(lme4)
options(digits = 4)

attach(sleepstudy)
gm <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd),
            data = cbpp, family = binomial)
fixef(gm)
Days <- 3
own <- read.csv("own.csv")
late <- subset(own, Days > 5)
kept <- own[own$Days > 5, ]

fit <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy,
            control = lmerControl(optimizer = "Nelder_Mead"))
fixef(fit)
