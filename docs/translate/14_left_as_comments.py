"""Translated from 14_left_as_comments.R by `parity translate`."""

import pandas as pd
import pybootmlm as bm

# What has no Python that is sure to mean the same stays, as a comment

# R, line 5, not translated: attach() makes columns look like variables; name the data
# where they are used
#     attach(sleepstudy)
# R, line 6, not translated: glmer() fits a kind of model that pybootmlm does not have
#     gm <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd),
#                 data = cbpp, family = binomial)
# R, line 8, not translated: it uses `gm`, which line 6 sets and which is not translated
#     fixef(gm)
Days = 3
own = pd.read_csv("own.csv")
# R, line 11, not translated: `Days` may be a column of the data or the variable of that
# name, and the columns of the data are not known
#     late <- subset(own, Days > 5)
# where the condition is NA, R has a row of NA, and pandas none
kept = own[own["Days"] > 5]

# `control` is left out: it steers lme4's optimisers; pybootmlm has one of its own,
# which goes on until the optimum is exact (bm.LmerControl steers that)
sleepstudy = bm.load_dataset("sleepstudy")
fit = bm.lmer("Reaction ~ Days + (1 | Subject)", sleepstudy)
print(fit.fixef)
