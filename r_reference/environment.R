# What this R is, and what it lacks.

reference_packages <- c("lme4", "Matrix", "bootmlm", "numDeriv", "boot")

# Packages of some quantities only, each of which needs its own and no other's.
beside_packages <- c("lmerTest", "pbkrtest", "RLRsim", "emmeans", "arm", "merTools",
                     "broom.mixed", "nlme")

installed_version <- function(package) {
  if (nzchar(system.file(package = package))) {
    as.character(utils::packageVersion(package))
  } else {
    NA_character_
  }
}

reference_environment <- function() {
  versions <- vapply(c(reference_packages, beside_packages), installed_version, "")
  kinds <- RNGkind()
  fields <- c(
    R = paste(R.version$major, R.version$minor, sep = "."),
    versions[!is.na(versions)],
    platform = R.version$platform,
    os = utils::osVersion,
    blas = basename(extSoftVersion()[["BLAS"]]),
    lapack = La_version(),
    rng_kind = kinds[1], rng_normal_kind = kinds[2], rng_sample_kind = kinds[3],
    locale = Sys.getlocale("LC_CTYPE"))
  json_object(as.list(stats::setNames(json_text(fields), names(fields))))
}

# Settings that change numbers or their text, the same in every session, whatever the locale of
# whoever starts R: text is sorted into levels by its code points, and names keep every letter.
reference_settings <- function() {
  Sys.setlocale("LC_COLLATE", "C")
  for (name in c("C.UTF-8", "en_US.UTF-8", "UTF-8")) {
    if (isTRUE(l10n_info()[["UTF-8"]])) break
    suppressWarnings(Sys.setlocale("LC_CTYPE", name))
  }
  RNGkind("Mersenne-Twister", "Inversion", "Rejection")
  options(warn = 1, OutDec = ".", na.action = "na.omit",
          contrasts = c("contr.treatment", "contr.poly"))
  invisible()
}
