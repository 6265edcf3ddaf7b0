# The same with dplyr, by both pipes
library(dplyr)
library(lme4)

pupils <- sleepstudy %>%
  filter(Days > 1, Reaction < 450) %>%
  group_by(Subject) %>%
  mutate(level = mean(Reaction), dev = Reaction - mean(Reaction), n = n()) %>%
  ungroup() %>%
  mutate(days = Days - mean(Days), fast = if_else(level < 300, 1, 0)) %>%
  select(Subject, Reaction, days, level, dev, fast)

by_subject <- pupils |>
  group_by(Subject) |>
  summarise(m = mean(Reaction), s = sd(Reaction), rows = n()) |>
  arrange(desc(m)) |>
  head(5)
by_subject

set.seed(85957)
sub <- pupils %>%
  filter(Subject %in% sample(unique(Subject), 9)) %>%
  group_by(Subject) %>%
  sample_frac(size = 0.5) %>%
  ungroup()
fit <- lmer(Reaction ~ days + (1 | Subject), data = sub, REML = FALSE)
fit
