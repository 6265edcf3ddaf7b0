# Writes frame.rds, the data frame of tests/parity/test_data_files.py: Rscript frame.R
frame <- data.frame(
  x = c(0.1, 1 / 3, NA, 5e-324),
  dose = factor(c("hi`\u00df", NA, "lo w", "mid\"q"),
                levels = c("lo w", "mid\"q", "hi`\u00df", "never"), ordered = TRUE),
  g = factor(c("b", "a", "b", "a"), levels = c("b", "a")),
  n = c(1L, NA, 3L, -4L), ok = c(TRUE, NA, TRUE, FALSE))
names(frame)[1] <- "gr\u00f6\u00dfe \u00b5"
saveRDS(frame, "frame.rds")
# ... and list.rds, which is none.
saveRDS(list(a = c(1, 2)), "list.rds")
