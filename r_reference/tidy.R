# A fit as frames (broom.mixed): a column of numbers for each.

quantity_tidy <- function(m, inputs) {
  found <- as.data.frame(broom.mixed::tidy(m$fit, effects = inputs$effects, conf.int = TRUE,
                                           conf.level = inputs$level))
  name <- function(column) {
    if (is.null(found[[column]])) return(rep("", nrow(found)))
    ifelse(is.na(found[[column]]), "", as.character(found[[column]]))
  }
  rows <- paste(name("effect"), name("group"), name("level"), name("term"), sep = "|")
  columns <- intersect(c("estimate", "std.error", "statistic", "conf.low", "conf.high"),
                       names(found))
  columns <- columns[vapply(found[columns], function(x) any(!is.na(x)), TRUE)]
  answer(table_of(found[columns], rows))
}

quantity_glance <- function(m, inputs) {
  found <- as.data.frame(broom.mixed::glance(m$fit))
  answer(stats::setNames(as.numeric(found[1, ]), names(found)))
}

quantity_augment <- function(m, inputs) {
  found <- as.data.frame(broom.mixed::augment(m$fit))
  columns <- intersect(c(".fitted", ".resid", ".hat", ".cooksd", ".fixed", ".mu", ".offset",
                         ".sqrtXwt", ".sqrtrwt", ".weights", ".wtres"), names(found))
  answer(table_of(found[columns], NULL))
}
