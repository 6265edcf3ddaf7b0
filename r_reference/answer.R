# The one way in: a request (a list with a model, a quantity and its inputs)
# becomes one line of JSON, whatever happens.

answer_request <- function(request) {
  started <- proc.time()[["elapsed"]]
  outcome <- tryCatch(
    answer_fields(request),
    error = function(e) list(status = json_text("error"),
                             error = json_text(conditionMessage(e)),
                             call = json_text(call_text(conditionCall(e)))))
  outcome$seconds <- sprintf("%.3f", proc.time()[["elapsed"]] - started)
  json_object(outcome)
}

# Where an error came from, short enough to print.
call_text <- function(call) {
  text <- paste(trimws(deparse(call, width.cutoff = 100)), collapse = " ")
  if (is.null(call)) "" else if (nchar(text) > 100) paste0(substr(text, 1, 100), "...") else text
}

answer_fields <- function(request) {
  compute <- get0(paste0("quantity_", request$quantity), mode = "function")
  if (is.null(compute)) stop("r_reference has no quantity '", request$quantity, "'")
  model <- if (is.null(request$model)) NULL else model_fetch(request$model)
  caught <- with_conditions(compute(model, request$inputs))
  evidence <- caught$value$evidence
  list(
    status = json_text("ok"),
    value = json_array(caught$value$value),
    theta = if (is.null(model)) "null" else json_array(model$fit@theta),
    evidence = json_object(lapply(evidence, json_array)),
    messages = json_texts(unique(c(model$messages, caught$messages))),
    warnings = json_texts(unique(c(model$warnings, caught$warnings))))
}

# R as the judge: its own deviance function at points that somebody else found.
quantity_judge <- function(m, inputs) {
  points <- matrix(inputs$points, ncol = length(m$fit@theta), byrow = TRUE)
  answer(numbered(apply(points, 1, m$criterion)))
}

quantity_judge_profile <- function(m, inputs) answer(profile_excess(m, inputs$icc))
