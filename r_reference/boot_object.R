# An object of class boot described in plain values.

boot_file <- function(path) boot_json(readRDS(path))

boot_json <- function(boot) {
  caught <- tryCatch(boot_fields(boot), error = function(e)
    list(status = json_text("error"), error = json_text(conditionMessage(e))))
  json_object(caught)
}

boot_fields <- function(boot) {
  if (!inherits(boot, "boot")) {
    return(list(status = json_text("refused"), class = json_texts(class(boot))))
  }
  t <- as.matrix(boot$t)
  list(
    status = json_text("ok"),
    class = json_texts(class(boot)),
    t0 = json_numbers(boot$t0),
    names = json_texts(if (is.null(names(boot$t0))) colnames(t) else names(boot$t0)),
    columns = json_numbers(ncol(t)),
    t = json_numbers(t),
    sim = json_texts(boot$sim),
    type = json_texts(if (is.character(boot$call$type)) boot$call$type),
    said = json_texts(names(attr(boot, "boot.fail.msgs"))))
}
