# From a model's description to lme4's fit, each fitted once a session.
#
# The call is written out with its values in place (formula, REML, control), and
# `data` stands in the formula's environment: bootmlm and lme4 evaluate that call
# again with `update()`.

model_table <- new.env()

# lme4 stops at xtol = ftol = 1e-6 by default; "tight" is the second witness.
model_control <- function(kind) {
  if (identical(kind, "tight")) {
    lme4::lmerControl(optCtrl = list(xtol_abs = 1e-10, xtol_rel = 1e-12,
                                     ftol_abs = 1e-12, ftol_rel = 1e-14,
                                     maxeval = 100000))
  } else {
    lme4::lmerControl()
  }
}

model_call <- function(model, ...) {
  home <- new.env(parent = globalenv())
  home$data <- data_fetch(model$data)
  form <- formula_read(model$formula, names(home$data), home)
  arguments <- list(quote(lme4::lmer), form, data = quote(data),
                    REML = isTRUE(model$reml),
                    control = model_control(model$control))
  if (identical(model$na_action, "exclude")) arguments$na.action <- quote(stats::na.exclude)
  if (!is.null(model$weights)) arguments$weights <- column_name(model$weights, home$data)
  if (!is.null(model$offset)) arguments$offset <- column_name(model$offset, home$data)
  eval(as.call(c(arguments, list(...))), home)
}

# A list: fit (merMod), criterion (lme4's own deviance function, built apart from
# the fit so that evaluating it cannot move the fit), messages and warnings.
model_fetch <- function(model) {
  key <- paste(model$data, model$formula, isTRUE(model$reml), model$weights,
               model$offset, model$control, model$na_action, sep = "\r")
  if (!exists(key, envir = model_table, inherits = FALSE)) {
    caught <- with_conditions(model_call(model))
    built <- list(fit = caught$value, messages = caught$messages,
                  warnings = caught$warnings)
    built$criterion <- suppressMessages(suppressWarnings(
      model_call(model, devFunOnly = TRUE)))
    assign(key, built, envir = model_table)
  }
  get(key, envir = model_table, inherits = FALSE)
}

# Everything that R says while `expr` runs, kept instead of printed.
with_conditions <- function(expr) {
  messages <- character()
  warnings <- character()
  value <- withCallingHandlers(
    expr,
    message = function(m) {
      messages <<- c(messages, trimws(conditionMessage(m)))
      invokeRestart("muffleMessage")
    },
    warning = function(w) {
      warnings <<- c(warnings, trimws(conditionMessage(w)))
      invokeRestart("muffleWarning")
    })
  list(value = value, messages = messages, warnings = warnings)
}
