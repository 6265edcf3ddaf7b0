# Every packaged data set as R has it, one line a column, numbers as hexadecimal doubles.
# Independent of the exporter: it does not format decimals and it joins hsb by merge().
# usage: Rscript dump.R POP_SYN_CSV > file
arguments <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages({
  library(lme4)
  library(nlme)
})

pupils <- as.data.frame(MathAchieve)
pupils$row <- seq_len(nrow(pupils))
pupils$School <- as.integer(as.character(pupils$School))
schools <- data.frame(School = as.integer(as.character(MathAchSchool$School)), Sector = MathAchSchool$Sector)
joined <- merge(pupils, schools, by = "School")
joined <- joined[order(joined$row), ]
hsb <- with(joined, data.frame(
  id = as.factor(School), minority = Minority, sex = Sex, ses = SES,
  mathach = MathAch, meanses = MEANSES, sector = Sector
))

frames <- list(
  Dyestuff = Dyestuff, Dyestuff2 = Dyestuff2, sleepstudy = sleepstudy, Penicillin = Penicillin,
  Pastes = Pastes, cake = cake, InstEval = InstEval, Oxide = Oxide, Orthodont = Orthodont,
  hsb = hsb, pop_syn = read.csv(arguments[[1]])
)
for (name in names(frames)) {
  for (column in names(frames[[name]])) {
    x <- frames[[name]][[column]]
    kind <- if (is.ordered(x)) "ordered" else if (is.factor(x)) "factor" else typeof(x)
    values <- if (is.double(x)) sprintf("%a", x) else as.integer(x)
    cat(name, column, kind, paste(levels(x), collapse = "|"), paste(values, collapse = " "), sep = "\t")
    cat("\n")
  }
}
