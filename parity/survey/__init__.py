"""Which Python mixed-model library agrees with lme4 on what: the page of the documentation."""

from parity.survey.collect import survey_library
from parity.survey.document import Survey, Surveyed, read_survey, survey_text
from parity.survey.page import page_text

__all__ = ["Survey", "Surveyed", "page_text", "read_survey", "survey_library", "survey_text"]
