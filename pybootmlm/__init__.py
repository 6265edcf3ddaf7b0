"""R's bootmlm, and the part of lme4 it stands on, in native Python."""
