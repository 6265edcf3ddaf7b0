"""Fits as frames and tables: tidy frames, several models side by side."""
