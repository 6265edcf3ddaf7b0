# Any quantity at a theta that somebody else found: lme4 puts the model there without optimising.
# So a library that can only be asked at its own optimum is compared with lme4 at that optimum.

quantity_at_theta <- function(m, inputs) {
  compute <- get0(paste0("quantity_", inputs$quantity), mode = "function")
  if (is.null(compute)) stop("r_reference has no quantity '", inputs$quantity, "'")
  # As values, not as names: update() evaluates its arguments where the formula was written.
  changed <- list(m$fit, start = inputs$theta, control = lme4::lmerControl(optimizer = NULL))
  there <- suppressMessages(suppressWarnings(do.call(stats::update, changed)))
  stopifnot(identical(as.numeric(there@theta), as.numeric(inputs$theta)))
  answer(compute(list(fit = there, criterion = m$criterion), inputs$inputs)$value)
}
