"""The report as people and machines read it: one file a form, all from the same content."""
