# Data arrive as plain columns, each with its kind, so that a factor has the levels
# (and the order of levels) that Python holds, and a missing value is R's NA.

data_column <- function(column) {
  missing <- as.integer(column$missing)
  x <- switch(column$kind,
    numeric = as.double(column$values),
    integer = as.integer(column$values),
    logical = as.logical(column$values),
    character = as.character(column$values),
    factor = {
      codes <- as.integer(column$values)
      codes[missing] <- NA_integer_
      factor(column$levels[codes], levels = column$levels, ordered = column$ordered)
    },
    stop("unknown kind of column: ", column$kind))
  x[missing] <- NA
  x
}

data_table <- new.env()

data_store <- function(name, columns) {
  frame <- lapply(columns, data_column)
  attr(frame, "row.names") <- .set_row_names(length(frame[[1]]))
  class(frame) <- "data.frame"
  assign(name, frame, envir = data_table)
  invisible(nrow(frame))
}

data_fetch <- function(name) {
  if (!exists(name, envir = data_table, inherits = FALSE)) {
    stop("no data set '", name, "' has been sent to this R")
  }
  get(name, envir = data_table, inherits = FALSE)
}
