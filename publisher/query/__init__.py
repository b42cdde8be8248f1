"""SPARQL in workers that can be killed: a query gets no more time, memory, rows or bytes than the operator allows."""

from publisher.query.engine import Answer, Engine
from publisher.query.limits import Limits, limits
from publisher.query.text import Form, QueryText, form

__all__ = ["Answer", "Engine", "Form", "Limits", "QueryText", "form", "limits"]
