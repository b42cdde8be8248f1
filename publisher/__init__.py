"""Publishes library records as linked data: Dublin Core and BIBO, checked by SHACL, served by Flask."""

__version__ = "0.1.0"
