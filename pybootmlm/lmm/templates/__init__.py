"""Covariance structures: how theta fills a term's Lambda, one file for each.

`pybootmlm.lmm.templates.template` says what a structure must know; `structures` lists them.
"""
