# What lme4 does wrong beside what the other scripts here show; see docs/coming_from_r.md.
#
# Writes faults.json beside itself, or to the file named:  Rscript faults.R [FILE]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "data.R"))
own <- prepared("sleep+")
own$week <- own$Days %/% 5
quietly <- function(expression) suppressWarnings(suppressMessages(expression))
message_of <- function(expression) {
  tryCatch({ expression; "" }, error = function(e) conditionMessage(e))
}

# Two effects of one name: coef() should add both to the fixed effect.
double <- quietly(lmer(Reaction ~ Days + (1 | Subject) + (1 + Days | Subject), own))
effects <- as.matrix(ranef(double)$Subject)
first <- coef(double)$Subject[["(Intercept)"]] - fixef(double)[[1]]

# An offset given as an argument.
shifted <- lmer(Reaction ~ Days + (1 | Subject), own, offset = off)
gap <- predict(shifted, newdata = own) - fitted(shifted)

# Several columns as groups.
intercept <- lmer(Reaction ~ Days + (1 | Subject), own)
deleted <- influence(intercept, c("sex", "week"))$deleted

mean_only <- lmer(Yield ~ 1 + (1 | Batch), Dyestuff)

write_record("faults", list(
  coef = list(found = exact(first), first = exact(effects[, 1]),
              both = exact(effects[, 1] + effects[, 2])),
  offset = list(gap = exact(gap), offset = exact(own$off)),
  influence = list(sets = unbox(length(unique(deleted))), rows = unbox(nrow(own))),
  dfbetas = unbox(message_of(dfbetas(influence(mean_only, "Batch"))))
))
